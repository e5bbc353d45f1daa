"""The tokens of a GGUF file that are more than the text they are spelled with.

Types: `llama_token_type` in https://github.com/ggml-org/llama.cpp/blob/master/include/llama.h
"""

import array
import mmap
import sys
from pathlib import Path
from struct import Struct
from typing import Final

from command_server.adapters.gguf_header import INT32, STRING, ArrayPlace, GgufHeader

TOKENS: Final = "tokenizer.ggml.tokens"
TOKEN_TYPES: Final = "tokenizer.ggml.token_type"

_UNKNOWN: Final = 2
_CONTROL: Final = 3
_USER_DEFINED: Final = 4
_SPECIAL: Final = frozenset({_UNKNOWN, _CONTROL, _USER_DEFINED})  # the engine looks for these before it cuts a text
_BRACKET: Final = "<"
_LENGTH: Final = Struct("<Q")


def special_tokens(path: Path, header: GgufHeader) -> tuple[str, ...]:
    """How the model's control tokens are spelled, and its own tokens that look like them.

    User-defined tokens of another look are ordinary words that only were never cut.
    """
    tokens, types = header.arrays.get(TOKENS), header.arrays.get(TOKEN_TYPES)
    if tokens is None or types is None or (tokens.element, types.element) != (STRING, INT32):
        return ()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        kinds = _integers(data, types)
        spelled = _strings_at(data, tokens, {number for number, kind in enumerate(kinds) if kind in _SPECIAL})
    return tuple(text for number, text in spelled if kinds[number] != _USER_DEFINED or text.startswith(_BRACKET))


def token_kinds(path: Path, header: GgufHeader) -> "array.array[int]":
    """The type of each token, in order; empty where the file does not say."""
    types = header.arrays.get(TOKEN_TYPES)
    if types is None or types.element != INT32:
        return array.array("i")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _integers(data, types)


def _integers(data: mmap.mmap, place: ArrayPlace) -> "array.array[int]":
    numbers = array.array("i")
    numbers.frombytes(data[place.offset : place.offset + place.length * numbers.itemsize])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _strings_at(data: mmap.mmap, place: ArrayPlace, wanted: set[int]) -> list[tuple[int, str]]:
    """The strings with these numbers. All before them have to be stepped over: a tenth of a second for 256,000."""
    found, at = [], place.offset
    for number in range(min(place.length, max(wanted, default=-1) + 1)):
        begin = at + _LENGTH.size
        at = begin + _LENGTH.unpack_from(data, at)[0]
        if number in wanted:
            found.append((number, data[begin:at].decode("utf-8", "replace")))
    return found
