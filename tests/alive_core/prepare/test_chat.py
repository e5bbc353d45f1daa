"""From a chat request to a job."""

import msgspec
import pytest

from alive_core.adapters.jobs import ChatJob, Document, JsonOutput, Message, Sampling, Tool
from alive_core.errors import InvalidRequest
from alive_core.prepare.chat import prepare_chat
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Defaults, Profile
from alive_core.profiles.support import CHAT
from alive_core.schemas.chat import ChatRequest

EVERYTHING = Abilities(tasks=frozenset({"chat"}), tools=True, json_schema=True, parameters=CHAT.engine)
PROFILE = Profile(
    "chat", "Talks.", ("t",), name="chat", defaults=Defaults(temperature=0.3, top_p=0.9, max_tokens=100)
)
HELLO = {"model": "chat", "messages": [{"role": "user", "content": "Hello"}]}
WEATHER = {
    "type": "function",
    "function": {"name": "weather", "description": "d", "parameters": {"type": "object"}, "strict": True},
}


def prepare(**fields: object) -> ChatJob:
    return prepare_chat(msgspec.convert(HELLO | fields, ChatRequest), PROFILE, EVERYTHING, job_id="chatcmpl-1")


def test_a_plain_request_takes_the_profiles_defaults() -> None:
    assert prepare() == ChatJob(
        "chatcmpl-1", (Message("user", "Hello"),), Sampling(max_tokens=100, temperature=0.3, top_p=0.9)
    )


def test_every_field_that_an_engine_can_honour_reaches_it() -> None:
    job = prepare(
        frequency_penalty=0.1,
        presence_penalty=-0.2,
        logit_bias={7: 5},
        logprobs=True,
        top_logprobs=3,
        max_completion_tokens=9,
        n=2,
        seed=0,
        stop="END",
        temperature=0,
        top_p=0.5,
        tools=[WEATHER],
        tool_choice="required",
        parallel_tool_calls=False,
        response_format={"type": "json_object"},
        documents=["One.", {"text": "Two.", "id": "x", "title": "T"}],
        prompt_cache_key="key",
    )
    assert job == ChatJob(
        id="chatcmpl-1",
        messages=(Message("user", "Hello"),),
        sampling=Sampling(
            max_tokens=9,
            temperature=0.0,
            top_p=0.5,
            frequency_penalty=0.1,
            presence_penalty=-0.2,
            seed=0,
            stop=("END",),
            logit_bias={7: 5.0},
            n=2,
            top_logprobs=3,
            asked_tokens=9,
        ),
        tools=(Tool("weather", "d", {"type": "object"}, strict=True),),
        tool_choice="required",
        parallel_tool_calls=False,
        json_output=JsonOutput(),
        documents=(Document("0", "One."), Document("x", "Two.", title="T")),
        cache_key="key",
    )


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, JsonOutput()),
        (
            {"type": "json_schema", "json_schema": {"name": "person", "schema": {"type": "object"}, "strict": True}},
            JsonOutput({"type": "object"}, "person"),
        ),
        ({"type": "json_schema", "json_schema": {"name": "anything"}}, JsonOutput(None, "anything")),
    ],
)
def test_each_response_format_says_what_the_answer_has_to_be(sent: object, wanted: JsonOutput | None) -> None:
    assert prepare(response_format=sent).json_output == wanted


@pytest.mark.parametrize(("sent", "wanted"), [(None, True), (True, True), (False, False)])
def test_calls_run_in_parallel_unless_the_client_says_no(sent: bool | None, wanted: bool) -> None:
    assert prepare(tools=[WEATHER], parallel_tool_calls=sent).parallel_tool_calls is wanted


def test_two_limits_that_differ_are_a_contradiction() -> None:
    with pytest.raises(InvalidRequest) as caught:
        prepare(max_tokens=5, max_completion_tokens=6)
    assert caught.value.param == "max_tokens"


def test_two_limits_that_agree_are_none() -> None:
    assert prepare(max_tokens=5, max_completion_tokens=5).sampling.max_tokens == 5


@pytest.mark.parametrize("logprobs", [None, False])
def test_alternatives_need_log_probabilities(logprobs: bool | None) -> None:
    with pytest.raises(InvalidRequest) as caught:
        prepare(top_logprobs=2, logprobs=logprobs)
    assert caught.value.param == "top_logprobs"


def test_log_probabilities_alone_report_the_chosen_token_only() -> None:
    assert prepare(logprobs=True).sampling.top_logprobs == 0
