"""Reads the header of a GGUF file: metadata, tensor list, and whether the file is all there.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3, little-endian).
Why not the `gguf` package: it needs numpy and keeps an array object per token, seconds and hundreds of megabytes for
Command-R's 256,000 tokens. Here the token lists are stepped over: a tenth of a second, no memory to speak of.
"""

import os
from collections.abc import Mapping
from struct import Struct
from typing import BinaryIO, Final

import msgspec

from alive_core import LoadFailed
from command_server.adapters.gguf_cursor import Cursor
from command_server.adapters.gguf_tensors import DEFAULT_ALIGNMENT, check_extents, read_tensor
from command_server.constants import GGUF_ENTRIES_LIMIT, GGUF_NESTING_LIMIT

Scalar = str | int | float | bool

MAGIC: Final = b"GGUF"
VERSIONS: Final = (2, 3)
STRING: Final = 8
INT32: Final = 5
_ARRAY: Final = 9
_SCALARS: Final[Mapping[int, Struct]] = {
    0: Struct("<B"),
    1: Struct("<b"),
    2: Struct("<H"),
    3: Struct("<h"),
    4: Struct("<I"),
    INT32: Struct("<i"),
    6: Struct("<f"),
    7: Struct("<?"),
    10: Struct("<Q"),
    11: Struct("<q"),
    12: Struct("<d"),
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
    cursor = Cursor(file, size)
    version = _read_version(cursor)
    tensor_count = _bounded(cursor, "tensors")
    entry_count = _bounded(cursor, "metadata entries")
    metadata: dict[str, Scalar] = {}
    arrays: dict[str, ArrayPlace] = {}
    for _ in range(entry_count):
        _read_entry(cursor, metadata, arrays)
    extents = [read_tensor(cursor) for _ in range(tensor_count)]
    data_bytes = check_extents(
        extents,
        alignment=metadata.get("general.alignment", DEFAULT_ALIGNMENT),
        header_end=cursor.position,
        size=size,
    )
    return GgufHeader(
        version=version,
        metadata=metadata,
        arrays=arrays,
        tensors=tensor_count,
        data_bytes=data_bytes,
    )


def _read_version(cursor: Cursor) -> int:
    magic = cursor.take(len(MAGIC))
    if magic != MAGIC:
        raise LoadFailed(f"Not a GGUF file: it begins with {magic!r}, not with {MAGIC!r}.")
    version = cursor.u32()
    if version not in VERSIONS:
        known = " and ".join(str(number) for number in VERSIONS)
        raise LoadFailed(f"GGUF version {version} (byte 4) is not supported, only {known}, little-endian.")
    return version


def _bounded(cursor: Cursor, what: str) -> int:
    start = cursor.position
    count = cursor.u64()
    if count > GGUF_ENTRIES_LIMIT:
        raise LoadFailed(f"Not a sound GGUF file: byte {start} announces {count} {what}.")
    return count


def _read_entry(cursor: Cursor, metadata: dict[str, Scalar], arrays: dict[str, ArrayPlace]) -> None:
    start = cursor.position
    key = cursor.string()
    if key in metadata or key in arrays:
        raise LoadFailed(f"Not a sound GGUF file: the key {key!r} at byte {start} is there twice.")
    kind_start = cursor.position
    kind = cursor.u32()
    if kind == _ARRAY:
        arrays[key] = _skip_array(cursor)
    elif kind == STRING:
        metadata[key] = cursor.string()
    elif kind in _SCALARS:
        metadata[key] = cursor.value(_SCALARS[kind])
    else:
        raise LoadFailed(f"Not a sound GGUF file: byte {kind_start} names the unknown type {kind}.")


def _skip_array(cursor: Cursor, depth: int = 1) -> ArrayPlace:
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
