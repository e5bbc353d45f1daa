"""Keys that this server made: random, shown once, kept as hashes in one SQLite file of the state folder."""

import secrets
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from alive_core.access.caller import Role, identity_of
from alive_core.access.limits import Limits
from alive_core.constants import KEYS_WAIT_S
from alive_core.database import Database, transaction
from alive_core.errors import InvalidRequest, NotFound

FILE_NAME: Final = "keys.sqlite"
PREFIX: Final = "sk-alive-"

_ID_BYTES: Final = 4  # public, and short enough to be read aloud; unique within the file
_SECRET_BYTES: Final = 32  # 256 bits: beyond guessing, so that a plain hash of it is enough
_ID_CHARS: Final = 2 * _ID_BYTES

# `number` is never given again, so that what was counted for one key is never another's. Times are Unix seconds.
_TABLES: Final = """
CREATE TABLE keys (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('user', 'admin')),
    created REAL NOT NULL,
    expires REAL,
    revoked REAL,
    requests_per_minute INTEGER,
    requests_per_day INTEGER,
    tokens_per_minute INTEGER,
    tokens_per_day INTEGER
) STRICT;
"""

STEPS: Final = (_TABLES,)
DATABASE: Final = Database("file of API keys", STEPS, KEYS_WAIT_S, "Or move it away: its keys then open nothing.")

_COLUMNS: Final = "number, id, hash, name, role, created, expires, revoked"
_KEY_FIELDS: Final = len(_COLUMNS.split(","))
_LIMITS: Final = ", ".join(Limits.__struct_fields__)


class Key(msgspec.Struct, frozen=True):
    """One key, without what opens the door. Times are Unix seconds."""

    number: int
    id: str
    identity: str
    name: str
    role: Role
    created: float
    expires: float | None = None
    revoked: float | None = None
    limits: Limits | None = None

    def is_usable(self, now: float) -> bool:
        """Whether it opens the door."""
        return self.revoked is None and (self.expires is None or now < self.expires)


class KeyBook:
    """The keys in `file`, which is made where it is missing. Every method is one short transaction and may block.

    Opening raises ConfigurationError where the file was written by a newer program; later sqlite3.Error where it
    cannot be used.
    """

    def __init__(self, file: Path) -> None:
        DATABASE.check(file)
        self._connection = DATABASE.open(file)
        self._cursor = self._connection.cursor()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def add(
        self, name: str, role: Role, *, now: float, expires: float | None = None, limits: Limits | None = None
    ) -> tuple[Key, str]:
        """A new key, and the only time that it can be seen.

        Raises InvalidRequest where a usable key has this name already.
        """
        with transaction(self._connection, "IMMEDIATE"):
            if any(key.name == name and key.is_usable(now) for key in self.all()):
                raise InvalidRequest(f"A key is called `{name}` already. Choose another name, or revoke it first.")
            key_id = secrets.token_hex(_ID_BYTES)
            secret = f"{PREFIX}{key_id}-{secrets.token_urlsafe(_SECRET_BYTES)}"
            amounts = msgspec.structs.astuple(limits or Limits())
            cursor = self._connection.execute(
                f"INSERT INTO keys (id, hash, name, role, created, expires, {_LIMITS}) VALUES (?,?,?,?,?,?,?,?,?,?)",
                (key_id, identity_of(secret), name, role, now, expires, *amounts),
            )
        number = cursor.lastrowid
        assert number is not None
        return Key(number, key_id, identity_of(secret), name, role, now, expires, None, limits), secret

    def all(self) -> list[Key]:
        """Every key that was ever made, oldest first."""
        rows = self._connection.execute(f"SELECT {_COLUMNS}, {_LIMITS} FROM keys ORDER BY number").fetchall()
        return [_key(row) for row in rows]

    def revoke(self, id_or_name: str, *, now: float) -> Key:
        """The key of this id, or else the usable one of this name, opens nothing from now on.

        Raises NotFound. A key that was revoked before stays as it was.
        """
        with transaction(self._connection, "IMMEDIATE"):
            keys = self.all()
            found = [key for key in keys if key.id == id_or_name] or [
                key for key in keys if key.name == id_or_name and key.is_usable(now)
            ]
            if not found:
                raise NotFound(f"There is no usable key `{id_or_name}`. `task keys:list` shows them all.")
            key = found[0]
            self._connection.execute("UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL", (now, key.id))
        return key

    def version(self) -> int:
        """Changes whenever another process has changed the file; costs about two microseconds.

        https://www.sqlite.org/pragma.html#pragma_data_version
        """
        (version,) = self._cursor.execute("PRAGMA data_version").fetchone()
        return int(version)


def id_in(presented: str) -> str | None:
    """The id that a key of ours carries; `None` where it is not one of ours."""
    if not presented.startswith(PREFIX) or presented[len(PREFIX) + _ID_CHARS : len(PREFIX) + _ID_CHARS + 1] != "-":
        return None
    return presented[len(PREFIX) : len(PREFIX) + _ID_CHARS]


def has_usable_key(state: Path, *, now: float) -> bool:
    """Whether a stored key opens the door. Raises ConfigurationError where the file cannot be used."""
    file = state / FILE_NAME
    if not file.exists():
        return False
    with closing(KeyBook(file)) as book:
        return any(key.is_usable(now) for key in book.all())


def _key(row: tuple[object, ...]) -> Key:
    amounts = row[_KEY_FIELDS:]
    limits = msgspec.convert(dict(zip(Limits.__struct_fields__, amounts, strict=True)), Limits)
    values = zip(Key.__struct_fields__, (*row[:_KEY_FIELDS], None if limits == Limits() else limits), strict=True)
    return msgspec.convert(dict(values), Key)
