"""Tool calls come out the same for every way their text can be cut."""

import itertools
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alive_core.adapters.events import TextDelta, ToolCallDelta
from alive_core.dialects.actions import ActionReader

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
CALLS = st.lists(st.tuples(st.text(max_size=8), st.dictionaries(st.text(max_size=6), JSON, max_size=3)), max_size=3)


def read_pieces(pieces: list[str], *, first_call: int = 0) -> tuple[list[tuple[str, str]], str, ActionReader]:
    """Names and arguments of the calls, the text that was none, and the reader."""
    reader = ActionReader(first_call=first_call, index=0)
    events = [event for piece in pieces for event in reader.feed(piece)] + reader.finish()
    calls: dict[int, tuple[str, str]] = {}
    text = ""
    for event in events:
        match event:
            case ToolCallDelta(id=str(), name=str(name), call=call, arguments=""):
                assert call == len(calls) + first_call
                calls[call] = (name, "")
            case ToolCallDelta(id=None, name=None, call=call):
                calls[call] = (calls[call][0], calls[call][1] + event.arguments)
            case TextDelta():
                text += event.text
            case _:
                pytest.fail(f"unexpected {event}")
    return list(calls.values()), text, reader


def cut(text: str, cuts: list[int]) -> list[str]:
    edges = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[start:end] for start, end in itertools.pairwise(edges)]


@given(CALLS, st.lists(st.integers(0, 10_000)), st.sampled_from([None, 4]), st.booleans())
def test_calls_survive_any_cut_and_any_order_of_keys(
    calls: list[tuple[str, dict[str, object]]], cuts: list[int], indent: int | None, arguments_first: bool
) -> None:
    entries = []
    for number, (name, arguments) in enumerate(calls):
        entry = {"tool_call_id": str(number), "tool_name": name, "parameters": arguments}
        entries.append(dict(reversed(entry.items())) if arguments_first else entry)
    text = json.dumps(entries, indent=indent, ensure_ascii=bool(indent))
    found, rest, _ = read_pieces(cut(text, cuts))
    assert [name for name, _ in found] == [name for name, _ in calls]
    assert [json.loads(arguments) for _, arguments in found] == [arguments for _, arguments in calls]
    assert rest == ("" if calls else text)


@given(st.text(alphabet='[]{}":,\\ \n0at_olnmeprs', max_size=60), st.lists(st.integers(0, 100)))
@example('[{"tool_name":"a","parameters":{}} x', [])
@example('[{"tool_name":"a","parameters":{}}]}', [])
def test_any_text_comes_out_the_same_for_any_cut(text: str, cuts: list[int]) -> None:
    whole = read_pieces([text])
    pieces = read_pieces(cut(text, cuts))
    assert pieces[:2] == whole[:2]


@given(st.text(max_size=40))
def test_text_that_is_no_list_of_calls_is_handed_on_whole(text: str) -> None:
    calls, rest, _ = read_pieces([text])
    assert calls == []
    assert rest == text


def test_arguments_are_streamed_as_they_are_written() -> None:
    reader = ActionReader(first_call=0, index=3)
    first = reader.feed('[{"tool_call_id": "0", "tool_name": "weather", "parameters": {"ci')
    assert [event.index for event in first] == [3, 3]
    assert first[0].name == "weather"
    assert first[1].arguments == '{"ci'
    assert [event.arguments for event in reader.feed('ty": "Lis')] == ['ty": "Lis']


def test_ids_are_ours_and_differ() -> None:
    reader = ActionReader(first_call=0, index=0)
    text = '[{"tool_call_id": "0", "tool_name": "a", "parameters": {}}, {"tool_name": "a", "parameters": {}}]'
    ids = [event.id for event in reader.feed(text) if event.id]
    assert len(set(ids)) == 2
    assert all(one.startswith("call_") for one in ids)


def test_calls_are_numbered_on_from_earlier_segments() -> None:
    calls, _, reader = read_pieces(['[{"tool_name": "a", "parameters": {}}]'], first_call=2)
    assert calls == [("a", "{}")]
    assert reader.calls == 1


def test_a_call_cut_off_in_its_arguments_keeps_what_there_is() -> None:
    assert read_pieces(['[{"tool_name": "a", "parameters": {"x": [1, '])[:2] == ([("a", '{"x": [1, ')], "")


def test_a_second_call_cut_off_before_its_name_is_dropped() -> None:
    text = '[{"tool_name": "a", "parameters": {}}, {"tool_call_id": "1", "tool_'
    assert read_pieces([text])[:2] == ([("a", "{}")], "")


def test_a_first_call_cut_off_before_its_name_is_text() -> None:
    text = '[{"tool_call_id": "0", "tool_'
    assert read_pieces([text])[:2] == ([], text)


@pytest.mark.parametrize(
    "text",
    [
        '{"tool_name": "a", "parameters": {}}',
        "[1]",
        '[{"parameters": {}}]',
        '[{"tool_name": "a"}]',
        '[{"tool_name": "a", "parameters": "x"}]',
        '[{"tool_name": 1, "parameters": {}}]',
        '[{"tool_name": "\\x", "parameters": {}}]',
        '[{"tool_name" "a"}]',
        '[{"a": ?}]',
    ],
)
def test_what_breaks_the_rules_is_text(text: str) -> None:
    assert read_pieces([text])[:2] == ([], text)


def test_what_follows_the_list_is_text() -> None:
    assert read_pieces(['[{"tool_name": "a", "parameters": {}}] and so on'])[:2] == ([("a", "{}")], " and so on")
