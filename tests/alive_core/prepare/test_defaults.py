"""No parameter is silently ignored: a documented default is accepted everywhere, anything else is refused by name."""

import msgspec
import pytest

from alive_core.adapters.jobs import ChatJob, CompleteJob, EmbedJob
from alive_core.errors import UnsupportedParameter
from alive_core.prepare.chat import prepare_chat
from alive_core.prepare.completions import prepare_completion
from alive_core.prepare.embeddings import prepare_embedding
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Profile
from alive_core.profiles.support import CHAT, COMPLETE, EMBED
from alive_core.schemas.chat import ChatRequest
from alive_core.schemas.completions import CompletionRequest
from alive_core.schemas.embeddings import EmbeddingRequest

NOTHING = Abilities(tasks=frozenset())
CHAT_PROFILE = Profile("chat", "Talks.", ("t",), name="chat")
COMPLETE_PROFILE = Profile("complete", "Goes on.", ("t",), name="complete")
HELLO = {"model": "chat", "messages": [{"role": "user", "content": "Hello"}]}
ONCE = {"model": "complete", "prompt": "Once"}
TEXT = {"model": "embed", "input": "Text"}

TOOL = {"type": "function", "function": {"name": "f"}}
LEGACY_TOOL = {"name": "f"}


def chat(fields: dict[str, object], abilities: Abilities = NOTHING) -> ChatJob:
    return prepare_chat(msgspec.convert(HELLO | fields, ChatRequest), CHAT_PROFILE, abilities, job_id="j")


def complete(fields: dict[str, object], abilities: Abilities = NOTHING) -> CompleteJob:
    body = msgspec.convert(ONCE | fields, CompletionRequest)
    return prepare_completion(body, COMPLETE_PROFILE, abilities, job_id="j")


def embed(fields: dict[str, object], abilities: Abilities = NOTHING) -> EmbedJob:
    return prepare_embedding(msgspec.convert(TEXT | fields, EmbeddingRequest), abilities, job_id="j")


CHAT_DEFAULTS: list[tuple[str, object]] = [
    ("frequency_penalty", 0),
    ("function_call", "none"),
    ("function_call", "auto"),
    ("logit_bias", {}),
    ("logprobs", False),
    ("modalities", ["text"]),
    ("n", 1),
    ("parallel_tool_calls", True),
    ("presence_penalty", 0.0),
    ("prompt_cache_options", {"mode": "implicit", "ttl": "30m"}),
    ("prompt_cache_options", {}),
    ("prompt_cache_retention", "in_memory"),
    ("response_format", {"type": "text"}),
    ("service_tier", "auto"),
    ("service_tier", "default"),
    ("stop", []),
    ("store", False),
    ("stream", False),
    ("temperature", 1),
    ("tool_choice", "none"),
    ("tool_choice", "auto"),
    ("tools", []),
    ("top_p", 1.0),
    ("verbosity", "medium"),
    ("documents", []),
    ("alive", {}),
    ("alive", {"load": "load", "lenient": False}),
]

CHAT_REFUSED: dict[str, list[object]] = {
    "audio": [{"format": "wav", "voice": "alloy"}],
    "frequency_penalty": [0.1, -2],
    "function_call": [{"name": "f"}],
    "functions": [[LEGACY_TOOL]],
    "logit_bias": [{5: 1}],
    "logprobs": [True],
    "max_completion_tokens": [1],
    "max_tokens": [1],
    "modalities": [["text", "audio"], []],
    "moderation": [{"model": "omni-moderation-latest"}],
    "n": [2],
    "parallel_tool_calls": [False],
    "presence_penalty": [2],
    "prompt_cache_options": [{"mode": "explicit"}],
    "prompt_cache_retention": ["24h"],
    "reasoning_effort": ["none", "medium", "max"],
    "response_format": [{"type": "json_object"}, {"type": "json_schema", "json_schema": {"name": "x"}}],
    "seed": [0, 7],
    "service_tier": ["flex", "scale", "priority", "fast"],
    "stop": ["END", ["END"]],
    "store": [True],
    "temperature": [0, 0.7],
    "tool_choice": ["required", {"type": "function", "function": {"name": "f"}}],
    "tools": [[TOOL]],
    "top_logprobs": [0, 3],
    "top_p": [0.5],
    "verbosity": ["low", "high"],
    "web_search_options": [{}],
    "documents": [["A source."]],
}

COMPLETE_DEFAULTS: list[tuple[str, object]] = [
    ("alive", {}),
    ("best_of", 1),
    ("echo", False),
    ("frequency_penalty", 0),
    ("logit_bias", {}),
    ("n", 1),
    ("presence_penalty", 0),
    ("stop", []),
    ("stream", False),
    ("suffix", ""),
    ("temperature", 1),
    ("top_p", 1),
]

COMPLETE_REFUSED: dict[str, list[object]] = {
    "best_of": [2],
    "echo": [True],
    "frequency_penalty": [1],
    "logit_bias": [{5: 1}],
    "logprobs": [0, 2],
    "max_tokens": [0, 16],
    "n": [2],
    "presence_penalty": [1],
    "seed": [1],
    "stop": ["\n"],
    "suffix": ["end"],
    "temperature": [0],
    "top_p": [0.5],
}


@pytest.mark.parametrize(("field", "value"), CHAT_DEFAULTS)
def test_chat_accepts_each_documented_default_on_an_engine_that_can_nothing(field: str, value: object) -> None:
    assert chat({field: value}).messages == chat({}).messages


@pytest.mark.parametrize(("field", "value"), COMPLETE_DEFAULTS)
def test_completions_accept_each_documented_default(field: str, value: object) -> None:
    assert complete({field: value}).prompts == complete({}).prompts


@pytest.mark.parametrize("field", ChatRequest.__struct_fields__)
def test_null_says_no_more_than_leaving_a_chat_field_out(field: str) -> None:
    if field not in HELLO:
        assert chat({field: None}) == chat({})


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in CHAT_REFUSED.items() for value in values]
)
def test_chat_refuses_any_other_value_by_name(field: str, value: object) -> None:
    with pytest.raises(UnsupportedParameter) as caught:
        chat({field: value})
    assert (caught.value.param, caught.value.status) == (field, 400)


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in COMPLETE_REFUSED.items() for value in values]
)
def test_completions_refuse_any_other_value_by_name(field: str, value: object) -> None:
    with pytest.raises(UnsupportedParameter) as caught:
        complete({field: value})
    assert caught.value.param == field


def test_every_field_of_every_request_stands_in_one_of_these_tables() -> None:
    """A field that is added to a request has to be thought about here."""
    assert set(ChatRequest.__struct_fields__) == CHAT.core | CHAT.hints | set(CHAT_REFUSED)
    assert set(CompletionRequest.__struct_fields__) == COMPLETE.core | COMPLETE.hints | set(COMPLETE_REFUSED)
    assert set(EmbeddingRequest.__struct_fields__) == EMBED.core | EMBED.hints | {"dimensions"}


def test_every_default_in_the_rules_is_tried_here() -> None:
    assert set(CHAT.defaults) <= {field for field, _ in CHAT_DEFAULTS}
    assert set(COMPLETE.defaults) <= {field for field, _ in COMPLETE_DEFAULTS}


def test_our_own_options_are_accepted_by_every_resource() -> None:
    for prepare in (chat, complete, embed):
        prepare({"alive": {"load": "if_loaded", "max_wait_s": 1.5, "fingerprint": "abc"}})
