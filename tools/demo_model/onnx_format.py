"""Writes ONNX files: the little of the format that a decoder needs, by hand, so that no export library is needed.

An ONNX file is one protocol buffer. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; how
messages become bytes: https://protobuf.dev/programming-guides/encoding/.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

IR_VERSION: Final = 10
OPSETS: Final[Mapping[str, int]] = {"": 20, "com.microsoft": 1}
"""The operators that are used: ONNX's own, and those of ONNX Runtime for language models."""

Array = NDArray[Any]  # of any element type: weights are bytes and floats, shapes are integers
Attribute = int | float | str
Dimension = int | str

_TYPES: Final = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7, "float16": 10}
_VARINT, _BYTES, _FLOAT = 0, 2, 5


@dataclass(frozen=True, kw_only=True)
class Node:
    """One step of a graph; an empty input or output name leaves that place free."""

    kind: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    domain: str = ""


@dataclass(frozen=True, kw_only=True)
class Port:
    """An input or output of the whole graph; a dimension with a name may have any length."""

    name: str
    kind: str
    shape: Sequence[Dimension]


def onnx_bytes(
    nodes: Iterable[Node], constants: Mapping[str, Array], *, inputs: Iterable[Port], outputs: Iterable[Port]
) -> bytes:
    """The whole file."""
    graph = (
        b"".join(_message(1, _node(node)) for node in nodes)
        + _text(2, "decoder")
        + b"".join(_message(5, _tensor(name, values)) for name, values in constants.items())
        + b"".join(_message(11, _port(port)) for port in inputs)
        + b"".join(_message(12, _port(port)) for port in outputs)
    )
    opsets = b"".join(_message(8, _text(1, domain) + _number(2, version)) for domain, version in OPSETS.items())
    return _number(1, IR_VERSION) + _text(2, "alive-localcloud") + _message(7, graph) + opsets


def _node(node: Node) -> bytes:
    return (
        b"".join(_text(1, name) for name in node.inputs)
        + b"".join(_text(2, name) for name in node.outputs)
        + _text(3, node.outputs[0])
        + _text(4, node.kind)
        + b"".join(_message(5, _attribute(name, value)) for name, value in node.attributes.items())
        + _text(7, node.domain)
    )


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float):
        return _text(1, name) + _key(2, _FLOAT) + struct.pack("<f", value) + _number(20, 1)
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, 2)
    return _text(1, name) + _text(4, value) + _number(20, 3)


def _tensor(name: str, values: Array) -> bytes:
    """Raw data is little-endian, row by row."""
    raw = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
    dimensions = b"".join(_number(1, length) for length in values.shape)
    return dimensions + _number(2, _TYPES[values.dtype.name]) + _text(8, name) + _message(9, raw)


def _port(port: Port) -> bytes:
    dimensions = b"".join(
        _message(1, _text(2, length) if isinstance(length, str) else _number(1, length)) for length in port.shape
    )
    tensor = _number(1, _TYPES[port.kind]) + _message(2, dimensions)
    return _text(1, port.name) + _message(2, _message(1, tensor))


def _key(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _number(number: int, value: int) -> bytes:
    return _key(number, _VARINT) + _varint(value)


def _text(number: int, value: str) -> bytes:
    return _message(number, value.encode())


def _message(number: int, value: bytes) -> bytes:
    return _key(number, _BYTES) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; a negative number as its 64-bit complement."""
    value &= (1 << 64) - 1
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])
