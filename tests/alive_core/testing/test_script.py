"""The language of scripts, word by word."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.errors import InvalidRequest, RateLimited
from alive_core.testing import script
from alive_core.testing.script import Failure, Step, Vocabulary, check, part_of, steps_of, vector_of, words_of


@given(st.text())
def test_words_joined_are_the_text(text: str) -> None:
    assert "".join(words_of(text)) == text


@given(st.text())
def test_a_text_with_its_slashes_doubled_is_said_as_it_is(text: str) -> None:
    script = "\n".join(f"/{line}" if line.startswith("/") else line for line in text.split("\n"))
    assert list(steps_of(script)) == [Step("say", text)]


def test_directions_stand_between_texts() -> None:
    assert list(steps_of("one\ntwo\n/sleep 1\nthree")) == [
        Step("say", "one\ntwo"),
        Step("sleep", "1"),
        Step("say", "three"),
    ]


def test_what_is_for_one_choice_is_for_no_other() -> None:
    steps = list(steps_of("a\n/choice 1\nb\n/choice 0\nc\n/choice all\nd"))
    assert [step.words for step in part_of(steps, 0)] == ["a", "c", "d"]
    assert [step.words for step in part_of(steps, 1)] == ["a", "b", "d"]
    assert [step.words for step in part_of(steps, 2)] == ["a", "d"]


def test_unknown_and_harmful_directions_are_refused_by_name() -> None:
    with pytest.raises(InvalidRequest, match="no stage direction /dance"):
        check([Step("dance", "")], param="prompt", is_guarded=False)
    check([Step("exit", "1")], param="prompt", is_guarded=False)
    with pytest.raises(InvalidRequest, match="/exit would hurt"):
        check([Step("exit", "1")], param="prompt", is_guarded=True)


@pytest.mark.parametrize("kind", ["RateLimited", "rate_limit_exceeded"])
def test_a_failure_is_called_by_class_or_code(kind: str) -> None:
    error = Failure(kind, "Slow.", retry_after=2).error()
    assert isinstance(error, RateLimited)
    assert (error.message, error.retry_after) == ("Slow.", 2)


@given(st.integers(0, 5), st.integers(0, 50))
def test_a_counted_failure_passes_exactly_once_in_each_round(times: int, play: int) -> None:
    failure = Failure("RateLimited", times=times)
    round_of_plays = [failure.is_due(play + number) for number in range(times + 1)]
    assert round_of_plays.count(False) == 1
    assert Failure("RateLimited").is_due(play)


@given(st.text(max_size=20), st.integers(1, 64))
def test_vectors_have_length_one_and_depend_on_the_text_alone(text: str, dimensions: int) -> None:
    numbers = struct.unpack(f"<{dimensions}f", vector_of(text, dimensions))
    assert math.isclose(math.fsum(number**2 for number in numbers), 1.0, rel_tol=1e-5)
    assert vector_of(text, dimensions) == vector_of(text, dimensions)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_words_of_a_text_have_numbers_that_lead_back_and_are_the_same_everywhere(text: str) -> None:
    vocabulary = Vocabulary()
    tokens = vocabulary.tokens_of(text)
    assert "".join(str(vocabulary.word_of(token)) for token in tokens) == text
    assert len(tokens) == len(words_of(text))
    assert Vocabulary().tokens_of(text) == tokens
    assert all(token < 2**53 for token in tokens)


def test_a_number_that_nobody_was_given_is_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    (token,) = Vocabulary().tokens_of("word")
    fresh = Vocabulary()
    assert [fresh.word_of(number) for number in (65, 0xD800, token)] == ["A", None, None]
    monkeypatch.setattr(script, "WORDS_REMEMBERED", 1)
    fresh.tokens_of("word other")
    assert fresh.word_of(token) is None
