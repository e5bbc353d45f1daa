"""Completions: the stream and the whole answer are the same answer, in the official shape."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types import Completion as OfficialCompletion

from alive_core.adapters import events
from alive_core.schemas.common import Usage, encode
from alive_core.schemas.completions import Completion
from alive_core.shape.completions import BestCompletion, CompletionChunks, WholeCompletion, token_offsets
from alive_core.shape.shape import Chunks, Head, Whole
from support.answers import answers

HEAD = Head("cmpl-1", 1_700_000_000, "raw", "fp-1")
CHOICES = 2

EXAMPLES = settings(max_examples=40)  # an answer is long: many of them take long
some_answer = answers(n=CHOICES, with_tools=False)


def stream(told: list[events.Event], *, include_usage: bool = True) -> list[Completion]:
    chunks = CompletionChunks(HEAD, include_usage=include_usage)
    return [msgspec.convert(chunk, Completion) for event in told for chunk in chunks.of(event)]


def whole(told: list[events.Event], *, choices: int = CHOICES) -> Completion:
    form = WholeCompletion(HEAD, choices=choices)
    for event in told:
        form.add(event)
    return form.result()


def test_both_forms_satisfy_their_protocols() -> None:
    assert isinstance(CompletionChunks(HEAD, include_usage=False), Chunks)
    assert isinstance(WholeCompletion(HEAD, choices=1), Whole)


@EXAMPLES
@given(some_answer)
def test_the_sum_of_the_stream_is_the_whole_answer(told: list[events.Event]) -> None:
    answer = whole(told)
    for choice in answer.choices:
        own = [piece for chunk in stream(told) for piece in chunk.choices if piece.index == choice.index]
        assert "".join(piece.text for piece in own) == choice.text
        assert [piece.finish_reason for piece in own if piece.finish_reason] == [choice.finish_reason]
        for name in ("tokens", "token_logprobs", "top_logprobs", "text_offset"):
            parts = [item for piece in own if piece.logprobs for item in getattr(piece.logprobs, name)]
            assert parts == (getattr(choice.logprobs, name) if choice.logprobs else [])
    assert stream(told)[-1].usage == answer.usage


@EXAMPLES
@given(some_answer)
def test_usage_comes_once_at_the_end_and_only_when_asked(told: list[events.Event]) -> None:
    *before, last = stream(told, include_usage=True)
    assert all(chunk.usage is None and chunk.choices for chunk in before)
    assert last.choices == []
    assert last.usage is not None
    silent = stream(told, include_usage=False)
    assert all(chunk.usage is msgspec.UNSET and chunk.choices for chunk in silent)
    assert len(silent) == len(before)


@EXAMPLES
@given(some_answer)
def test_the_official_type_reads_the_whole_answer_and_the_usage(told: list[events.Event]) -> None:
    for sent in (whole(told), stream(told)[-1]):
        read = OfficialCompletion.model_validate_json(encode(sent), strict=True)
        assert read.usage is not None
        assert read.usage.prompt_tokens == sent.usage.prompt_tokens


@EXAMPLES
@given(some_answer)
def test_all_chunks_share_one_head(told: list[events.Event]) -> None:
    heads = {(chunk.id, chunk.created, chunk.model, chunk.system_fingerprint) for chunk in stream(told)}
    assert heads == {("cmpl-1", 1_700_000_000, "raw", "fp-1")}


def test_offsets_count_characters_of_the_text_even_where_tokens_hold_half_characters() -> None:
    half = events.TokenLogprob("\ufffd", -1.0)
    told = [
        events.TextDelta("a", logprobs=(events.TokenLogprob("a", -1.0),)),
        events.TextDelta("é", logprobs=(half, half)),
        events.TextDelta("b", logprobs=(events.TokenLogprob("b", -1.0),)),
    ]
    logprobs = whole(told, choices=1).choices[0].logprobs
    assert logprobs is not None
    assert logprobs.text_offset == [0, 1, 2, 2]


@given(st.lists(st.builds(events.TokenLogprob, st.text(), st.just(0.0))), st.integers(0, 50))
def test_each_token_stands_where_the_one_before_ends(tokens: list[events.TokenLogprob], start: int) -> None:
    offsets = token_offsets(tokens, start)
    assert offsets == [start + sum(len(token.token) for token in tokens[:place]) for place in range(len(tokens))]


def test_raw_text_knows_no_tool_calls() -> None:
    told = [events.ToolCallDelta(0, "{}", "c", "f"), events.ChoiceFinished("tool_calls")]
    assert whole(told, choices=1).choices[0].finish_reason == "stop"
    assert [piece.finish_reason for chunk in stream(told) for piece in chunk.choices] == ["stop"]


@pytest.mark.parametrize("reason", ["stop", "length", "content_filter"])
def test_other_reasons_stay_what_they_are(reason: events.FinishReason) -> None:
    assert whole([events.ChoiceFinished(reason)], choices=1).choices[0].finish_reason == reason


def told(index: int, text: str, *logprobs: float) -> list[events.Event]:
    tokens = tuple(events.TokenLogprob(letter, logprob) for letter, logprob in zip(text, logprobs, strict=True))
    return [events.TextDelta(text, index, tokens), events.ChoiceFinished("stop", index)]


@pytest.mark.parametrize("shows", [True, False])
def test_the_best_of_several_are_the_likeliest_for_each_token(shows: bool) -> None:
    form = BestCompletion(HEAD, prompts=2, best_of=3, n=2, shows_logprobs=shows)
    assert isinstance(form, Whole)
    said = [
        *told(0, "a", -1.0),
        *told(1, "bbb", -0.5, -0.5, -0.5),
        events.ChoiceFinished("stop", 2),  # an empty answer
        *told(3, "c", -3.0),
        *told(4, "d", -2.0),
        *told(5, "e", -2.5),
        events.Finished(events.Usage(4, 9)),
    ]
    for event in said:
        form.add(event)
    answer = form.result()
    assert [(choice.index, choice.text) for choice in answer.choices] == [(0, "bbb"), (1, "a"), (2, "d"), (3, "e")]
    assert [choice.logprobs is not None for choice in answer.choices] == [shows] * 4
    assert isinstance(answer.usage, Usage)
    assert answer.usage.completion_tokens == 9
