"""How tokens are chosen: the request's word, else the profile's, else the engine's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters.jobs import Sampling
from alive_core.errors import ContextLengthExceeded
from alive_core.prepare.sampling import (
    chat_sampling,
    complete_sampling,
    first_of,
    refuse_overlong,
    stop_sequences,
)
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Defaults
from alive_core.schemas.chat import ChatRequest
from alive_core.schemas.completions import CompletionRequest
from alive_core.schemas.messages import UserMessage

maybe = st.none() | st.floats(0, 1)


@given(maybe, maybe)
def test_the_requests_word_counts_before_the_profiles(asked: float | None, default: float | None) -> None:
    defaults = Defaults(temperature=default, top_p=default)
    wanted = default if asked is None else asked
    chat = chat_sampling(
        ChatRequest(messages=[UserMessage(content="")], model="m", temperature=asked, top_p=asked), defaults
    )
    raw = complete_sampling(CompletionRequest(model="m", prompt="", temperature=asked, top_p=asked), defaults)
    assert (chat.temperature, chat.top_p) == (raw.temperature, raw.top_p) == (wanted, wanted)


def test_zero_is_a_word_too() -> None:
    body = CompletionRequest(model="m", prompt="", temperature=0.0, max_tokens=0, logprobs=0)
    sampling = complete_sampling(body, Defaults(temperature=0.7, max_tokens=9))
    assert (sampling.temperature, sampling.max_tokens, sampling.top_logprobs) == (0.0, 0, 0)


@pytest.mark.parametrize(
    ("sent", "sequences"), [(None, ()), ("END", ("END",)), ([], ()), (["a", "b"], ("a", "b")), (["ab"], ("ab",))]
)
def test_stop_is_one_sequence_several_or_none(sent: str | list[str] | None, sequences: tuple[str, ...]) -> None:
    assert stop_sequences(sent) == sequences


@given(st.lists(st.none() | st.integers()))
def test_the_first_value_that_is_there_counts(values: list[int | None]) -> None:
    there = [value for value in values if value is not None]
    assert first_of(*values) == (there[0] if there else None)


def test_only_what_the_client_asked_for_itself_must_fit_the_window() -> None:
    abilities = Abilities(frozenset({"chat"}), context=100)
    default = chat_sampling(ChatRequest(model="m", messages=[]), Defaults(max_tokens=1000))
    refuse_overlong(default, abilities, param="max_tokens")
    refuse_overlong(Sampling(max_tokens=99, asked_tokens=99), abilities, param="max_tokens")
    refuse_overlong(Sampling(asked_tokens=1000), Abilities(frozenset({"chat"})), param="max_tokens")
    for body in (
        ChatRequest(model="m", messages=[], max_tokens=100),
        ChatRequest(model="m", messages=[], max_completion_tokens=5000),
    ):
        asked = chat_sampling(body, Defaults())
        assert (default.asked_tokens, asked.asked_tokens) == (None, asked.max_tokens)
        with pytest.raises(ContextLengthExceeded, match=f"window is 100 tokens.* {asked.asked_tokens}") as caught:
            refuse_overlong(asked, abilities, param="max_tokens")
        assert caught.value.param == "max_tokens"
