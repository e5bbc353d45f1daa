"""An answer's segments come out the same for every way its text can be cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters.events import ChoiceFinished, ReasoningDelta, TextDelta, TokenLogprob, ToolCallDelta
from command_server.adapters.markers import MARKERS
from command_server.adapters.turn import TurnReader

PARTS = st.lists(
    st.sampled_from(
        [*MARKERS, "<|START_", "<", "|>", " ", "\n", "words", '[{"tool_name": "a", "parameters": {"b": 1}}]']
    )
    | st.text(max_size=6),
    max_size=12,
)


def read(pieces: list[str], *, reason: str = "stop") -> tuple[str, str, list[list[str]], str]:
    """Text, reasoning, calls as name and arguments, and how it ended."""
    reader = TurnReader(0)
    events = [event for piece in pieces for event in reader.feed(piece)] + reader.finish(reason)
    text = reasoning = ""
    calls: list[list[str]] = []
    for event in events[:-1]:
        match event:
            case TextDelta():
                text += event.text
            case ReasoningDelta():
                reasoning += event.text
            case ToolCallDelta(name=str(name)):
                calls.append([name, ""])
            case ToolCallDelta():
                calls[event.call][1] += event.arguments
            case _:
                pytest.fail(f"unexpected {event}")
    assert isinstance(events[-1], ChoiceFinished)
    return text, reasoning, calls, events[-1].reason


@given(PARTS, st.lists(st.integers(0, 1000)))
def test_any_answer_comes_out_the_same_for_any_cut(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    edges = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    pieces = [text[start:end] for start, end in itertools.pairwise(edges)]
    assert read(pieces) == read([text]) == read(list(text))


@given(st.text().filter(lambda text: not any(marker in text for marker in MARKERS)))
def test_text_without_markers_passes_unchanged(text: str) -> None:
    assert read(list(text)) == (text, "", [], "stop")


@given(PARTS)
def test_markers_never_reach_the_client(parts: list[str]) -> None:
    text, reasoning, _, _ = read(["<|START_RESPONSE|>", *parts])
    assert not any(marker in text or marker in reasoning for marker in MARKERS)


def test_the_segments_of_a_whole_turn() -> None:
    turn = (
        "<|START_THINKING|>I need the weather.<|END_THINKING|>"
        '<|START_ACTION|>[\n    {"tool_call_id": "0", "tool_name": "weather", "parameters": {"city": "Lisboa"}}\n]'
        "<|END_ACTION|>"
    )
    assert read([turn]) == ("", "I need the weather.", [["weather", '{"city": "Lisboa"}']], "tool_calls")


def test_a_response_loses_its_markers_only() -> None:
    assert read(["<|START_RESPONSE|> Hello.\n<|END_RESPONSE|>\n"]) == (" Hello.\n", "", [], "stop")


def test_space_between_segments_is_dropped_and_between_words_kept() -> None:
    assert read(["<|START_THINKING|>x<|END_THINKING|>", "\n", "one", " ", "two", "\n"])[0] == "one two"


def test_the_limit_stays_the_limit_even_after_a_call() -> None:
    turn = '<|START_ACTION|>[{"tool_name": "a", "parameters": {"b'
    assert read([turn], reason="length") == ("", "", [["a", '{"b']], "length")


def test_actions_that_cannot_be_read_are_text() -> None:
    assert read(["<|START_ACTION|>I would call a tool<|END_ACTION|>"]) == ("I would call a tool", "", [], "stop")


def test_calls_of_two_actions_are_numbered_on() -> None:
    action = '<|START_ACTION|>[{"tool_name": "a", "parameters": {}}]<|END_ACTION|>'
    assert read([action, action])[2] == [["a", "{}"], ["a", "{}"]]


def test_what_the_prompt_began_is_continued() -> None:
    reader = TurnReader(1, segment="thinking")
    events = reader.feed("so") + reader.feed("<|END_THINKING|>") + reader.feed("yes") + reader.finish("stop")
    assert events == [ReasoningDelta("so", 1), TextDelta("yes", 1), ChoiceFinished("stop", 1)]
    assert reader.reasoning_pieces == 1


def test_log_probabilities_travel_with_their_text_only() -> None:
    def logprob(token: str) -> TokenLogprob:
        return TokenLogprob(token, -1.0)

    reader = TurnReader()
    events = reader.feed("<|START_RESPONSE|>", (logprob("<|START_RESPONSE|>"),))
    events += reader.feed("", (logprob("a"),))  # the engine withholds what may become a stop sequence
    events += reader.feed("ab", (logprob("b"),))
    events += reader.feed("<|END_RESPONSE|>", (logprob("<|END_RESPONSE|>"),))
    assert events == [TextDelta("ab", logprobs=(logprob("a"), logprob("b")))]


def test_where_no_tools_are_offered_an_action_is_only_text() -> None:
    text = (
        '<|START_RESPONSE|>write <|START_ACTION|>[{"tool_name": "a", "parameters": {}}]<|END_ACTION|><|END_RESPONSE|>'
    )
    for cut in range(len(text)):
        reader = TurnReader(can_act=False)
        events = [*reader.feed(text[:cut]), *reader.feed(text[cut:]), *reader.finish("stop")]
        said = "".join(event.text for event in events if isinstance(event, TextDelta))
        assert said == 'write <|START_ACTION|>[{"tool_name": "a", "parameters": {}}]<|END_ACTION|>'
        assert events[-1] == ChoiceFinished("stop")
