"""A grounded answer: segments first, citations in its text."""

from alive_core import ChoiceFinished, Citation, CitedDocument, Document, ReasoningDelta, TextDelta
from command_server.adapters.turn import TurnReader
from command_server.grounding.citations import CitationReader
from command_server.grounding.turn import GroundedTurnReader


def test_only_the_response_is_read_for_citations() -> None:
    reader = GroundedTurnReader(TurnReader(1), CitationReader([Document("d7", "…")], index=1))
    raw = (
        "<|START_THINKING|>Use <co>this</co: 0:[0]>.<|END_THINKING|>"
        "<|START_RESPONSE|>At <co>07:45</co: 0:[0]>.<|END_RESPONSE|>"
    )
    assert reader.feed(raw) + reader.finish("stop") == [
        ReasoningDelta("Use <co>this</co: 0:[0]>.", index=1),
        TextDelta("At ", index=1),
        TextDelta("07:45", index=1),
        Citation(3, 8, "07:45", (CitedDocument("d7"),), index=1),
        TextDelta(".", index=1),
        ChoiceFinished("stop", index=1),
    ]


def test_what_was_withheld_comes_before_the_end() -> None:
    reader = GroundedTurnReader(TurnReader(0), CitationReader([Document("a", "…")]))
    assert reader.feed("x <co") + reader.finish("length") == [
        TextDelta("x "),
        TextDelta("<co"),
        ChoiceFinished("length"),
    ]
