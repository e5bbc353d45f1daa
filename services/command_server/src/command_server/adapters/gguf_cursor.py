"""Steps through the beginning of a GGUF file: numbers and strings, in large pieces, and never too far."""

from struct import Struct, unpack_from
from typing import BinaryIO, Final

from alive_core import LoadFailed
from command_server.constants import GGUF_HEADER_LIMIT_BYTES, GGUF_READ_BYTES, GGUF_STRING_LIMIT_BYTES

_U32: Final = Struct("<I")
_U64: Final = Struct("<Q")


class Cursor:
    """Steps through a file's header in large pieces, never beyond the file's end or the header limit.

    Every step raises LoadFailed, naming the byte, where there is not enough left.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self._piece = b""
        self._start = 0  # where the piece lies in the file
        self._at = 0  # how far we are within the piece

    @property
    def position(self) -> int:
        """Bytes from the beginning of the file."""
        return self._start + self._at

    def take(self, count: int) -> bytes:
        """The next `count` bytes; callers keep `count` small."""
        self._need(count)
        self._at += count
        return self._piece[self._at - count : self._at]

    def value(self, layout: Struct) -> int | float | bool:
        """The next value of that layout."""
        found: int | float | bool = layout.unpack(self.take(layout.size))[0]
        return found

    def u32(self) -> int:
        """The next four bytes as a whole number."""
        return int(self.value(_U32))

    def u64(self) -> int:
        """The next eight bytes as a whole number."""
        return int(self.value(_U64))

    def string(self) -> str:
        """A length and that many bytes of UTF-8."""
        start = self.position
        length = self.u64()
        if length > GGUF_STRING_LIMIT_BYTES:
            raise LoadFailed(f"Not a sound GGUF file: byte {start} announces a string of {length} bytes.")
        try:
            return self.take(length).decode("utf-8")
        except UnicodeDecodeError:
            raise LoadFailed(f"Not a sound GGUF file: the string at byte {start} is not UTF-8.") from None

    def skip(self, count: int) -> None:
        """Step over `count` bytes."""
        self._check_room(count)
        while count:
            self._need(min(count, GGUF_READ_BYTES))
            step = min(count, len(self._piece) - self._at)
            self._at += step
            count -= step

    def skip_strings(self, count: int) -> None:
        """Step over `count` strings. This is the loop that a vocabulary goes through, so it is kept tight."""
        self._check_room(count * _U64.size)
        while count:
            piece, at, last = self._piece, self._at, len(self._piece) - _U64.size
            while count and at <= last:
                end = at + _U64.size + unpack_from("<Q", piece, at)[0]
                if end > len(piece):
                    break
                at = end
                count -= 1
            self._at = at
            if count:
                self._need(_U64.size)
                self.skip(_U64.size + unpack_from("<Q", self._piece, self._at)[0])
                count -= 1

    def _need(self, count: int) -> None:
        """Have the next `count` bytes in the piece."""
        if count > len(self._piece) - self._at:
            self._refill(count)

    def _refill(self, count: int) -> None:
        self._check_room(count)
        rest = self._piece[self._at :]
        self._start, self._at = self.position, 0
        self._piece = rest + self._file.read(max(count - len(rest), GGUF_READ_BYTES))
        if len(self._piece) < count:
            raise self._ends_early()

    def _check_room(self, count: int) -> None:
        if count > self._size - self.position:
            raise self._ends_early()
        if self.position + count > GGUF_HEADER_LIMIT_BYTES:
            raise LoadFailed(
                f"Not a sound GGUF file: what follows byte {self.position} would make its header longer than "
                f"{GGUF_HEADER_LIMIT_BYTES} bytes."
            )

    def _ends_early(self) -> LoadFailed:
        return LoadFailed(
            f"The GGUF file is cut off: its header is not complete at byte {self.position}, "
            f"the file has {self._size} bytes. Download it again."
        )
