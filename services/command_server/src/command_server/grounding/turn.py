"""Reads one grounded answer: its segments, and in its text the citations."""

from collections.abc import Iterable, Iterator

from alive_core import ChoiceFinished, Citation, FinishReason, TextDelta, TokenLogprob
from command_server.adapters.turn import TurnEvent, TurnReader
from command_server.grounding.citations import CitationReader

GroundedTurnEvent = TurnEvent | Citation


class GroundedTurnReader:
    """A `TurnReader` whose text is read for citations as well."""

    def __init__(self, turn: TurnReader, citations: CitationReader) -> None:
        self._turn, self._citations = turn, citations

    @property
    def reasoning_pieces(self) -> int:
        """How many pieces fed so far were thinking."""
        return self._turn.reasoning_pieces

    def feed(self, text: str, logprobs: tuple[TokenLogprob, ...] = ()) -> list[GroundedTurnEvent]:
        """More of the answer."""
        return list(self._read(self._turn.feed(text, logprobs)))

    def finish(self, reason: FinishReason) -> list[GroundedTurnEvent]:
        """The end of the answer, as the engine gives it."""
        return list(self._read(self._turn.finish(reason)))

    def _read(self, events: Iterable[TurnEvent]) -> Iterator[GroundedTurnEvent]:
        for event in events:
            match event:
                case TextDelta():
                    yield from self._citations.feed(event)
                case ChoiceFinished():
                    yield from self._citations.finish()
                    yield event
                case _:
                    yield event
