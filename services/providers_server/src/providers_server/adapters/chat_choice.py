"""Makes events from the tokens of one answer: whole characters, nothing of a stop sequence, the parts told apart."""

from collections.abc import Sequence

import msgspec

from alive_core import (
    Event,
    FinishReason,
    ReasoningDelta,
    Sampling,
    StopMatcher,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    Utf8Assembler,
)
from alive_core.dialects import AnswerReader
from providers_server.adapters.chat_rounds import Chosen
from providers_server.adapters.chat_vocabulary import Vocabulary


class Choice:
    """One answer as it grows. Feed it each token, until it has ended."""

    def __init__(
        self,
        reader: AnswerReader,
        vocabulary: Vocabulary,
        *,
        sampling: Sampling,
        ends: frozenset[int],
        marks: frozenset[int],
        limit: int,
    ) -> None:
        """`ends`: tokens that end the answer; `marks`: control tokens that its reader wants to see."""
        self.tokens = 0
        """How many were chosen, the last one included, which may be an end."""
        self.has_ended = False
        self._reader = reader
        self._vocabulary = vocabulary
        self._ends, self._hidden, self._limit = ends, vocabulary.controls - marks, limit
        self._characters = Utf8Assembler()
        self._stops = StopMatcher(stop for stop in sampling.stop if stop)
        self._drops_space = vocabulary.drops_first_space
        self._untold = 0

    @property
    def reasoning_tokens(self) -> int:
        """How many of them were thinking."""
        return self._reader.reasoning_pieces

    def feed(self, chosen: Chosen) -> list[Event]:
        """What the next token adds; the last events where the answer ends with it."""
        self.tokens += 1
        self._untold += 1
        if chosen.token in self._ends:
            return self._told(self._finish("stop"))
        events = self._read(self._characters.feed(self._bytes(chosen.token)), chosen.logprob)
        if self._stops.matched is not None:
            events += self._reader.finish("stop")
            self.has_ended = True
        elif self.tokens == self._limit:
            events += self._finish("length")
        return self._told(events)

    def _bytes(self, token: int) -> bytes:
        return b"" if token in self._hidden else self._vocabulary.bytes_of(token)

    def _read(self, text: str, logprob: TokenLogprob | None = None) -> list[Event]:
        if text and self._drops_space:
            text, self._drops_space = text.removeprefix(" "), False
        return list(self._reader.feed(self._stops.feed(text), () if logprob is None else (logprob,)))

    def _finish(self, reason: FinishReason) -> list[Event]:
        self.has_ended = True
        rest = self._stops.feed(self._characters.finish()) + self._stops.finish()
        return [*self._reader.feed(rest), *self._reader.finish(reason)] if rest else list(self._reader.finish(reason))

    def _told(self, events: Sequence[Event]) -> list[Event]:
        """`events`, the last delta of which says how many tokens were chosen since the one before."""
        told = list(events)
        for place in reversed(range(len(told))):
            if isinstance(delta := told[place], TextDelta | ReasoningDelta | ToolCallDelta):
                told[place] = msgspec.structs.replace(delta, tokens=self._untold)
                self._untold = 0
                break
        return told
