"""Vectors on the wire: little-endian float32 bytes, on every machine, and base64 of them."""

import base64
import struct
from collections.abc import Sequence
from typing import Final

FLOAT32_BYTES: Final = 4


def pack_floats(values: Sequence[float]) -> bytes:
    """Numbers as little-endian float32. Raises `ValueError` for a number beyond float32's range."""
    try:
        return struct.pack(f"<{len(values)}f", *values)
    except OverflowError as error:
        raise ValueError("a vector holds a number that does not fit a 32-bit float") from error


def unpack_floats(data: bytes) -> list[float]:
    """Little-endian float32 as numbers. Raises `ValueError` where the length is no multiple of 4 bytes."""
    count, rest = divmod(len(data), FLOAT32_BYTES)
    if rest:
        raise ValueError(f"{len(data)} bytes are no whole number of 32-bit floats")
    return list(struct.unpack(f"<{count}f", data))


def split_rows(data: bytes, dimensions: int) -> list[bytes]:
    """Rows of `dimensions` float32 that stand one after another, each on its own.

    Raises `ValueError` where `dimensions` is not positive or the last row is incomplete.
    """
    if dimensions < 1:
        raise ValueError(f"a vector has at least one dimension, not {dimensions}")
    width = dimensions * FLOAT32_BYTES
    if len(data) % width:
        raise ValueError(f"{len(data)} bytes are no whole number of vectors of {dimensions} dimensions")
    return [data[start : start + width] for start in range(0, len(data), width)]


def to_base64(data: bytes) -> str:
    """Bytes as standard base64 with padding, as OpenAI's clients expect it."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """Standard base64 as bytes. Raises `ValueError` for anything else."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError("the text is not valid base64") from error
