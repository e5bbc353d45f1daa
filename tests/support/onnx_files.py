"""ONNX files by hand, as far as tests need them: protobuf messages with a few fields."""


def varint(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number: int, value: int | bytes) -> bytes:
    """A number, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def external(location: str) -> bytes:
    """A tensor whose weights lie at `location`."""
    return field(13, field(1, b"location") + field(2, location.encode())) + field(14, 1)


def node(*attributes: bytes) -> bytes:
    return b"".join(field(5, attribute) for attribute in attributes)


def graph(*tensors: bytes, nodes: list[bytes] | None = None) -> bytes:
    return b"".join(field(1, one) for one in nodes or []) + b"".join(field(5, tensor) for tensor in tensors)


def model(content: bytes, more: bytes = b"") -> bytes:
    return field(1, 8) + field(7, content) + more
