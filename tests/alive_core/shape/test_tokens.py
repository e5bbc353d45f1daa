"""Tokens of a text, and its text again: nothing is lost where an engine speaks in pieces."""

from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters import events
from alive_core.schemas.common import ResponseStruct
from alive_core.schemas.tokens import DetokenizeResponse, TokenizeResponse
from alive_core.shape.shape import Whole
from alive_core.shape.tokens import WholeText, WholeTokens

SIGN_OF_LIFE = events.Progress("batch", 1, 2)
END = events.Finished(events.Usage(0))


def shape(form: Whole, told: list[events.Event]) -> ResponseStruct:
    assert isinstance(form, Whole)
    for event in [SIGN_OF_LIFE, *told, END]:
        form.add(event)
    return form.result()


@given(st.lists(st.lists(st.integers(0, 2**31)), max_size=5))
def test_all_tokens_are_there_in_order_and_counted(pieces: list[list[int]]) -> None:
    ids = [token for piece in pieces for token in piece]
    told: list[events.Event] = [events.Tokens(tuple(piece)) for piece in pieces]
    assert shape(WholeTokens(8192), told) == TokenizeResponse(count=len(ids), max_model_len=8192, tokens=ids)


def test_a_model_that_does_not_tell_its_window_gives_none() -> None:
    assert shape(WholeTokens(None), []) == TokenizeResponse(count=0, max_model_len=None, tokens=[])


@given(st.lists(st.text(), max_size=5))
def test_all_text_is_there_in_order(pieces: list[str]) -> None:
    told: list[events.Event] = [events.TextDelta(piece) for piece in pieces]
    assert shape(WholeText(), told) == DetokenizeResponse(prompt="".join(pieces))
