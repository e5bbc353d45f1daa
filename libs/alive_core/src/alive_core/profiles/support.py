"""The parameter support table: every field of a request is honoured, a hint, or refused by name.

A field is honoured where the core does the work itself, or where the engine said it can. A value equal to the
documented default is honoured by everyone. Source of the defaults: https://platform.openai.com/docs/api-reference.
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from alive_core.errors import UnsupportedParameter
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Task
from alive_core.schemas.chat import ChatRequest, PromptCacheOptions, TextFormat
from alive_core.schemas.classify import ClassifyRequest
from alive_core.schemas.common import RequestStruct
from alive_core.schemas.completions import CompletionRequest
from alive_core.schemas.embeddings import EmbeddingRequest
from alive_core.schemas.models import Support
from alive_core.schemas.rerank import RerankRequest
from alive_core.schemas.responses import AccessPrograms, CacheOptions, ImageOptions, ResponseRequest

Body = TypeVar("Body", bound=RequestStruct)


class ParameterRules(msgspec.Struct, frozen=True):
    """What a resource's fields mean before any engine is asked."""

    request: type[RequestStruct]
    core: frozenset[str]
    """Honoured whatever the engine can."""
    engine: frozenset[str]
    """Honoured where the engine can; a job carries these to it and no others."""
    hints: frozenset[str] = frozenset()
    """Accepted everywhere; may stay without effect, as the API documents for them."""
    defaults: Mapping[str, tuple[object, ...]] = {}
    """Values that say no more than leaving the field out."""
    follows: Mapping[str, str] = {}
    """Honoured exactly where another field is."""
    together: Mapping[str, tuple[str, str]] = {}
    """Two fields that an engine may honour alone and not beside each other: the ability's name, and their names."""


SAMPLING = frozenset(
    {
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "max_tokens",
        "n",
        "presence_penalty",
        "seed",
        "stop",
        "temperature",
        "top_p",
    }
)
"""How tokens are chosen: what chat and raw text have in common."""

CHAT = ParameterRules(
    request=ChatRequest,
    core=frozenset({"alive", "model", "messages", "stream", "stream_options"}),
    engine=SAMPLING | {"documents", "response_format", "tools"},
    hints=frozenset({"user", "safety_identifier", "prompt_cache_key", "prediction", "metadata"}),
    defaults={
        "frequency_penalty": (0.0,),
        "function_call": ("none", "auto"),
        "logit_bias": ({},),
        "logprobs": (False,),
        "modalities": (["text"],),
        "n": (1,),
        "parallel_tool_calls": (True,),
        "presence_penalty": (0.0,),
        "prompt_cache_options": tuple(
            PromptCacheOptions(mode=mode, ttl=ttl) for mode in (None, "implicit") for ttl in (None, "30m")
        ),
        "prompt_cache_retention": ("in_memory",),
        "response_format": (TextFormat(),),
        "service_tier": ("auto", "default"),
        "store": (False,),
        "stop": ([],),
        "temperature": (1.0,),
        "tool_choice": ("none", "auto"),
        "tools": ([],),
        "top_p": (1.0,),
        "verbosity": ("medium",),
        "documents": ([],),
    },
    follows={
        "max_completion_tokens": "max_tokens",
        "parallel_tool_calls": "tools",
        "tool_choice": "tools",
        "top_logprobs": "logprobs",
    },
)

RESPONSES = ParameterRules(
    request=ResponseRequest,
    core=frozenset(
        {
            "alive",
            "model",
            "input",
            "instructions",
            "conversation",
            "previous_response_id",
            "include",
            "max_tool_calls",
            "metadata",
            "reasoning",
            "store",
            "stream",
            "stream_options",
            "text",
        }
    ),
    engine=frozenset({"logprobs", "max_tokens", "temperature", "tools", "top_p"}),
    hints=frozenset({"user", "safety_identifier", "prompt_cache_key"}),
    defaults={
        "access_programs": (AccessPrograms(),),
        "background": (False,),
        "context_management": ([],),
        "image": (ImageOptions(), ImageOptions(context_compression="auto")),
        "parallel_tool_calls": (True,),
        "prompt_cache_options": tuple(
            CacheOptions(mode=mode, ttl=ttl, prewarm=prewarm)
            for mode in (None, "implicit")
            for ttl in (None, "30m")
            for prewarm in (None, False)
        ),
        "prompt_cache_retention": ("in_memory",),
        "service_tier": ("auto", "default"),
        "temperature": (1.0,),
        "tool_choice": ("none", "auto"),
        "tools": ([],),
        "top_logprobs": (0,),
        "top_p": (1.0,),
        "truncation": ("disabled",),
    },
    follows={
        "max_output_tokens": "max_tokens",
        "parallel_tool_calls": "tools",
        "tool_choice": "tools",
        "top_logprobs": "logprobs",
    },
)
"""What `include`, `reasoning`, `stream_options`, `text` and each tool hold is judged one by one in `prepare`."""

COMPLETE = ParameterRules(
    request=CompletionRequest,
    core=frozenset({"alive", "model", "prompt", "stream", "stream_options"}),
    engine=SAMPLING | {"echo", "suffix"},
    hints=frozenset({"user"}),
    defaults={
        "best_of": (1,),
        "echo": (False,),
        "frequency_penalty": (0.0,),
        "logit_bias": ({},),
        "n": (1,),
        "presence_penalty": (0.0,),
        "suffix": ("",),
        "stop": ([],),
        "temperature": (1.0,),
        "top_p": (1.0,),
    },
    follows={"best_of": "logprobs"},  # the core chooses, by the log probabilities that the engine gives
    together={"echo+logprobs": ("echo", "logprobs")},  # log probabilities of the prompt itself
)

EMBED = ParameterRules(
    request=EmbeddingRequest,
    core=frozenset({"alive", "model", "input", "encoding_format"}),
    engine=frozenset({"dimensions"}),
    hints=frozenset({"user"}),
)

RERANK = ParameterRules(
    request=RerankRequest,
    core=frozenset({"alive", "model", "query", "documents", "top_n", "return_documents"}),
    engine=frozenset(),
)

CLASSIFY = ParameterRules(
    request=ClassifyRequest,
    core=frozenset({"alive", "model", "input"}),
    engine=frozenset({"labels"}),
    defaults={"labels": ([],)},
)

RULES: Mapping[Task, ParameterRules] = {
    "chat": CHAT,
    "complete": COMPLETE,
    "embed": EMBED,
    "rerank": RERANK,
    "classify": CLASSIFY,
}


def support_table(task: Task, abilities: Abilities) -> dict[str, Support]:
    """Each field of the task's request, in the request's order, and what happens to it; then what two do together."""
    rules = RULES[task]
    alone = {field: _support(field, rules, abilities) for field in rules.request.__struct_fields__}
    return alone | {name: _support_together(name, rules, abilities) for name in rules.together}


def refuse_unsupported(body: RequestStruct, rules: ParameterRules, abilities: Abilities) -> None:
    """Raise UnsupportedParameter for the first field that is set to more than its default and cannot be honoured."""
    for field in unsupported(body, rules, abilities):
        beside = next((pair[1] for pair in rules.together.values() if pair[0] == field), None)
        if beside is None or _support(field, rules, abilities) == "refused":
            raise UnsupportedParameter(f"`{field}` is not supported by this model. Leave it out.", param=field)
        message = f"`{field}` together with `{beside}` is not supported by this model. Leave one of them out."
        raise UnsupportedParameter(message, param=field)


def without_unsupported(body: Body, rules: ParameterRules, abilities: Abilities) -> tuple[Body, list[str]]:
    """`body` as if the fields that cannot be honoured had not been sent, and their names.

    Raises UnsupportedParameter where nothing is left that could be answered.
    """
    ignored = list(unsupported(body, rules, abilities))
    try:
        return msgspec.structs.replace(body, **dict.fromkeys(ignored)), ignored
    except ValueError as error:  # a rule of the whole request, which only held because of these fields
        message = f"`{ignored[0]}` is not supported by this model, and cannot be ignored: without it, {error}."
        raise UnsupportedParameter(message, param=ignored[0]) from error


def unsupported(body: RequestStruct, rules: ParameterRules, abilities: Abilities) -> Iterator[str]:
    """The fields that are set to more than their default and cannot be honoured.

    Of two that each could be honoured alone, the first.
    """
    sent = [field for field in body.__struct_fields__ if _asks(field, body, rules, abilities)]
    alone = {field for field in sent if _support(field, rules, abilities) != "refused"}
    refused = {
        pair[0]
        for name, pair in rules.together.items()
        if alone.issuperset(pair) and name not in abilities.parameters
    }
    yield from (field for field in sent if field in refused or field not in alone)


def _asks(field: str, body: RequestStruct, rules: ParameterRules, abilities: Abilities) -> bool:
    """Whether a field is set, and to more than happens anyway."""
    value = getattr(body, field)
    if value is None or value in rules.defaults.get(field, ()):
        return False
    match body:
        case EmbeddingRequest() if field == "dimensions":
            return bool(value != abilities.dimensions)
        case CompletionRequest() if field == "best_of":
            return bool(value != (body.n or 1))
        case _:
            return True


def _support_together(name: str, rules: ParameterRules, abilities: Abilities) -> Support:
    can_each = all(_support(field, rules, abilities) == "honoured" for field in rules.together[name])
    return "honoured" if can_each and name in abilities.parameters else "refused"


def _support(field: str, rules: ParameterRules, abilities: Abilities) -> Support:
    if field in rules.hints:
        return "hint"
    name = rules.follows.get(field, field)
    can = name in rules.engine and (name in abilities.parameters or _is_ability(name, abilities))
    return "honoured" if can or name in rules.core else "refused"


def _is_ability(field: str, abilities: Abilities) -> bool:
    """Two fields are promises of their own, so abilities tell them apart from the rest."""
    return (field == "tools" and abilities.tools) or (field == "response_format" and abilities.json_schema)
