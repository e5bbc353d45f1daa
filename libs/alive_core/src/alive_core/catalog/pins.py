"""What a model was when it was first fetched, so that it stays that: its exact revision and the hash of every file.

One small database in the state directory. It outlives the model's files: whoever removes a model and pulls it again
gets the same one. A pin counts for the source it was taken from; where the catalogue moves on to another source or
revision, a new one is taken.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from alive_core.catalog.entry import Entry, Source, source_key
from alive_core.constants import PINS_WAIT_S
from alive_core.database import Database, transaction
from alive_core.errors import ConfigurationError

FILE_NAME: Final = "pins.sqlite"
DATABASE: Final = Database(
    "record of pinned models",
    (
        """
CREATE TABLE pins (
    name TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    revision TEXT,
    pinned TEXT NOT NULL,
    sha256 TEXT NOT NULL
) STRICT;
""",
    ),
    PINS_WAIT_S,
    "Restore it from a backup, or move it away: then the next pull of each model pins anew.",
)


class Pin(msgspec.Struct, frozen=True):
    """One model's pin. `source` is the key of the source, `revision` a commit or a version where there is one."""

    source: str
    revision: str | None
    pinned: str
    """When, in UTC, as ISO 8601."""
    sha256: dict[str, str]


class Pins:
    """The pins of one user, in the state directory `state`."""

    def __init__(self, state: Path) -> None:
        self._file = state / FILE_NAME

    def find(self, entry: Entry, source: Source) -> Pin | None:
        """What `entry` was when it first came from `source`. Raises ConfigurationError where that is unreadable."""
        if not self._file.exists():
            return None
        with self._opened() as connection:
            return _read(connection, entry.name, source)

    def keep(self, entry: Entry, source: Source, *, revision: str | None, sha256: Mapping[str, str]) -> None:
        """Pin what is not pinned yet; what is pinned stays. Raises ConfigurationError where that is unreadable."""
        with self._opened() as connection, transaction(connection, "IMMEDIATE"):
            held = _read(connection, entry.name, source)
            pin = Pin(
                source_key(source),
                held.revision if held and held.revision else revision,
                held.pinned if held else datetime.now(UTC).isoformat(timespec="seconds"),
                dict(sha256) | (held.sha256 if held else {}),
            )
            hashes = msgspec.json.encode(pin.sha256).decode()
            row = (entry.name, pin.source, pin.revision, pin.pinned, hashes)
            connection.execute("INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?, ?)", row)

    def forget(self, name: str) -> None:
        """Give the pin of the model called `name` up."""
        if self._file.exists():
            with self._opened() as connection:
                connection.execute("DELETE FROM pins WHERE name = ?", (name,))

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(DATABASE.open(self._file)) as connection:
                yield connection
        except sqlite3.Error as error:
            raise ConfigurationError(f"The {DATABASE.name} {self._file}: {error}. {DATABASE.remedy}") from error


def _read(connection: sqlite3.Connection, name: str, source: Source) -> Pin | None:
    columns = "source, revision, pinned, sha256"
    row = connection.execute(
        f"SELECT {columns} FROM pins WHERE name = ? AND source = ?", (name, source_key(source))
    ).fetchone()
    return None if row is None else Pin(row[0], row[1], row[2], msgspec.json.decode(row[3], type=dict[str, str]))
