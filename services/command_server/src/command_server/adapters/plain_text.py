"""Keeps what clients write plain text: nobody but the chat template may make a control token.

The engine takes a prompt as one text and makes a control token of everything that is spelled like one, also where a
user, a document or a tool's result wrote it. So each text of a request is marked before it is rendered: digits that
nobody can guess follow every character that a control token could begin with. In the rendered prompt the digits are
taken out again, and where a control token would now begin at a marked place, the prompt is cut there: the engine
gets the first character as a token and the rest as another text. The model reads exactly what was written, letter by
letter, and a prompt without such words is the same text as ever, so prompt caches know it again.
"""

import re
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from command_server.constants import MARK_DIGITS

Pieces = str | Sequence[str | int]
"""A prompt as the engine takes it: one text, or texts and tokens in a row."""


class Prompt(msgspec.Struct, frozen=True):
    """A rendered conversation: how it reads, and what the engine gets."""

    text: str
    pieces: Pieces


class PlainText:
    """Knows how a model's control tokens are spelled."""

    def __init__(self, specials: Collection[str], first_tokens: Mapping[str, Sequence[int]]) -> None:
        """`first_tokens`: the tokens of each character that a control token begins with."""
        longest_first = sorted(specials, key=len, reverse=True)
        self._special = re.compile("|".join(map(re.escape, longest_first))) if specials else None
        self._first = re.compile(f"[{re.escape(''.join(first_tokens))}]") if first_tokens else None
        self._tokens = first_tokens

    def mark(self, body: Mapping[str, object], mark: str) -> dict[str, object]:
        """`body`, any JSON, with `mark` behind every character in its texts that could begin a control token."""
        return {self._mark_text(key, mark): self._mark(value, mark) for key, value in body.items()}

    def _mark(self, value: object, mark: str) -> object:
        match value:
            case str():
                return self._mark_text(value, mark)
            case dict():
                return self.mark(value, mark)
            case list():
                return [self._mark(inner, mark) for inner in value]
            case _:
                return value

    def _mark_text(self, text: str, mark: str) -> str:
        return self._first.sub(lambda found: found.group() + mark, text) if self._first else text

    def prompt(self, rendered: str, mark: str) -> Prompt:
        """The prompt without its marks, cut where a text would have become a control token."""
        parts = rendered.split(mark)
        text = "".join(parts)
        if len(parts) == 1 or self._special is None:
            return Prompt(text, text)
        cuts = [end for end in _ends(parts) if self._special.match(text, end - 1)]
        return Prompt(text, self._cut(text, cuts) if cuts else text)

    def _cut(self, text: str, cuts: list[int]) -> list[str | int]:
        pieces: list[str | int] = []
        begin = 0
        for cut in cuts:
            pieces += [text[begin : cut - 1], *self._tokens[text[cut - 1]]]
            begin = cut
        return [*pieces, text[begin:]]


def new_mark() -> str:
    """Digits that no client can guess, and no template changes."""
    return "".join(secrets.choice("0123456789") for _ in range(MARK_DIGITS))


def first_characters(specials: Collection[str]) -> list[str]:
    """The characters that control tokens begin with."""
    return sorted({special[0] for special in specials})


def _ends(parts: list[str]) -> Iterator[int]:
    """Where each part but the last ends in the whole."""
    end = 0
    for part in parts[:-1]:
        end += len(part)
        yield end
