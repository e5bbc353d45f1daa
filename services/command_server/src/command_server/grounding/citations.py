"""Reads the citation marks that a Command-R model writes into a grounded answer.

`The code is <co>QX-7431</co: 0:[2]>.` cites document 2. Behind the colon stand, with commas between them, the number
of a tool call and the results of it that are cited; call 0 is the one that brought the request's documents. What
comes out is the same for every way the text can be cut into pieces. Format: "Using Command R7B on Hugging Face",
https://docs.cohere.com/docs/command-r7b-hf
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from alive_core import Citation, CitedDocument, Document, TextDelta, TokenLogprob
from command_server.constants import CITATION_MARK_CHARS

OPENING: Final = "<co>"
CLOSING: Final = "</co:"
DOCUMENTS_CALL: Final = "0"

_MARK: Final = re.compile(rf"{OPENING}|{CLOSING}([^<>\n]{{0,{CITATION_MARK_CHARS}}})>")
_SOURCES: Final = re.compile(r"(\d+):\[([\d,\s]*)\]")
_NUMBER: Final = re.compile(r"\d+")
_BEGINNING: Final = re.compile(rf"<|<c|<co|</|</c|</co|{CLOSING}[^<>\n]{{0,{CITATION_MARK_CHARS}}}")

GroundedEvent = TextDelta | Citation


class CitationReader:
    """Takes the marks out of one choice's text and tells what they cite. Feed it the text, then `finish` it once."""

    def __init__(self, documents: Sequence[Document], *, index: int = 0) -> None:
        self._documents, self._index = documents, index
        self._held = ""  # could become a mark
        self._length = 0  # characters written so far
        self._span: list[str] | None = None  # what was written since the span began
        self._logprobs = _Aligned()

    def feed(self, delta: TextDelta) -> list[GroundedEvent]:
        """More of the text. A citation follows the text that it is about."""
        if not self._held:
            self._logprobs.clear()
        self._logprobs.add(delta.logprobs)
        rest, events = self._held + delta.text, list[GroundedEvent]()
        while match := _MARK.search(rest):
            events += self._write(rest[: match.start()])
            events += self._take_mark(match)
            rest = rest[match.end() :]
        kept = len(rest) - _mark_beginning(rest)
        self._held = rest[kept:]
        return events + self._write(rest[:kept])

    def finish(self) -> list[GroundedEvent]:
        """The end of the text. What looked like a mark was none; a span that is still open cites nothing."""
        held, self._held = self._held, ""
        return self._write(held)

    def _write(self, text: str) -> list[GroundedEvent]:
        if not text:
            return []
        self._length += len(text)
        if self._span is not None:
            self._span.append(text)
        return [TextDelta(text, index=self._index, logprobs=self._logprobs.take(text))]

    def _take_mark(self, match: re.Match[str]) -> list[GroundedEvent]:
        self._logprobs.skip(match.group())
        if match.group() == OPENING:
            self._span = []
            return []
        text, self._span = "".join(self._span or ()), None
        documents = cited_documents(match.group(1), self._documents)
        if not text or not documents:
            return []
        return [Citation(self._length - len(text), self._length, text, documents, index=self._index)]


@dataclass(slots=True)
class _Token:
    logprob: TokenLogprob
    unread: int
    """Bytes of its text that were not read yet."""
    is_taken: bool = False


class _Aligned:
    """Log probabilities of tokens whose text is still being read; each goes with the first text it is part of."""

    def __init__(self) -> None:
        self._tokens: deque[_Token] = deque()

    def clear(self) -> None:
        self._tokens.clear()

    def add(self, logprobs: Sequence[TokenLogprob]) -> None:
        self._tokens.extend(_Token(each, len(each.token_bytes) or len(each.token.encode())) for each in logprobs)

    def take(self, text: str) -> tuple[TokenLogprob, ...]:
        """Read `text`: the tokens that are part of it, and of no text before it."""
        new = [token for token in self._read(text) if not token.is_taken]
        for token in new:
            token.is_taken = True
        return tuple(token.logprob for token in new)

    def skip(self, text: str) -> None:
        """Read `text`, which is no part of the answer."""
        for _ in self._read(text):
            pass

    def _read(self, text: str) -> Iterator[_Token]:
        missing = len(text.encode())
        while missing > 0 and self._tokens:
            token = self._tokens[0]
            step = min(missing, token.unread)
            missing, token.unread = missing - step, token.unread - step
            if not token.unread:
                self._tokens.popleft()
            yield token


def cited_documents(sources: str, documents: Sequence[Document]) -> tuple[CitedDocument, ...]:
    """The documents that the inside of a closing mark names, each once; results of other tool calls are none."""
    named = [
        int(number)
        for call, numbers in _SOURCES.findall(sources)
        if call == DOCUMENTS_CALL
        for number in _NUMBER.findall(numbers)
    ]
    places = [place for place in dict.fromkeys(named) if place < len(documents)]
    return tuple(CitedDocument(documents[place].id, title=documents[place].title) for place in places)


def _mark_beginning(text: str) -> int:
    """The length of the longest end of `text` that could still become a mark."""
    start = text.rfind("<")
    return len(text) - start if start >= 0 and _BEGINNING.fullmatch(text, start) else 0
