"""From a completion request to a job."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters.jobs import CompleteJob, Sampling
from alive_core.constants import COMPLETION_CHOICES_LIMIT
from alive_core.errors import InvalidRequest
from alive_core.prepare.completions import prepare_completion, prepare_prompts
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Defaults, Profile
from alive_core.profiles.support import COMPLETE
from alive_core.schemas.completions import CompletionRequest

EVERYTHING = Abilities(tasks=frozenset({"complete"}), parameters=COMPLETE.engine | set(COMPLETE.together))
PROFILE = Profile("complete", "Goes on.", ("t",), name="raw", defaults=Defaults(max_tokens=100))


def prepare(**fields: object) -> CompleteJob:
    body = msgspec.convert({"model": "raw", "prompt": "Once"} | fields, CompletionRequest)
    return prepare_completion(body, PROFILE, EVERYTHING, job_id="cmpl-1")


def test_a_plain_request_takes_the_profiles_defaults() -> None:
    assert prepare() == CompleteJob("cmpl-1", ("Once",), Sampling(max_tokens=100))


def test_every_field_that_an_engine_can_honour_reaches_it() -> None:
    job = prepare(
        echo=True,
        frequency_penalty=0.1,
        logit_bias={7: -5},
        logprobs=2,
        max_tokens=0,
        n=2,
        presence_penalty=0.2,
        seed=-1,
        stop=["a", "b"],
        suffix="end",
        temperature=0.4,
        top_p=0.0,
    )
    sampling = Sampling(
        max_tokens=0,
        temperature=0.4,
        top_p=0.0,
        frequency_penalty=0.1,
        presence_penalty=0.2,
        seed=-1,
        stop=("a", "b"),
        logit_bias={7: -5.0},
        n=2,
        top_logprobs=2,
        asked_tokens=0,
    )
    assert job == CompleteJob("cmpl-1", ("Once",), sampling, echo=True, suffix="end")


def test_no_prompt_begins_a_new_document() -> None:
    assert prepare(prompt=None).prompts == ("",)


@pytest.mark.parametrize(
    ("sent", "prompts"),
    [
        ("a", ("a",)),
        (["a", "b"], ("a", "b")),
        ([1, 2], ((1, 2),)),
        ([[1, 2], [3]], ((1, 2), (3,))),
    ],
)
def test_each_of_the_four_forms_of_a_prompt_is_understood(sent: object, prompts: object) -> None:
    assert prepare(prompt=sent).prompts == prompts


@given(st.lists(st.text(), min_size=1) | st.lists(st.lists(st.integers(0, 9), min_size=1), min_size=1))
def test_no_prompt_is_lost_and_the_order_stays(sent: list[str | int | list[int]]) -> None:
    assert [prompt if isinstance(prompt, str) else list(prompt) for prompt in prepare_prompts(sent)] == sent


def test_best_of_has_to_be_enough_for_all_answers() -> None:
    with pytest.raises(InvalidRequest) as caught:
        prepare(n=3, best_of=2)
    assert caught.value.param == "best_of"


def test_the_best_of_many_cannot_be_streamed() -> None:
    with pytest.raises(InvalidRequest) as caught:
        prepare(n=2, best_of=3, stream=True)
    assert caught.value.param == "best_of"


@pytest.mark.parametrize("fields", [{"best_of": 1}, {"n": 2, "best_of": 2}])
def test_where_nothing_is_chosen_it_can(fields: dict[str, object]) -> None:
    assert prepare(stream=True, **fields).sampling.n == fields["best_of"]


@pytest.mark.parametrize(("logprobs", "told"), [(None, 0), (0, 0), (3, 3)])
def test_of_many_answers_their_log_probabilities_are_asked_for(logprobs: int | None, told: int) -> None:
    sampling = prepare(n=2, best_of=5, logprobs=logprobs).sampling
    assert (sampling.n, sampling.top_logprobs) == (5, told)


def test_a_small_body_cannot_ask_for_millions_of_answers() -> None:
    just_right = prepare(prompt=[""] * (COMPLETION_CHOICES_LIMIT // 128), n=128)
    assert len(just_right.prompts) * just_right.sampling.n == COMPLETION_CHOICES_LIMIT
    with pytest.raises(InvalidRequest) as caught:
        prepare(prompt=[""] * (COMPLETION_CHOICES_LIMIT // 128 + 1), n=128)
    assert caught.value.param == "prompt"
