"""Text that arrives in pieces: bytes to characters, and stop sequences that never leak."""

import codecs
from collections.abc import Iterable


class Utf8Assembler:
    """Joins pieces of UTF-8 to text without ever giving half a character.

    What the pieces give together is what decoding the whole at once would give; invalid bytes become U+FFFD.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, piece: bytes) -> str:
        """All characters that are complete now."""
        return self._decoder.decode(piece)

    def finish(self) -> str:
        """The end: U+FFFD where a character stayed incomplete, else nothing. The assembler is fresh afterwards."""
        rest = self._decoder.decode(b"", True)
        self._decoder.reset()
        return rest


class _Progress:
    """How much of one stop sequence the end of the text spells (Knuth, Morris and Pratt)."""

    def __init__(self, stop: str) -> None:
        self.stop = stop
        self.length = 0
        self._fallbacks = _fallbacks(stop)

    def advance(self, character: str) -> bool:
        """Take one more character; whether the whole sequence is there now. Not to be called after that."""
        while self.length and self.stop[self.length] != character:
            self.length = self._fallbacks[self.length - 1]
        if self.stop[self.length] == character:
            self.length += 1
        return self.length == len(self.stop)


def _fallbacks(stop: str) -> list[int]:
    """For each prefix, the length of its longest proper prefix that is its suffix too."""
    lengths = [0] * len(stop)
    matched = 0
    for position in range(1, len(stop)):
        while matched and stop[position] != stop[matched]:
            matched = lengths[matched - 1]
        if stop[position] == stop[matched]:
            matched += 1
        lengths[position] = matched
    return lengths


class StopMatcher:
    """Ends a text at the first stop sequence that becomes complete, for text in pieces of any size.

    Nothing of a stop sequence is ever given out, and only what could still become one is held back. Where several
    become complete with the same character, the longest counts. The time is linear in the text.
    """

    def __init__(self, stops: Iterable[str]) -> None:
        """Raises `ValueError` for an empty sequence: it would end every text before it begins."""
        self._progress = [_Progress(stop) for stop in dict.fromkeys(stops)]
        if any(not progress.stop for progress in self._progress):
            raise ValueError("a stop sequence cannot be empty")
        self._held = ""
        self.matched: str | None = None
        """The sequence that ended the text, once it came."""

    def __repr__(self) -> str:
        return f"<StopMatcher {len(self._progress)} stops, {len(self._held)} held, matched {self.matched!r}>"

    def feed(self, piece: str) -> str:
        """What can be given out now. After a match always nothing."""
        if self.matched is not None:
            return ""
        text = self._held + piece
        for position, character in enumerate(piece, start=len(self._held) + 1):
            complete = [progress.stop for progress in self._progress if progress.advance(character)]
            if complete:
                self.matched = max(complete, key=len)
                self._held = ""
                return text[: position - len(self.matched)]
        split = len(text) - max((progress.length for progress in self._progress), default=0)
        self._held = text[split:]
        return text[:split]

    def finish(self) -> str:
        """The end of the text: what was held back and became no stop sequence."""
        rest, self._held = self._held, ""
        return rest
