"""What the engine says is read completely, and its errors become ours."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters.events import (
    Progress,
    PromptRead,
    ReasoningDelta,
    TextDelta,
    TokenLogprob,
    TopLogprob,
    Usage,
)
from alive_core.errors import AliveError, ContextLengthExceeded, EngineCrashed, InvalidRequest
from command_server.adapters.chunks import (
    EngineError,
    EngineUsage,
    Timings,
    UsageCount,
    alive_error,
    decode_chunk,
    finish_reason,
    token_logprobs,
)

# Recorded from the engine.
TEXT = (
    b'{"choices":[{"text":"Y","index":1,"logprobs":{"content":[{"id":106,"token":"Y","bytes":[89],"logprob":-3.5,'
    b'"top_logprobs":[{"id":106,"token":"Y","bytes":[89],"logprob":-3.5},{"id":198,"token":"\xef\xbf\xbd",'
    b'"bytes":[181],"logprob":-4.0}]}]},"finish_reason":null}],"created":1,"model":"m","object":"text_completion"}'
)
PROGRESS = (
    b'{"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":null}],'
    b'"prompt_progress":{"total":12,"cache":3,"processed":5,"time_ms":0}}'
)
LAST = (
    b'{"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"length"}],"usage":{"completion_tokens":4,'
    b'"prompt_tokens":5,"total_tokens":9,"prompt_tokens_details":{"cached_tokens":3}},"timings":{"cache_n":0}}'
)
TOO_LONG = (
    b'{"error":{"code":400,"message":"request (6000 tokens) exceeds","type":"exceed_context_size_error",'
    b'"n_prompt_tokens":6000,"n_ctx":4096}}'
)


def test_text_comes_with_its_log_probabilities() -> None:
    (choice,) = decode_chunk(TEXT).choices
    assert (choice.text, choice.index, choice.finish_reason) == ("Y", 1, None)
    top = (TopLogprob("Y", -3.5, (89,)), TopLogprob("\ufffd", -4.0, (181,)))
    assert token_logprobs(choice, top=2) == (TokenLogprob("Y", -3.5, (89,), top),)
    assert token_logprobs(choice, top=0) == (TokenLogprob("Y", -3.5, (89,), ()),)


def test_without_log_probabilities_there_are_none() -> None:
    assert token_logprobs(decode_chunk(PROGRESS).choices[0], top=5) == ()


def test_progress_tells_how_far_the_prompt_is_read() -> None:
    progress = decode_chunk(PROGRESS).prompt_progress
    assert progress is not None
    count = UsageCount()
    assert count.read(progress, prompt=0) == [PromptRead(12, 3), Progress("prompt", done=5, total=12)]
    assert count.read(progress, prompt=0) == [Progress("prompt", done=5, total=12)]


def test_deltas_tell_how_many_tokens_were_chosen_since_the_last_one() -> None:
    count = UsageCount()
    first = count.told([TextDelta("a")], Timings(predicted_n=1), choice=0)
    held_back = count.told([], Timings(predicted_n=3), choice=0)
    later = count.told([ReasoningDelta("b"), TextDelta("c")], Timings(predicted_n=4), choice=0)
    other = count.told([TextDelta("d")], Timings(predicted_n=2), choice=1)
    assert first == [TextDelta("a", tokens=1)]
    assert held_back == []
    assert later == [ReasoningDelta("b"), TextDelta("c", tokens=3)]
    assert other == [TextDelta("d", tokens=2)]


def test_the_last_chunk_ends_the_choice_and_counts_its_tokens() -> None:
    chunk = decode_chunk(LAST)
    assert chunk.choices[0].finish_reason == "length"
    assert chunk.usage is not None
    count = UsageCount()
    count.add(chunk.usage, prompt=0)
    assert count.total() == Usage(prompt_tokens=5, completion_tokens=4, cached_tokens=3)


def test_a_prompt_counts_once_and_every_answer_counts() -> None:
    count = UsageCount()
    for prompt, tokens in ((0, 10), (0, 10), (1, 7)):
        count.add(EngineUsage(prompt_tokens=tokens, completion_tokens=2), prompt=prompt)
    assert count.total(reasoning_tokens=1) == Usage(prompt_tokens=17, completion_tokens=6, reasoning_tokens=1)


def test_a_prompt_that_is_too_long_is_told_with_both_numbers() -> None:
    error = decode_chunk(TOO_LONG).error
    assert error is not None
    ours = alive_error(error, param="messages")
    assert isinstance(ours, ContextLengthExceeded)
    assert "4096" in ours.message
    assert "6000" in ours.message
    assert ours.param == "messages"


@pytest.mark.parametrize(("code", "kind"), [(400, InvalidRequest), (404, InvalidRequest), (500, EngineCrashed)])
def test_engine_errors_become_ours(code: int, kind: type[AliveError]) -> None:
    assert type(alive_error(EngineError(message="no", code=code), param="prompt")) is kind


@pytest.mark.parametrize(("engine", "ours"), [("length", "length"), ("stop", "stop"), ("anything", "stop")])
def test_the_end_has_a_reason(engine: str, ours: str) -> None:
    assert finish_reason(engine) == ours


@given(
    st.binary().filter(lambda data: b"{" not in data)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_anything_else_is_a_crash_of_the_engine(data: bytes) -> None:
    with pytest.raises(EngineCrashed):
        decode_chunk(data)
