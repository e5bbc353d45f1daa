"""Which other files an ONNX graph reads: the `location` of every tensor whose data lies outside.

An ONNX file is one protobuf message, ModelProto. Only the fields that lead to a tensor are followed; everything else,
weights inside the file included, is stepped over. Field numbers are those of `onnx/onnx.proto3`:
https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
"""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from alive_core.errors import LoadFailed

Buffer = mmap.mmap
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
FIXED_BYTES: Final = {FIXED64: 8, FIXED32: 4}
MORE, SEVEN, WIRE_BITS, WIRE_MASK = 0x80, 7, 3, 0x07
VARINT_MAX_BYTES: Final = 10  # of 64 bits

# For each message: which of its fields are again messages that lead to tensors.
PATHS: Final[dict[str, dict[int, str]]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "entry"},
}
ENTRY_KEY, ENTRY_VALUE = 1, 2
LOCATION = b"location"


def external_files(name: str, path: Path) -> set[str]:
    """Every location that the graph at `path`, called `name`, names. Raises LoadFailed where it is no ONNX file."""
    if path.stat().st_size == 0:
        raise LoadFailed(f"{name} is empty.")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            return set(_locations(data))
        except (IndexError, ValueError, UnicodeDecodeError) as error:
            raise LoadFailed(f"{name} is no whole ONNX file: {error}.") from error


def _locations(data: Buffer) -> Iterator[str]:
    """Walks the messages without recursion: a graph nested a thousand times deep is only a longer list."""
    waiting = [("model", 0, len(data))]
    while waiting:
        message, start, end = waiting.pop()
        if message == "entry":
            pair = {field: data[first:last] for field, first, last in _fields(data, start, end)}
            if pair.get(ENTRY_KEY) == LOCATION:
                yield pair.get(ENTRY_VALUE, b"").decode()
            continue
        paths = PATHS[message]
        waiting += [(paths[field], first, last) for field, first, last in _fields(data, start, end) if field in paths]


def _fields(data: Buffer, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Number, begin and end of every field with a length in `data[start:end]`."""
    position = start
    while position < end:
        key, position = _varint(data, position, end)
        field, wire = key >> WIRE_BITS, key & WIRE_MASK
        if wire == VARINT:
            _, position = _varint(data, position, end)
        elif wire == BYTES:
            length, position = _varint(data, position, end)
            if position + length > end:
                raise ValueError("a field is longer than what holds it")
            yield field, position, position + length
            position += length
        elif wire in FIXED_BYTES:
            position += FIXED_BYTES[wire]
        else:
            raise ValueError(f"wire type {wire} does not exist")


def _varint(data: Buffer, position: int, end: int) -> tuple[int, int]:
    """A number of seven bits per byte, least first; and where it ends."""
    value = 0
    for index in range(VARINT_MAX_BYTES):
        if position + index >= end:
            raise ValueError("it is cut off")
        byte = data[position + index]
        value |= (byte & ~MORE) << (SEVEN * index)
        if not byte & MORE:
            return value, position + index + 1
    raise ValueError("a number has more than 64 bits")
