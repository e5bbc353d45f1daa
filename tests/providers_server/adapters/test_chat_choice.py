"""However an answer's characters fall into tokens, its events say the same."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alive_core import ChatJob, ChoiceFinished, Event, Message, Sampling, TextDelta, Tool, ToolCallDelta
from alive_core.dialects import HERMES, answer_reader
from providers_server.adapters.chat_choice import Choice
from providers_server.adapters.chat_rounds import Chosen
from providers_server.adapters.chat_vocabulary import Vocabulary
from support.random_chat_model import QWEN, SMALL, random_tokenizer

END = 2
JOB = ChatJob("job", (Message("user", "Hi"),), tools=(Tool("now"),))


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    path: Path = tmp_path_factory.mktemp("vocabulary") / "tokenizer.json"
    random_tokenizer(SMALL, QWEN).save(str(path))
    return Vocabulary.load(path)


def bytewise(vocabulary: Vocabulary, text: str) -> list[int]:
    """The tokens that stand for one byte each."""
    tokens = {vocabulary.bytes_of(number): number for number in range(5, 261)}
    return [tokens[bytes([byte])] for byte in text.encode()]


def said(
    vocabulary: Vocabulary, tokens: list[int], *, stop: tuple[str, ...] = (), limit: int = 10_000
) -> list[Event]:
    choice = Choice(
        answer_reader(JOB, markup=HERMES),
        vocabulary,
        sampling=Sampling(stop=stop),
        ends=frozenset({END}),
        marks=frozenset(),
        limit=limit,
    )
    events: list[Event] = []
    for token in tokens:
        if not choice.has_ended:
            events += choice.feed(Chosen(token))
    assert choice.has_ended
    told = sum(event.tokens for event in events if isinstance(event, TextDelta | ToolCallDelta))
    assert told <= choice.tokens
    return events


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@settings(deadline=None)
@given(text=st.text(max_size=30).filter(lambda text: text.strip() == text and "<" not in text))
def test_whole_characters_come_for_any_tokens(vocabulary: Vocabulary, text: str) -> None:
    for tokens in (bytewise(vocabulary, text), vocabulary.tokens(text)):
        events = said(vocabulary, [*tokens, END])
        assert text_of(events) == text
        assert events[-1] == ChoiceFinished("stop")


def test_nothing_of_a_stop_sequence_comes(vocabulary: Vocabulary) -> None:
    events = said(vocabulary, bytewise(vocabulary, "one, two, three"), stop=("two",))
    assert text_of(events).strip() == "one,"
    assert events[-1] == ChoiceFinished("stop")


def test_a_character_that_stays_half_is_marked_as_such(vocabulary: Vocabulary) -> None:
    assert text_of(said(vocabulary, [*bytewise(vocabulary, "añ")[:2], END])) == "a\ufffd"


def test_an_answer_ends_at_its_limit(vocabulary: Vocabulary) -> None:
    events = said(vocabulary, bytewise(vocabulary, "abcdef"), limit=3)
    assert text_of(events) == "abc"
    assert events[-1] == ChoiceFinished("length")


def test_control_tokens_are_no_text(vocabulary: Vocabulary) -> None:
    assert text_of(said(vocabulary, [1, *bytewise(vocabulary, "a"), 0, END])) == "a"


def test_a_call_is_read_from_its_marks(vocabulary: Vocabulary) -> None:
    call = '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>'
    for tokens in (bytewise(vocabulary, call), vocabulary.tokens(call)):
        events = said(vocabulary, [*tokens, END])
        assert [event.name for event in events if isinstance(event, ToolCallDelta) and event.name] == ["now"]
        assert events[-1] == ChoiceFinished("tool_calls")
