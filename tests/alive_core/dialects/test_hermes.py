"""Answers with Hermes's marks come out the same for every way their text can be cut."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters.events import ChoiceFinished, ReasoningDelta, TextDelta, ToolCallDelta
from alive_core.dialects import HERMES
from alive_core.dialects.turn import TurnReader

CALL = '\n{"name": "weather", "arguments": {"city": "Lisboa", "days": [1, 2]}}\n'
PARTS = st.lists(
    st.sampled_from(
        [*HERMES.markers, "<tool_", "</", ">", " ", "\n", "words", CALL, '{"arguments": {}, "name": "a"}']
    )
    | st.text(max_size=6),
    max_size=12,
)
Read = tuple[str, str, list[tuple[str, str]], str]


def read(pieces: list[str], *, reason: str = "stop", can_act: bool = True) -> Read:
    """Text, thinking, calls as name and arguments, and how it ended."""
    reader = TurnReader(0, can_act=can_act, markup=HERMES)
    events = [event for piece in pieces for event in reader.feed(piece)] + reader.finish(reason)
    text, thought = "", ""
    calls: list[tuple[str, str]] = []
    for event in events[:-1]:
        match event:
            case TextDelta():
                text += event.text
            case ReasoningDelta():
                thought += event.text
            case ToolCallDelta(name=str(name), id=str()):
                assert event.call == len(calls)
                calls.append((name, event.arguments))
            case ToolCallDelta():
                calls[event.call] = (calls[event.call][0], calls[event.call][1] + event.arguments)
            case _:
                pytest.fail(f"unexpected {event}")
    assert isinstance(events[-1], ChoiceFinished)
    return text, thought, calls, events[-1].reason


@given(PARTS, st.lists(st.integers(0, 1000)))
def test_any_answer_comes_out_the_same_for_any_cut(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    edges = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    pieces = [text[start:end] for start, end in itertools.pairwise(edges)]
    assert read(pieces) == read([text]) == read(list(text))


def test_thinking_words_and_calls_are_told_apart() -> None:
    answer = (
        f"<think>Which city?</think>\n\nLet me see.\n<tool_call>{CALL}</tool_call>\n<tool_call>{CALL}</tool_call>"
    )
    text, thought, calls, reason = read(list(answer))
    assert (text, thought, reason) == ("Let me see.", "Which city?", "tool_calls")
    assert [(name, json.loads(arguments)) for name, arguments in calls] == [
        ("weather", {"city": "Lisboa", "days": [1, 2]})
    ] * 2


def test_what_is_no_call_comes_out_as_text() -> None:
    assert read(["<tool_call>no json</tool_call>"])[0] == "no json"


def test_without_tools_the_marks_of_calls_are_words() -> None:
    answer = f"Write <tool_call>{CALL}</tool_call>."
    assert read(list(answer), can_act=False) == (answer, "", [], "stop")
