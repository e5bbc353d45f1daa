"""The tokens of a chat model: text to numbers, and each number to the bytes it stands for.

Two spellings are in use: byte-level BPE writes each byte as a printable character (GPT-2's table), and SentencePiece
writes a space as `▁` and rare bytes as `<0x0A>`. Model libraries are imported while a model loads.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from alive_core import InvalidRequest, LoadFailed
from alive_core.dialects import Pieces

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_SPACE: Final = "▁"
_BYTE: Final = re.compile(r"<0x([0-9A-F]{2})>")
_BYTES: Final = 256


class DecoderPart(msgspec.Struct, frozen=True):
    """How `tokenizer.json` says that tokens become text; a sequence has parts."""

    type: str
    decoders: tuple["DecoderPart", ...] = ()


class Vocabulary:
    """Reads and writes tokens. All methods may be called from any thread."""

    def __init__(self, tokenizer: "Tokenizer", *, is_byte_level: bool, drops_first_space: bool) -> None:
        self._tokenizer = tokenizer
        self._is_byte_level = is_byte_level
        self.drops_first_space = drops_first_space
        """Whether a space that begins an answer belongs to its spelling and not to its text."""
        added = tokenizer.get_added_tokens_decoder()
        self._added = {number: token.content for number, token in added.items()}
        self.controls = frozenset(number for number, token in added.items() if token.special)
        """Tokens that are no text."""
        self.specials = tuple(
            token.content for token in added.values() if token.special or token.content.startswith("<")
        )
        """What a text must not contain if it is to stay plain text."""
        self._known: dict[int, bytes] = {}

    @classmethod
    def load(cls, path: Path) -> "Vocabulary":
        """Read `tokenizer.json`. Raises LoadFailed."""
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises `Exception` itself
            raise LoadFailed(f"{path} is damaged or not understood: {error}. Fetch it again.") from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        kinds = set(_kinds(tokenizer))
        if not kinds & {"ByteLevel", "ByteFallback", "Metaspace"}:
            raise LoadFailed(
                f"{path} spells tokens as {', '.join(sorted(kinds)) or 'nothing'}, which is not known here."
            )
        return cls(
            tokenizer, is_byte_level="ByteLevel" in kinds, drops_first_space=bool(kinds & {"Strip", "Metaspace"})
        )

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return self._tokenizer.get_vocab_size()

    def tokens(self, text: str) -> list[int]:
        """The tokens of a text; what is spelled like a special token is one. Nothing is added."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def prompt_tokens(self, pieces: Pieces) -> list[int]:
        """The tokens of a prompt as `PlainText` cuts it."""
        if isinstance(pieces, str):
            return self.tokens(pieces)
        found: list[int] = []
        for piece in pieces:
            found += [piece] if isinstance(piece, int) else self.tokens(piece)
        return found

    def token_of(self, text: str) -> int | None:
        """The token that is added under this very text."""
        return next((number for number, content in self._added.items() if content == text), None)

    def bytes_of(self, token: int) -> bytes:
        """The bytes a token stands for; a token without a meaning stands for none."""
        known = self._known.get(token)
        if known is None:
            known = self._known[token] = self._spell(token)
        return known

    def text(self, tokens: Sequence[int]) -> str:
        """The text of tokens, special ones included. Raises InvalidRequest where one is none of the model's."""
        strange = next((token for token in tokens if not 0 <= token < self.size), None)
        if strange is not None:
            raise InvalidRequest(
                f"The token {strange} does not exist; the largest is {self.size - 1}.", param="tokens"
            )
        text = b"".join(map(self.bytes_of, tokens)).decode("utf-8", "replace")
        return text[1:] if self.drops_first_space and text.startswith(" ") else text

    def _spell(self, token: int) -> bytes:
        added = self._added.get(token)
        if added is not None:
            return added.encode()
        written = self._tokenizer.id_to_token(token) or ""
        if self._is_byte_level:
            return b"".join(self._byte_of.get(character, character.encode()) for character in written)
        byte = _BYTE.fullmatch(written)
        return bytes([int(byte.group(1), 16)]) if byte else written.replace(_SPACE, " ").encode()

    @cached_property
    def _byte_of(self) -> dict[str, bytes]:
        """GPT-2's table: printable bytes stand for themselves, the others for the characters from 256 on."""
        printable = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
        hidden = [byte for byte in range(_BYTES) if byte not in printable]
        return {chr(byte): bytes([byte]) for byte in printable} | {
            chr(_BYTES + place): bytes([byte]) for place, byte in enumerate(hidden)
        }


def _kinds(tokenizer: "Tokenizer") -> Iterable[str]:
    if tokenizer.decoder is None:
        return ()
    part = msgspec.json.decode(tokenizer.decoder.__getstate__(), type=DecoderPart)
    return [part.type, *(inner.type for inner in part.decoders)]
