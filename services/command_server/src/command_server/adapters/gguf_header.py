"""Reads the header of a GGUF file: metadata, tensor list, and whether the file is all there.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3, little-endian).
Why not the `gguf` package: it needs numpy and keeps an array object per token, seconds and hundreds of megabytes for
Command-R's 256,000 tokens. Here the token lists are stepped over: a tenth of a second, no memory to speak of.
"""

import os
from collections.abc import Mapping
from struct import Struct, unpack_from
from typing import BinaryIO, Final

import msgspec

from alive_core import LoadFailed
from command_server.constants import (
    GGUF_ENTRIES_LIMIT,
    GGUF_HEADER_LIMIT_BYTES,
    GGUF_NESTING_LIMIT,
    GGUF_READ_BYTES,
    GGUF_STRING_LIMIT_BYTES,
)

Scalar = str | int | float | bool

MAGIC: Final = b"GGUF"
VERSIONS: Final = (2, 3)
DEFAULT_ALIGNMENT: Final = 32
MAX_DIMENSIONS: Final = 4
STRING: Final = 8
INT32: Final = 5
_ARRAY: Final = 9
_BOOL: Final = 7
_SCALARS: Final[Mapping[int, Struct]] = {
    0: Struct("<B"),
    1: Struct("<b"),
    2: Struct("<H"),
    3: Struct("<h"),
    4: Struct("<I"),
    INT32: Struct("<i"),
    6: Struct("<f"),
    _BOOL: Struct("<?"),
    10: Struct("<Q"),
    11: Struct("<q"),
    12: Struct("<d"),
}
_U32: Final = Struct("<I")
_U64: Final = Struct("<Q")
_ARRAY_HEAD_BYTES: Final = 12  # element type and count

# Values per block and bytes per block of each tensor type (ggml.h, `ggml_type`; ggml-common.h, the block structs).
# Q8_1 is not among them: it lives only inside computations.
_BLOCKS: Final[Mapping[int, tuple[int, int]]] = {
    0: (1, 4),  # F32
    1: (1, 2),  # F16
    2: (32, 18),  # Q4_0
    3: (32, 20),  # Q4_1
    6: (32, 22),  # Q5_0
    7: (32, 24),  # Q5_1
    8: (32, 34),  # Q8_0
    10: (256, 84),  # Q2_K
    11: (256, 110),  # Q3_K
    12: (256, 144),  # Q4_K
    13: (256, 176),  # Q5_K
    14: (256, 210),  # Q6_K
    15: (256, 292),  # Q8_K
    16: (256, 66),  # IQ2_XXS
    17: (256, 74),  # IQ2_XS
    18: (256, 98),  # IQ3_XXS
    19: (256, 50),  # IQ1_S
    20: (32, 18),  # IQ4_NL
    21: (256, 110),  # IQ3_S
    22: (256, 82),  # IQ2_S
    23: (256, 136),  # IQ4_XS
    24: (1, 1),  # I8
    25: (1, 2),  # I16
    26: (1, 4),  # I32
    27: (1, 8),  # I64
    28: (1, 8),  # F64
    29: (256, 56),  # IQ1_M
    30: (1, 2),  # BF16
    34: (256, 54),  # TQ1_0
    35: (256, 66),  # TQ2_0
    39: (32, 17),  # MXFP4
    40: (64, 36),  # NVFP4
    41: (128, 18),  # Q1_0
    42: (64, 18),  # Q2_0
}


class ArrayPlace(msgspec.Struct, frozen=True):
    """Where an array's elements begin in the file, how many they are, and of which of GGUF's types."""

    element: int
    length: int
    offset: int


class GgufHeader(msgspec.Struct, frozen=True):
    """What a GGUF file says about itself before the weights begin."""

    version: int
    metadata: Mapping[str, Scalar]
    """Single values by key; of arrays only the place is known."""
    arrays: Mapping[str, ArrayPlace]
    tensors: int
    data_bytes: int
    """Size of all weights together."""

    def text(self, key: str) -> str | None:
        """The value of `key` where it is a string."""
        value = self.metadata.get(key)
        return value if isinstance(value, str) else None

    def length(self, key: str) -> int:
        """How many elements the array `key` has; 0 where there is none."""
        place = self.arrays.get(key)
        return 0 if place is None else place.length

    def number(self, key: str) -> int | None:
        """The value of `key` where it is an integer above zero."""
        value = self.metadata.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def read_gguf_header(file: BinaryIO) -> GgufHeader:
    """Read the header of `file`, seekable and positioned at its start.

    Raises LoadFailed, naming the byte, for anything that is no complete GGUF file; never anything else but OSError.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    cursor = _Cursor(file, size)
    version = _read_version(cursor)
    tensor_count = _bounded(cursor, "tensors")
    entry_count = _bounded(cursor, "metadata entries")
    metadata: dict[str, Scalar] = {}
    arrays: dict[str, ArrayPlace] = {}
    for _ in range(entry_count):
        _read_entry(cursor, metadata, arrays)
    extents = [_read_tensor(cursor) for _ in range(tensor_count)]
    data_bytes = _check_extents(extents, metadata, header_end=cursor.position, size=size)
    return GgufHeader(
        version=version,
        metadata=metadata,
        arrays=arrays,
        tensors=tensor_count,
        data_bytes=data_bytes,
    )


class _Cursor:
    """Steps through a file's header in large pieces, never beyond the file's end or the header limit."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self._piece = b""
        self._start = 0  # where the piece lies in the file
        self._at = 0  # how far we are within the piece

    @property
    def position(self) -> int:
        return self._start + self._at

    def need(self, count: int) -> None:
        """Have the next `count` bytes in the piece."""
        if count > len(self._piece) - self._at:
            self._refill(count)

    def take(self, count: int) -> bytes:
        """The next `count` bytes; callers keep `count` small."""
        self.need(count)
        self._at += count
        return self._piece[self._at - count : self._at]

    def u32(self) -> int:
        return int(_U32.unpack(self.take(_U32.size))[0])

    def u64(self) -> int:
        return int(_U64.unpack(self.take(_U64.size))[0])

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
            self.need(min(count, GGUF_READ_BYTES))
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
                self.need(_U64.size)
                self.skip(_U64.size + unpack_from("<Q", self._piece, self._at)[0])
                count -= 1

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


def _read_version(cursor: _Cursor) -> int:
    magic = cursor.take(len(MAGIC))
    if magic != MAGIC:
        raise LoadFailed(f"Not a GGUF file: it begins with {magic!r}, not with {MAGIC!r}.")
    version = cursor.u32()
    if version not in VERSIONS:
        known = " and ".join(str(number) for number in VERSIONS)
        raise LoadFailed(f"GGUF version {version} (byte 4) is not supported, only {known}, little-endian.")
    return version


def _bounded(cursor: _Cursor, what: str) -> int:
    start = cursor.position
    count = cursor.u64()
    if count > GGUF_ENTRIES_LIMIT:
        raise LoadFailed(f"Not a sound GGUF file: byte {start} announces {count} {what}.")
    return count


def _read_entry(cursor: _Cursor, metadata: dict[str, Scalar], arrays: dict[str, ArrayPlace]) -> None:
    start = cursor.position
    key = cursor.string()
    if key in metadata or key in arrays:
        raise LoadFailed(f"Not a sound GGUF file: the key {key!r} at byte {start} is there twice.")
    kind = cursor.u32()
    if kind == _ARRAY:
        arrays[key] = _skip_array(cursor)
    else:
        metadata[key] = _read_scalar(cursor, kind)


def _read_scalar(cursor: _Cursor, kind: int) -> Scalar:
    if kind == STRING:
        return cursor.string()
    layout = _SCALARS.get(kind)
    if layout is None:
        raise LoadFailed(f"Not a sound GGUF file: byte {cursor.position - _U32.size} names the unknown type {kind}.")
    value: Scalar = layout.unpack(cursor.take(layout.size))[0]
    return value


def _skip_array(cursor: _Cursor, depth: int = 1) -> ArrayPlace:
    """Step over an array and return where it was."""
    start = cursor.position
    kind, count = cursor.u32(), cursor.u64()
    place = ArrayPlace(kind, count, cursor.position)
    if kind == STRING:
        cursor.skip_strings(count)
    elif kind == _ARRAY:
        if depth == GGUF_NESTING_LIMIT or count > GGUF_ENTRIES_LIMIT:
            raise LoadFailed(f"Not a sound GGUF file: the array at byte {start} is nested too deep or too wide.")
        for _ in range(count):
            _skip_array(cursor, depth + 1)
    elif kind in _SCALARS:
        cursor.skip(count * _SCALARS[kind].size)
    else:
        raise LoadFailed(f"Not a sound GGUF file: byte {start} names the unknown type {kind}.")
    return place


class _Extent(msgspec.Struct, frozen=True):
    """Where a tensor's data lies, from the beginning of all data; no size for a type that the table does not know."""

    name: str
    offset: int
    size: int | None


def _read_tensor(cursor: _Cursor) -> _Extent:
    name = cursor.string()
    start = cursor.position
    dimensions = cursor.u32()
    if dimensions > MAX_DIMENSIONS:
        raise LoadFailed(f"Not a sound GGUF file: byte {start} gives tensor {name!r} {dimensions} dimensions.")
    values = 1
    for _ in range(dimensions):
        values *= cursor.u64()
    kind, offset = cursor.u32(), cursor.u64()
    block = _BLOCKS.get(kind)
    return _Extent(name, offset, None if block is None else -(-values // block[0]) * block[1])


def _check_extents(extents: list[_Extent], metadata: Mapping[str, Scalar], *, header_end: int, size: int) -> int:
    """Raise LoadFailed where a tensor's data would lie beyond the end of the file; return the size of all data."""
    alignment = metadata.get("general.alignment", DEFAULT_ALIGNMENT)
    if not isinstance(alignment, int) or isinstance(alignment, bool) or alignment <= 0:
        raise LoadFailed(f"Not a sound GGUF file: `general.alignment` is {alignment!r}.")
    begin = -(-header_end // alignment) * alignment
    for extent in extents:
        end = begin + extent.offset + (extent.size or 0)
        if end > size:
            raise LoadFailed(
                f"The GGUF file is cut off: tensor {extent.name!r} ends at byte {end}, "
                f"the file has {size} bytes. Download it again."
            )
    return max(size - begin, 0)
