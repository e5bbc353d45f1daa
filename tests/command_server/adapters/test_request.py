"""Jobs become engine requests, completely and without surprises."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters.jobs import ChatJob, CompleteJob, Document, Message, Sampling, Tool, ToolCall
from alive_core.errors import InvalidRequest, UnsupportedParameter
from command_server.adapters.dialect import Dialect
from command_server.adapters.request import chat_calls, complete_calls, template_body
from command_server.constants import SEED_MODULUS

PLAIN = Dialect(markers=())
SAMPLINGS = st.builds(
    Sampling,
    max_tokens=st.none() | st.integers(1, 100),
    temperature=st.none() | st.floats(0, 2),
    top_p=st.none() | st.floats(0, 1),
    frequency_penalty=st.none() | st.floats(-2, 2),
    presence_penalty=st.none() | st.floats(-2, 2),
    seed=st.none() | st.integers(-(2**63), 2**63),
    stop=st.lists(st.text(), max_size=4).map(tuple),
    logit_bias=st.dictionaries(st.integers(0, 500), st.floats(-100, 100), max_size=3),
    n=st.integers(1, 12),
    top_logprobs=st.none() | st.integers(0, 20),
)


def chat(**fields: object) -> ChatJob:
    return ChatJob(id="job", messages=(Message("user", "Hi"),), **fields)


def calls_of(sampling: Sampling, *, parallel: int = 4) -> list[dict[str, object]]:
    return [
        call.body for call in chat_calls(chat(sampling=sampling), "P", grammar=None, dialect=PLAIN, parallel=parallel)
    ]


@given(SAMPLINGS, st.integers(1, 8))
def test_every_choice_is_asked_for_exactly_once(sampling: Sampling, parallel: int) -> None:
    calls = chat_calls(chat(sampling=sampling), "P", grammar=None, dialect=PLAIN, parallel=parallel)
    asked = [call.first_choice + number for call in calls for number in range(call.choices)]
    assert asked == list(range(sampling.n))
    assert all(call.choices <= parallel for call in calls)
    assert all(call.body.get("n_cmpl", 1) == call.choices for call in calls)


@given(SAMPLINGS, st.integers(1, 8))
def test_requests_are_json_and_seeds_fit_the_engine_and_differ(sampling: Sampling, parallel: int) -> None:
    bodies = calls_of(sampling, parallel=parallel)
    assert json.loads(json.dumps(bodies)) == bodies
    seeds = [body.get("seed") for body in bodies]
    if sampling.seed is None:
        assert set(seeds) == {None}
    else:
        assert len(set(seeds)) == len(seeds)
        assert all(0 <= seed < SEED_MODULUS for seed in seeds)


def test_what_a_request_says_reaches_the_engine() -> None:
    sampling = Sampling(
        max_tokens=5,
        temperature=0.0,
        top_p=0.5,
        frequency_penalty=1.0,
        presence_penalty=-1.0,
        seed=3,
        stop=("END", ""),
        logit_bias={7: -100.0},
        top_logprobs=2,
    )
    (call,) = chat_calls(chat(sampling=sampling), "P", grammar="G", dialect=Dialect(markers=("<m>",)), parallel=4)
    expected = {
        "prompt": "P",
        "stream": True,
        "return_progress": True,
        "n_predict": 5,
        "temperature": 0.0,
        "top_p": 0.5,
        "frequency_penalty": 1.0,
        "presence_penalty": -1.0,
        "seed": 3,
        "stop": ["END"],
        "logit_bias": [[7, -100.0]],
        "n_probs": 2,
        "grammar": "G",
        "preserved_tokens": ["<m>"],
    }
    assert expected.items() <= call.body.items()


def test_silence_means_the_documented_defaults() -> None:
    (body,) = calls_of(Sampling())
    assert body["temperature"] == 1.0
    assert body["top_p"] == 1.0
    assert {"n_predict", "stop", "seed", "n_probs", "logit_bias", "grammar", "repeat_last_n"}.isdisjoint(body)


def test_log_probabilities_of_the_chosen_token_alone_still_need_one() -> None:
    assert calls_of(Sampling(top_logprobs=0))[0]["n_probs"] == 1


def test_no_tokens_at_all_is_refused() -> None:
    with pytest.raises(InvalidRequest) as caught:
        calls_of(Sampling(max_tokens=0))
    assert caught.value.param == "max_tokens"


def test_a_conversation_keeps_every_part() -> None:
    job = ChatJob(
        id="job",
        messages=(
            Message("system", "Be brief."),
            Message("user", "Weather?", name="ana"),
            Message("assistant", tool_calls=(ToolCall("call_1", "weather", '{"city": "Lisboa"}'),)),
            Message("tool", "sunny", tool_call_id="call_1"),
        ),
        tools=(Tool("weather", None, {"type": "object"}),),
        documents=(Document("d1", "text"), Document("d2", "more", title="Title")),
    )
    function = {"name": "weather", "arguments": '{"city": "Lisboa"}'}
    assert template_body(job) == {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Weather?", "name": "ana"},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
            },
            {"role": "tool", "content": "sunny", "tool_call_id": "call_1"},
        ],
        "tools": [
            {"type": "function", "function": {"name": "weather", "description": "", "parameters": {"type": "object"}}}
        ],
        "chat_template_kwargs": {
            "documents": [{"text": "text"}, {"title": "Title", "text": "more"}],
            "enable_citations": True,
        },
    }


def test_tools_that_may_not_be_called_are_not_shown() -> None:
    assert "tools" not in template_body(chat(tools=(Tool("weather"),), tool_choice="none"))


@pytest.mark.parametrize(
    ("fields", "bias"),
    [
        ({}, [[13, False]]),
        ({"tools": (Tool("weather"),), "tool_choice": "none"}, [[13, False]]),
        ({"sampling": Sampling(logit_bias={7: 1.0})}, [[7, 1.0], [13, False]]),
        ({"tools": (Tool("weather"),)}, None),
    ],
)
def test_without_tools_an_action_cannot_begin(fields: dict[str, object], bias: list[list[float]] | None) -> None:
    dialect = Dialect(markers=(), action_token=13)
    (call,) = chat_calls(chat(**fields), "P", grammar=None, dialect=dialect, parallel=1)
    assert call.body.get("logit_bias") == bias


def test_prompts_are_numbered_one_after_another() -> None:
    job = CompleteJob(id="job", prompts=("text", (1, 2)), sampling=Sampling(n=3))
    calls = complete_calls(job, parallel=2)
    assert [(call.prompt, call.first_choice, call.choices) for call in calls] == [
        (0, 0, 2),
        (0, 2, 1),
        (1, 3, 2),
        (1, 5, 1),
    ]
    assert [call.body["prompt"] for call in calls] == ["text", "text", [1, 2], [1, 2]]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"suffix": "end"}, "suffix"),
    ],
)
def test_what_raw_text_cannot_have_is_refused_by_name(fields: dict[str, object], param: str) -> None:
    with pytest.raises(UnsupportedParameter) as caught:
        complete_calls(CompleteJob(id="job", prompts=("x",), **fields), parallel=1)
    assert caught.value.param == param
