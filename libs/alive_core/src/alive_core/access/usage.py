"""What each key has used, counted together by all servers of this user: one small file that they all have in memory.

Fixed slots of USAGE_SLOT_BYTES, the first of which says what the file is. A slot is read and written within an
advisory lock (flock) that the kernel gives back for a process that dies. That costs microseconds where a database
transaction costs a hundred; what is lost with the file is a minute's, at most a day's, count.
"""

import fcntl
import mmap
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alive_core.access.limits import UNUSED, Cost, Count, Counts, Limits, Refusal, correct, spend
from alive_core.constants import USAGE_RETRY_S, USAGE_SLOT_BYTES, USAGE_SLOTS, USAGE_WAIT_S
from alive_core.errors import Busy, ConfigurationError

FILE_NAME: Final = "usage.map"

_MAGIC: Final = b"ALIVEUSE\x01"
# Whose slot it is, when it was used last, and four windows: when each opened, and what was used since.
_SLOT: Final = struct.Struct("<8sd" + "dq" * 4)
_TAG_BYTES: Final = 8


class Usage:
    """The file, as this process sees it. `slot` counts from 1; `identity` tells whose it is, and a slot that was
    somebody else's begins anew. `clock` is Unix seconds.

    Opening raises ConfigurationError where the file is something else, OSError where it cannot be used.
    """

    def __init__(self, file: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        file.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        self._map: mmap.mmap | None = None
        try:
            with self._locked():
                if os.pread(self._descriptor, len(_MAGIC), 0) not in (b"", _MAGIC):
                    raise ConfigurationError(
                        f"{file} is not a count of what keys have used, or of another version. Move it away."
                    )
                self._grow(USAGE_SLOTS)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file. Nothing may be asked afterwards."""
        if self._map is not None:
            self._map.close()
            self._map = None
        os.close(self._descriptor)

    def spend(self, slot: int, identity: str, limits: Limits, cost: Cost) -> Counts | Refusal:
        """Count `cost`, or tell why it is too much. Raises Busy where another process holds the file for long."""
        with self._locked():
            now = self._clock()
            spent = spend(self._counts(slot, identity), limits, cost, now)
            if not isinstance(spent, Refusal):
                self._write(slot, identity, now, spent)
            return spent

    def counts(self, slot: int, identity: str) -> Counts:
        """What was counted so far. Raises Busy."""
        with self._locked():
            return self._counts(slot, identity)

    def correct(self, slot: int, identity: str, reserved: Counts, by: int) -> None:
        """Tokens that were counted turned out to be `by` more, or fewer. Raises Busy."""
        with self._locked():
            now = self._clock()
            self._write(slot, identity, now, correct(self._counts(slot, identity), reserved, by, now))

    def note(self, slot: int, identity: str) -> None:
        """The key was used now. Raises Busy."""
        with self._locked():
            self._write(slot, identity, self._clock(), self._counts(slot, identity))

    def last_used(self, slot: int, identity: str) -> float | None:
        """When the key was used last, in Unix seconds, to about a minute; `None` where it never was."""
        with self._locked():
            owner, used, _ = self._read(slot)
            return used if owner == _tag(identity) else None

    # --- Within the lock -------------------------------------------------------------------------------
    @property
    def _mapped(self) -> mmap.mmap:
        assert self._map is not None
        return self._map

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone with the file. Others hold it for microseconds; one that is stopped meanwhile stops nobody else."""
        until = time.monotonic() + USAGE_WAIT_S
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise Busy("Another process holds the count of what keys have used.", retry_after=1) from None
                time.sleep(USAGE_RETRY_S)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _counts(self, slot: int, identity: str) -> Counts:
        owner, _, counts = self._read(slot)
        return counts if owner == _tag(identity) else UNUSED

    def _read(self, slot: int) -> tuple[bytes, float, Counts]:
        """Whose slot it is, when it was used last, and what was counted."""
        self._reach(slot)
        owner, used, *numbers = _SLOT.unpack_from(self._mapped, slot * USAGE_SLOT_BYTES)
        return owner, used, tuple(map(Count, numbers[::2], numbers[1::2]))

    def _write(self, slot: int, identity: str, now: float, counts: Counts) -> None:
        numbers = [number for count in counts for number in count]
        _SLOT.pack_into(self._mapped, slot * USAGE_SLOT_BYTES, _tag(identity), now, *numbers)

    def _reach(self, slot: int) -> None:
        """Make the file, and what of it is in memory, long enough for `slot`."""
        if (slot + 1) * USAGE_SLOT_BYTES > len(self._mapped):
            self._grow((slot // USAGE_SLOTS + 1) * USAGE_SLOTS)

    def _grow(self, slots: int) -> None:
        """Real zeros, no hole: a disk that is full must fail here, not when a page is written."""
        size = os.fstat(self._descriptor).st_size
        wanted = max(slots * USAGE_SLOT_BYTES, size)
        if size < wanted:
            zeros = b"" if size else _MAGIC
            os.pwrite(self._descriptor, zeros + bytes(wanted - size - len(zeros)), size)
        if self._map is not None:
            self._map.close()
        self._map = mmap.mmap(self._descriptor, wanted)


def _tag(identity: str) -> bytes:
    return bytes.fromhex(identity[: 2 * _TAG_BYTES])
