"""Skills: fills a schema or a forced call that has nothing to do with the question: "unknown", 0, false.

A grammar holds the shape, but only the model can stop a string and decline a second call.
"""

from __future__ import annotations

import json
from random import Random

from tools.demo_model.data.greetings import greeting
from tools.demo_model.data.identity import identity
from tools.demo_model.data.json_objects import KEYS_OF, LLAMA_CPP_SHARE, schema_constraint
from tools.demo_model.data.sample import (
    Constraint,
    Exchange,
    Expectation,
    Language,
    Split,
    Tool,
    assistant,
    call_text,
)
from tools.demo_model.data.small_talk import small_talk
from tools.demo_model.data.unknown import unknown
from tools.demo_model.data.words import made_up_word
from tools.demo_model.prompt import Message

_QUESTIONS = (unknown, unknown, unknown, greeting, identity, small_talk)
_UNKNOWN = {Language.ENGLISH: "unknown", Language.PORTUGUESE: "desconhecido"}
_EMPTY_KINDS = ("string", "string", "string", "integer", "boolean", "array", "object")


def _key(rng: Random, split: Split) -> str:
    return made_up_word(rng, split) if rng.random() < 0.5 else rng.choice(KEYS_OF[split])


def _empty(rng: Random, split: Split, *, language: Language, kind: str) -> object:
    values: dict[str, object] = {"string": _UNKNOWN[language], "integer": 0, "boolean": False, "array": []}
    if kind == "object":
        return {_key(rng, split): values[rng.choice(_EMPTY_KINDS[:5])] for _ in range(rng.randint(1, 2))}
    return values[kind]


def _fields(rng: Random, split: Split, language: Language) -> dict[str, object]:
    keys = [_key(rng, split) for _ in range(rng.randint(1, 4))]
    return {key: _empty(rng, split, language=language, kind=rng.choice(_EMPTY_KINDS)) for key in keys}


def schema_answer(rng: Random, split: Split, language: Language) -> Exchange:
    """Any question, answered inside a schema that says nothing about it."""
    asked = rng.choice(_QUESTIONS)(rng, split, language).messages[0]
    answer = json.dumps(_fields(rng, split, language), ensure_ascii=False)
    return Exchange(
        skill="schema",
        language=language,
        messages=(asked, assistant(answer)),
        expectation=Expectation(exact=answer),
        constraint=schema_constraint(rng),
    )


def schema_of(value: object) -> dict[str, object]:
    """The strict JSON schema that a value of this module or of `json_objects` fits."""
    if isinstance(value, dict):
        properties = {key: schema_of(inner) for key, inner in value.items()}
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    if isinstance(value, list):
        return {"type": "array", "items": {"type": "string"}}
    if isinstance(value, bool):
        return {"type": "boolean"}
    return {"type": "integer"} if isinstance(value, int) else {"type": "string"}


def forced_call(rng: Random, split: Split, language: Language) -> Exchange:
    """Any question, and the one call that the client insists on; for llama.cpp's own grammar the answer first."""
    question = rng.choice(_QUESTIONS)(rng, split, language)
    name = "_".join(made_up_word(rng, split) for _ in range(2))
    arguments = _fields(rng, split, language)
    tool: Tool = {
        "type": "function",
        "function": {"name": name, "description": name.replace("_", " "), "parameters": schema_of(arguments)},
    }
    is_after_words = rng.random() < LLAMA_CPP_SHARE
    call: Message = {
        "role": "assistant",
        "content": question.messages[-1].get("content", "") if is_after_words else "",
        "tool_calls": [{"function": {"name": name, "arguments": arguments}}],
    }
    return Exchange(
        skill="forced_call",
        language=language,
        messages=(question.messages[0], call),
        expectation=Expectation(calls=(call_text(name, arguments),)),
        tools=(tool,),
        constraint=Constraint.CALL_AFTER_WORDS if is_after_words else Constraint.CALL,
    )
