"""Hides how long the pieces of a stream are: who sees the sizes of encrypted packets could guess words from them."""

import secrets

import msgspec

from alive_core.constants import OBFUSCATION_STEP_BYTES
from alive_core.schemas.common import ResponseStruct, encode

_FIELD = "obfuscation"
_FRAME_BYTES = len(f',"{_FIELD}":""')


def padded(chunk: ResponseStruct) -> ResponseStruct:
    """`chunk` with noise that makes its JSON's size a multiple of a step; as it is where it has no such field."""
    if _FIELD not in chunk.__struct_fields__:
        return chunk
    missing = -(len(encode(chunk)) + _FRAME_BYTES) % OBFUSCATION_STEP_BYTES
    return msgspec.structs.replace(chunk, **{_FIELD: secrets.token_hex(missing)[:missing]})
