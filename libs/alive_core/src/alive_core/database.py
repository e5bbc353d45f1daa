"""One SQLite file, made, checked and upgraded the same way whatever it holds. Several processes may use it at once.

Write-ahead logging lets others read while one writes. The schema's version is SQLite's own `user_version`: an older
file is upgraded and keeps its data, a newer one is refused with a sentence.
"""

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from alive_core.constants import DATABASE_RETRY_S
from alive_core.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Database:
    """What a file holds. `name` and `remedy` are the words of its errors: `The {name} … {remedy}`."""

    name: str
    steps: Sequence[str]
    """Script number N turns a file of version N into one of version N + 1. Scripts are added, never changed."""
    wait_s: float
    """How long one process waits for another that is writing."""
    remedy: str

    def open(self, file: Path) -> sqlite3.Connection:
        """A connection to `file`, which is made or upgraded where needed, readable by its user only.

        Transactions are begun by hand. Raises ConfigurationError where the file was written by a newer version,
        sqlite3.Error or OSError where it cannot be used.
        """
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))  # before SQLite makes it readable for others
        connection = sqlite3.connect(file, timeout=self.wait_s, isolation_level=None, check_same_thread=False)
        try:
            self._write_ahead(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            with transaction(connection, "IMMEDIATE"):
                self._upgrade(connection, file)
        except BaseException:
            connection.close()
            raise
        return connection

    def check(self, file: Path) -> None:
        """Raise ConfigurationError where `file` is there and cannot be used; a missing one is fine."""
        if not file.exists():
            return
        try:
            with closing(self.open(file)):
                pass
        except (sqlite3.Error, OSError) as error:
            raise ConfigurationError(f"The {self.name} {file} cannot be used: {error}. {self.remedy}") from None

    def _write_ahead(self, connection: sqlite3.Connection) -> None:
        """Switch a new file over. That needs the file alone, and SQLite does not wait for it by itself."""
        until = time.monotonic() + self.wait_s
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                    raise
                time.sleep(DATABASE_RETRY_S)

    def _upgrade(self, connection: sqlite3.Connection, file: Path) -> None:
        """Do the steps that `file` has not had yet, within the transaction of the caller."""
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(self.steps):
            raise ConfigurationError(
                f"The {self.name} {file} has version {version}; this program knows versions up to {len(self.steps)}. "
                f"Use the newer program. {self.remedy}"
            )
        if version == len(self.steps):
            return
        for script in self.steps[version:]:
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(self.steps)}")


@contextmanager
def transaction(connection: sqlite3.Connection, mode: str) -> Iterator[None]:
    """Everything in the block or nothing of it. `IMMEDIATE` keeps other writers out from the beginning."""
    connection.execute(f"BEGIN {mode}")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _statements(script: str) -> Iterator[str]:
    """A script's statements one by one: `executescript` would commit before each script."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
