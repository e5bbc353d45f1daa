"""The store in one SQLite file, shared by every instance of this machine.

One thread of its own owns the connection, so the event loop never waits for a disk. Write-ahead logging lets other
instances read while one writes; writers wait for each other up to STORE_WAIT_S.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from alive_core.constants import (
    CHAIN_LIMIT,
    STORE_LIMIT_BYTES,
    STORE_RETENTION_S,
    STORE_WAIT_S,
)
from alive_core.database import Database, transaction
from alive_core.errors import StoreFailed
from alive_core.store.contract import StoredConversation, StoredItem, StoredResponse

Result = TypeVar("Result")

FILE_NAME: Final = "store.sqlite"

# `records` are responses and conversations, told apart by `kind`; `used` is when one was written or continued last.
# `total` has one row, kept by triggers: the bytes of everything stored.
_TABLES: Final = """
CREATE TABLE records (
    key INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('response', 'conversation')),
    owner TEXT NOT NULL,
    id TEXT NOT NULL,
    used REAL NOT NULL,
    previous TEXT,
    conversation TEXT,
    created INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (owner, id)
) STRICT;
CREATE INDEX records_used ON records (used);
CREATE TABLE items (
    key INTEGER PRIMARY KEY,
    record INTEGER NOT NULL REFERENCES records (key) ON DELETE CASCADE,
    id TEXT NOT NULL,
    is_output INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX items_record ON items (record);
CREATE INDEX items_id ON items (id);
CREATE TABLE total (bytes INTEGER NOT NULL) STRICT;
INSERT INTO total VALUES (0);
CREATE TRIGGER record_added AFTER INSERT ON records BEGIN
    UPDATE total SET bytes = bytes + length(new.body);
END;
CREATE TRIGGER record_changed AFTER UPDATE OF body ON records BEGIN
    UPDATE total SET bytes = bytes - length(old.body) + length(new.body);
END;
CREATE TRIGGER record_gone AFTER DELETE ON records BEGIN
    UPDATE total SET bytes = bytes - length(old.body);
END;
CREATE TRIGGER item_added AFTER INSERT ON items BEGIN
    UPDATE total SET bytes = bytes + length(new.body);
END;
CREATE TRIGGER item_gone AFTER DELETE ON items BEGIN
    UPDATE total SET bytes = bytes - length(old.body);
END;
"""

STEPS: Final = (_TABLES,)
DATABASE: Final = Database("store", STEPS, STORE_WAIT_S, "Move it away, or turn the store off with ALIVE_STORE=off.")


class SqliteStore:
    """A `Store` in `file`. `clock` is Unix seconds; `limit` is bytes of everything stored together.

    The file is made when it is first needed, readable by its user only.
    """

    def __init__(self, file: Path, *, clock: Callable[[], float] = time.time, limit: int = STORE_LIMIT_BYTES) -> None:
        self.file, self._clock, self._limit = file, clock, limit
        self._connection: sqlite3.Connection | None = None
        self._is_closed = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    async def save_response(self, owner: str, response: StoredResponse) -> None:
        """See `Store`."""

        def save(connection: sqlite3.Connection) -> None:
            self._use_chain(connection, owner, response.previous)
            key = self._insert(
                connection,
                "response",
                owner,
                response.id,
                body=response.body,
                previous=response.previous,
                conversation=response.conversation,
                created=int(self._clock()),
            )
            _insert_items(connection, key, response.input, is_output=False)
            _insert_items(connection, key, response.output, is_output=True)
            self._make_room(connection)

        await self._write(save)

    async def response(self, owner: str, response_id: str) -> StoredResponse | None:
        """See `Store`."""
        return await self._read(lambda connection: self._response(connection, owner, response_id))

    async def delete_response(self, owner: str, response_id: str) -> bool:
        """See `Store`."""
        return await self._write(lambda connection: self._delete(connection, "response", owner, response_id))

    async def chain(self, owner: str, response_id: str) -> list[StoredResponse]:
        """See `Store`."""

        def read(connection: sqlite3.Connection) -> list[StoredResponse]:
            keys = self._chain_keys(connection, owner, response_id)
            return [_whole_response(connection, key) for key in reversed(keys)]

        return await self._read(read)

    async def save_conversation(
        self, owner: str, conversation: StoredConversation, items: Sequence[StoredItem] = ()
    ) -> None:
        """See `Store`."""
        body = msgspec.json.encode(conversation.metadata)

        def save(connection: sqlite3.Connection) -> None:
            key = self._key(connection, "conversation", owner, conversation.id)
            if key is None:
                key = self._insert(
                    connection, "conversation", owner, conversation.id, body=body, created=conversation.created
                )
            else:
                connection.execute("UPDATE records SET body = ?, used = ? WHERE key = ?", (body, self._clock(), key))
            _insert_items(connection, key, items, is_output=False)
            self._make_room(connection)

        await self._write(save)

    async def conversation(self, owner: str, conversation_id: str) -> StoredConversation | None:
        """See `Store`."""

        def read(connection: sqlite3.Connection) -> StoredConversation | None:
            key = self._key(connection, "conversation", owner, conversation_id)
            if key is None:
                return None
            created, body = connection.execute("SELECT created, body FROM records WHERE key = ?", (key,)).fetchone()
            return StoredConversation(conversation_id, created, msgspec.json.decode(body, type=dict[str, str]))

        return await self._read(read)

    async def delete_conversation(self, owner: str, conversation_id: str) -> bool:
        """See `Store`."""
        return await self._write(lambda connection: self._delete(connection, "conversation", owner, conversation_id))

    async def add_items(self, owner: str, conversation_id: str, items: Sequence[StoredItem]) -> bool:
        """See `Store`."""

        def add(connection: sqlite3.Connection) -> bool:
            key = self._key(connection, "conversation", owner, conversation_id)
            if key is None:
                return False
            connection.execute("UPDATE records SET used = ? WHERE key = ?", (self._clock(), key))
            _insert_items(connection, key, items, is_output=False)
            self._make_room(connection)
            return True

        return await self._write(add)

    async def items(self, owner: str, conversation_id: str) -> list[StoredItem]:
        """See `Store`."""

        def read(connection: sqlite3.Connection) -> list[StoredItem]:
            key = self._key(connection, "conversation", owner, conversation_id)
            return [] if key is None else list(_items(connection, key, is_output=False))

        return await self._read(read)

    async def delete_item(self, owner: str, conversation_id: str, item_id: str) -> bool:
        """See `Store`."""

        def delete(connection: sqlite3.Connection) -> bool:
            key = self._key(connection, "conversation", owner, conversation_id)
            gone = connection.execute("DELETE FROM items WHERE record = ? AND id = ?", (key, item_id))
            return gone.rowcount > 0

        return await self._write(delete)

    async def find_items(self, owner: str, item_ids: Sequence[str]) -> dict[str, StoredItem]:
        """See `Store`."""

        def read(connection: sqlite3.Connection) -> dict[str, StoredItem]:
            found = {}
            for item_id in item_ids:
                row = connection.execute(
                    "SELECT items.body FROM items JOIN records ON records.key = items.record"
                    " WHERE items.id = ? AND owner = ? AND used > ? ORDER BY items.key DESC LIMIT 1",
                    (item_id, owner, self._oldest),
                ).fetchone()
                if row is not None:
                    found[item_id] = StoredItem(item_id, row[0])
            return found

        return await self._read(read)

    async def clear(self) -> int:
        """See `Store`."""
        count = await self._write(lambda connection: connection.execute("DELETE FROM records").rowcount)
        await self._run(None, lambda connection: connection.execute("VACUUM"))
        await self._run(None, lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)"))
        return count

    async def close(self) -> None:
        """See `Store`."""

        def end() -> None:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

        if not self._is_closed:
            self._is_closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, end)
            self._thread.shutdown()

    # --- In the store's own thread ---------------------------------------------------------------------
    async def _read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        return await self._run("DEFERRED", work)

    async def _write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        return await self._run("IMMEDIATE", work)

    async def _run(self, mode: str | None, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do `work` in one transaction; without a mode, outside of any."""

        def transact() -> Result:
            try:
                if self._connection is None:
                    self._connection = open_file(self.file)
                if mode is None:
                    return work(self._connection)
                with transaction(self._connection, mode):
                    return work(self._connection)
            except (sqlite3.Error, OSError) as error:
                raise StoreFailed(f"The store of responses and conversations cannot be used now: {error}.") from error

        return await asyncio.get_running_loop().run_in_executor(self._thread, transact)

    @property
    def _oldest(self) -> float:
        """What was used last before this is gone."""
        return self._clock() - STORE_RETENTION_S

    def _key(self, connection: sqlite3.Connection, kind: str, owner: str, record_id: str) -> int | None:
        row = connection.execute(
            "SELECT key FROM records WHERE kind = ? AND owner = ? AND id = ? AND used > ?",
            (kind, owner, record_id, self._oldest),
        ).fetchone()
        return None if row is None else int(row[0])

    def _insert(
        self,
        connection: sqlite3.Connection,
        kind: str,
        owner: str,
        record_id: str,
        *,
        body: bytes,
        created: int,
        previous: str | None = None,
        conversation: str | None = None,
    ) -> int:
        added = connection.execute(
            "INSERT INTO records (kind, owner, id, used, previous, conversation, created, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (kind, owner, record_id, self._clock(), previous, conversation, created, body),
        )
        assert added.lastrowid is not None
        return added.lastrowid

    def _delete(self, connection: sqlite3.Connection, kind: str, owner: str, record_id: str) -> bool:
        key = self._key(connection, kind, owner, record_id)
        connection.execute("DELETE FROM records WHERE key = ?", (key,))
        return key is not None

    def _response(self, connection: sqlite3.Connection, owner: str, response_id: str) -> StoredResponse | None:
        key = self._key(connection, "response", owner, response_id)
        return None if key is None else _whole_response(connection, key)

    def _chain_keys(self, connection: sqlite3.Connection, owner: str, response_id: str | None) -> list[int]:
        """The keys of a response and all it continues, newest first."""
        keys: list[int] = []
        while response_id is not None and len(keys) < CHAIN_LIMIT:
            key = self._key(connection, "response", owner, response_id)
            if key is None:
                break
            keys.append(key)
            (response_id,) = connection.execute("SELECT previous FROM records WHERE key = ?", (key,)).fetchone()
        return keys

    def _use_chain(self, connection: sqlite3.Connection, owner: str, previous: str | None) -> None:
        keys = self._chain_keys(connection, owner, previous)
        connection.executemany("UPDATE records SET used = ? WHERE key = ?", [(self._clock(), key) for key in keys])

    def _make_room(self, connection: sqlite3.Connection) -> None:
        """Forget what is too old, then the oldest until the rest fits."""
        connection.execute("DELETE FROM records WHERE used <= ?", (self._oldest,))
        while connection.execute("SELECT bytes FROM total").fetchone()[0] > self._limit:
            connection.execute("DELETE FROM records WHERE key = (SELECT key FROM records ORDER BY used, key LIMIT 1)")


def open_file(file: Path, *, steps: Sequence[str] = STEPS) -> sqlite3.Connection:
    """A connection to `file`, which is made or upgraded where needed.

    Raises ConfigurationError where the file was written by a newer version, sqlite3.Error where it cannot be used.
    """
    connection = replace(DATABASE, steps=steps).open(file)
    connection.execute("PRAGMA secure_delete = ON")  # what was deleted must not stay readable in the file
    return connection


def check_file(file: Path) -> None:
    """Raise ConfigurationError where `file` is there and cannot be used; a missing one is fine."""
    DATABASE.check(file)


def _insert_items(
    connection: sqlite3.Connection, record: int, items: Sequence[StoredItem], *, is_output: bool
) -> None:
    connection.executemany(
        "INSERT INTO items (record, id, is_output, body) VALUES (?, ?, ?, ?)",
        [(record, item.id, int(is_output), item.body) for item in items],
    )


def _items(connection: sqlite3.Connection, record: int, *, is_output: bool) -> Iterator[StoredItem]:
    rows = connection.execute(
        "SELECT id, body FROM items WHERE record = ? AND is_output = ? ORDER BY key", (record, int(is_output))
    )
    return (StoredItem(item_id, body) for item_id, body in rows)


def _whole_response(connection: sqlite3.Connection, key: int) -> StoredResponse:
    response_id, body, previous, conversation = connection.execute(
        "SELECT id, body, previous, conversation FROM records WHERE key = ?", (key,)
    ).fetchone()
    return StoredResponse(
        response_id,
        body,
        tuple(_items(connection, key, is_output=False)),
        tuple(_items(connection, key, is_output=True)),
        previous,
        conversation,
    )
