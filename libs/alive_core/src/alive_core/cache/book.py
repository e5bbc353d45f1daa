"""The machine's shared record: which server holds how much memory, and what each model was measured to take.

One small SQLite file in the state folder, used by every server of this user. A reservation belongs to a process, by
its pid and its identity (see `operations/processes.py`), so those of a crashed server count no more, whoever looks
next.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from alive_core.constants import LEDGER_WAIT_S
from alive_core.database import Database, transaction

FILE_NAME: Final = "ledger.sqlite"

# `is_inside`: the model lives in the server's own process, not in a child.
_TABLES: Final = """
CREATE TABLE reservations (
    pid INTEGER NOT NULL,
    identity TEXT NOT NULL,
    service TEXT NOT NULL,
    target TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    is_loading INTEGER NOT NULL,
    is_inside INTEGER NOT NULL,
    PRIMARY KEY (pid, identity, target)
) STRICT;
CREATE TABLE measurements (
    model TEXT PRIMARY KEY,
    bytes INTEGER,
    load_s REAL
) STRICT;
"""

_GPU_COLUMNS: Final = """
ALTER TABLE reservations ADD COLUMN gpu_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE measurements ADD COLUMN gpu_bytes INTEGER;
"""

STEPS: Final = (_TABLES, _GPU_COLUMNS)
DATABASE: Final = Database("memory ledger", STEPS, LEDGER_WAIT_S, "Or move it away: only measurements are lost.")

Identify = Callable[[int], str | None]
"""What tells the process of a pid from any other that has had it; `None` where there is none."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A server process."""

    service: str
    pid: int
    identity: str


class Holder(msgspec.Struct, frozen=True):
    """One model that holds memory on this machine. `bytes` are reserved, and measured once it is ready."""

    service: str
    pid: int
    target: str
    bytes: int
    is_loading: bool = False
    is_inside: bool = False
    """Whether it lives in the server's own process."""
    gpu_bytes: int = 0


class Measurement(msgspec.Struct, frozen=True):
    """What is known of a model: bytes where a process of its own was measured, seconds its loads took."""

    bytes: int | None = None
    load_s: float | None = None
    gpu_bytes: int | None = None

    def joined(self, later: "Measurement") -> "Measurement":
        """Both together. The most memory ever seen: files that two servers map count only half for each of them.
        The middle between the load time so far and the last one: disks are sometimes cold."""
        times = [seconds for seconds in (self.load_s, later.load_s) if seconds is not None]
        middle = sum(times) / len(times) if times else None
        return Measurement(_most(self.bytes, later.bytes), middle, _most(self.gpu_bytes, later.gpu_bytes))


def _most(*sizes: int | None) -> int | None:
    return max((size for size in sizes if size is not None), default=None)


class Book:
    """The record in `file`, as the process `me` sees it. Every method is one short transaction and may block for it.

    Opening raises ConfigurationError where the file was written by a newer program; later sqlite3.Error where it
    cannot be used.
    """

    def __init__(self, file: Path, me: Instance, identify: Identify) -> None:
        self.me, self._identify = me, identify
        DATABASE.check(file)
        self._connection = DATABASE.open(file)

    def close(self) -> None:
        """Give back everything this process has reserved, and close the file."""
        self._connection.execute("DELETE FROM reservations WHERE pid = ? AND identity = ?", self._mine)
        self._connection.close()

    def others(self) -> list[Holder]:
        """What other live servers hold."""
        return self._others()[0]

    def reserve(
        self, target: str, size: int, is_granted: Callable[[Sequence[Holder]], bool], *, gpu: int = 0
    ) -> bool:
        """Reserve `size` bytes, and `gpu` of a GPU, where `is_granted` says so, seeing what others hold; nobody else
        can in between."""
        with transaction(self._connection, "IMMEDIATE"):
            others, gone = self._others()
            self._connection.executemany("DELETE FROM reservations WHERE pid = ? AND identity = ?", gone)
            if not is_granted(others):
                return False
            self._put(Holder(self.me.service, self.me.pid, target, size, is_loading=True, gpu_bytes=gpu))
        return True

    def settle(self, target: str, size: int, *, is_inside: bool, gpu: int = 0) -> None:
        """Replace what was reserved for `target` by what it takes, now that it is loaded."""
        self._put(Holder(self.me.service, self.me.pid, target, size, is_inside=is_inside, gpu_bytes=gpu))

    def release(self, target: str) -> None:
        """Give back what `target` had reserved; nothing where it had not."""
        self._connection.execute(
            "DELETE FROM reservations WHERE pid = ? AND identity = ? AND target = ?", (*self._mine, target)
        )

    def measurement(self, model: str) -> Measurement:
        """What is remembered of a model; nothing at all for one that was never loaded."""
        row = self._connection.execute(
            "SELECT bytes, load_s, gpu_bytes FROM measurements WHERE model = ?", (model,)
        ).fetchone()
        return Measurement() if row is None else Measurement(*row)

    def remember(self, model: str, measurement: Measurement) -> None:
        """Keep what was measured for the next estimate, also after a restart."""
        self._connection.execute(
            "INSERT OR REPLACE INTO measurements (model, bytes, load_s, gpu_bytes) VALUES (?, ?, ?, ?)",
            (model, measurement.bytes, measurement.load_s, measurement.gpu_bytes),
        )

    @property
    def _mine(self) -> tuple[int, str]:
        return self.me.pid, self.me.identity

    def _put(self, holder: Holder) -> None:
        flags = int(holder.is_loading), int(holder.is_inside)
        row = (*self._mine, holder.service, holder.target, holder.bytes, *flags, holder.gpu_bytes)
        self._connection.execute(
            "INSERT OR REPLACE INTO reservations"
            " (pid, identity, service, target, bytes, is_loading, is_inside, gpu_bytes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )

    def _others(self) -> tuple[list[Holder], list[tuple[int, str]]]:
        """What other live servers hold, and the processes that are gone."""
        rows = self._connection.execute(
            "SELECT service, pid, target, bytes, is_loading, is_inside, gpu_bytes, identity FROM reservations"
            " WHERE pid != ? OR identity != ? ORDER BY pid, target",
            self._mine,
        ).fetchall()
        processes = {(int(row[1]), str(row[-1])) for row in rows}
        gone = [(pid, identity) for pid, identity in processes if self._identify(pid) != identity]
        live = [row for row in rows if (row[1], row[-1]) not in gone]
        return [_holder(*row[:-1]) for row in live], gone


def _holder(service: str, pid: int, target: str, size: int, is_loading: int, is_inside: int, gpu: int) -> Holder:
    return Holder(service, pid, target, size, bool(is_loading), bool(is_inside), gpu)
