"""What has arrived of a file: the bytes in their final places, and beside them a map of which are there.

    <file>.part       as long as the furthest byte that arrived, with holes where others are missing
    <file>.part.map   one line of JSON (the file's tag, size and where its spans begin), then for each span the number
                      of its bytes that are there, 8 bytes little-endian each

A span is filled from its beginning. Bytes are written before they are counted, so a process killed at any moment
leaves a map that is true. After a power cut it may not be; the checksum finds that.
"""

import hashlib
import os
import struct
from collections.abc import Callable
from pathlib import Path
from threading import Lock

import msgspec

from alive_core.catalog.disk import settle_folder
from alive_core.constants import FILE_HEAD_BYTES, HASH_BLOCK_BYTES

COUNTER = struct.Struct("<Q")


class Layout(msgspec.Struct, frozen=True):
    """The first line of a map. `tag` is the strong ETag of the file; `size` is `None` while nobody has said it."""

    tag: str | None
    size: int | None
    starts: tuple[int, ...]


class Part:
    """One unfinished file. Several threads may write, each to spans of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.layout = Layout(None, None, ())
        self._map = path.with_name(f"{path.name}.map")
        self._counts: list[int] = []
        self._lock = Lock()
        self._data: int | None = None
        self._counters: int | None = None
        self._read_map()

    @property
    def is_begun(self) -> bool:
        """Whether there is anything to go on from."""
        return bool(self._counts)

    @property
    def arrived(self) -> int:
        """Bytes that are there."""
        return sum(self._counts)

    @property
    def is_whole(self) -> bool:
        """Whether every byte is there; never while the size is unknown."""
        return self.is_begun and self.arrived == self.layout.size

    def begin(self, tag: str | None, size: int | None, *, spans: int = 1) -> None:
        """Throw away what is there and be empty, in `spans` spans of about the same length."""
        self.close()
        self.path.unlink(missing_ok=True)
        starts = tuple((size or 0) * index // spans for index in range(spans))
        self._draw(Layout(tag, size, starts), [0] * spans)

    def settle_size(self, size: int) -> None:
        """Note the size of a file that was begun without knowing it, in one span."""
        if size != self.layout.size:
            self._draw(msgspec.structs.replace(self.layout, size=size), self._counts)

    def unfinished(self) -> list[int]:
        """The numbers of the spans that still miss bytes."""
        return [index for index in range(len(self._counts)) if self.missing(index) != 0]

    def missing(self, index: int) -> int | None:
        """How many bytes span `index` still misses; `None` while the size is unknown."""
        end = self._end(index)
        return None if end is None else end - self.position(index)

    def position(self, index: int) -> int:
        """Where the next byte of span `index` belongs in the file."""
        return self.layout.starts[index] + self._counts[index]

    def last(self, index: int) -> int | None:
        """The last byte of span `index`, as HTTP counts; `None` where the span ends with the file."""
        end = self._end(index)
        return None if end is None or index == len(self._counts) - 1 else end - 1

    def write(self, index: int, data: bytes) -> bool:
        """Put `data` at the position of span `index`; what lies past its end is left out.

        Returns whether the span takes more; False also once the part is closed.
        """
        with self._lock:
            missing = self.missing(index)
            if self._counters is None or missing == 0:
                return False
            data = data if missing is None else data[:missing]
            self._write_all(data, self.position(index))
            self._counts[index] += len(data)
            os.pwrite(self._counters, COUNTER.pack(self._counts[index]), self._counter_at(index))
            return self.missing(index) != 0

    def head(self) -> bytes:
        """The first bytes of the file, FILE_HEAD_BYTES at most, as far as they have arrived."""
        if not self.is_begun:
            return b""
        with self.path.open("rb") as file:
            return file.read(min(FILE_HEAD_BYTES, self._counts[0]))

    def digest(self, on_progress: Callable[[int], None]) -> str:
        """The sha256 of the whole file; `on_progress` hears how many bytes were read."""
        taken, done = hashlib.sha256(), 0
        with self.path.open("rb") as file:
            while block := file.read(HASH_BLOCK_BYTES):
                taken.update(block)
                done += len(block)
                on_progress(done)
        return taken.hexdigest()

    def complete(self, target: Path) -> None:
        """Become `target` at once, on the disk also after a power cut."""
        if self._data is None:
            self._open()
        assert self._data is not None
        os.fsync(self._data)
        self.close()
        self.path.replace(target)
        self._map.unlink(missing_ok=True)
        settle_folder(target.parent)

    def remove(self) -> None:
        """Leave nothing behind."""
        self.close()
        self.path.unlink(missing_ok=True)
        self._map.unlink(missing_ok=True)
        self._counts = []

    def close(self) -> None:
        """Let go of the files. Threads that still write are told by `write`."""
        with self._lock:
            for descriptor in (self._data, self._counters):
                if descriptor is not None:
                    os.close(descriptor)
            self._data = self._counters = None

    def open(self) -> None:
        """Be ready for `write`, after a restart of the process."""
        if self._data is None:
            self._open()

    def _end(self, index: int) -> int | None:
        following = self.layout.starts[index + 1 : index + 2]
        return following[0] if following else self.layout.size

    def _write_all(self, data: bytes, position: int) -> None:
        assert self._data is not None
        view = memoryview(data)
        while view:
            written = os.pwrite(self._data, view, position)
            view, position = view[written:], position + written

    def _draw(self, layout: Layout, counts: list[int]) -> None:
        """Write the map anew, at once."""
        self.close()
        self.layout, self._counts = layout, list(counts)
        draft = self._map.with_name(f"{self._map.name}.new")
        draft.write_bytes(self._line() + b"".join(map(COUNTER.pack, self._counts)))
        draft.replace(self._map)
        self._open()

    def _open(self) -> None:
        with self._lock:
            self._data = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            self._counters = os.open(self._map, os.O_RDWR | os.O_CREAT, 0o644)

    def _line(self) -> bytes:
        return msgspec.json.encode(self.layout) + b"\n"

    def _counter_at(self, index: int) -> int:
        return len(self._line()) + index * COUNTER.size

    def _read_map(self) -> None:
        """Take up what an earlier process left; a map that makes no sense counts as none."""
        try:
            line, _, counters = self._map.read_bytes().partition(b"\n")
            self.layout = msgspec.json.decode(line, type=Layout)
            counts = [count for (count,) in COUNTER.iter_unpack(counters)]
            reach = self.path.stat().st_size
        except (OSError, struct.error, msgspec.MsgspecError):
            self.layout = Layout(None, None, ())
            return
        spans = zip(self.layout.starts, counts, strict=False)
        if len(counts) == len(self.layout.starts) and all(start + count <= reach for start, count in spans if count):
            self._counts = counts
