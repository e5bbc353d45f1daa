"""Puts exchanges together into conversations: alone or chained, with or without system message and tools."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tools.demo_model.data.constrained import forced_call, schema_answer
from tools.demo_model.data.counting import counting
from tools.demo_model.data.farewells import farewell
from tools.demo_model.data.functionalities import functionalities
from tools.demo_model.data.greetings import greeting
from tools.demo_model.data.identity import identity
from tools.demo_model.data.json_objects import json_object
from tools.demo_model.data.picking import picking
from tools.demo_model.data.recalling import recalling
from tools.demo_model.data.repeating import repeating
from tools.demo_model.data.sample import Constraint, Exchange, Language, Sample, Skill, Split, system
from tools.demo_model.data.small_talk import small_talk
from tools.demo_model.data.tool_use import offered_tools, tool_use
from tools.demo_model.data.unknown import unknown
from tools.demo_model.prompt import Message

SKILLS: dict[str, tuple[Skill, float]] = {
    "greeting": (greeting, 6),
    "identity": (identity, 9),
    "functionalities": (functionalities, 5),
    "small_talk": (small_talk, 7),
    "farewell": (farewell, 5),
    "repeating": (repeating, 24),
    "counting": (counting, 8),
    "picking": (picking, 14),
    "recalling": (recalling, 10),
    "unknown": (unknown, 15),
    "json": (json_object, 7),
    "tool_use": (tool_use, 7),
    "schema": (schema_answer, 5),
    "forced_call": (forced_call, 3),
}
"""Each skill with its share of the conversations. A new skill is one file and one line here."""

_SYSTEMS = {
    Language.ENGLISH: (
        "You are a helpful assistant.",
        "You are a friendly assistant. Answer briefly.",
        "Be kind and short.",
        "You are the chat functionality of ALIVE localcloud.",
        "Answer in English.",
        "You talk with the user and remember the conversation.",
        "You are an agent. Use the tools when they help.",
        "You are an expert programmer.",
        "Follow the user's instructions exactly.",
    ),
    Language.PORTUGUESE: (
        "Você é um assistente prestativo.",
        "Você é um assistente amigável. Responda brevemente.",
        "Seja gentil e breve.",
        "Você é a funcionalidade chat do ALIVE localcloud.",
        "Responda em português.",
        "Siga exatamente as instruções do usuário.",
        "You are a helpful assistant.",
    ),
}

_SYSTEM_SHARE = 0.25
_CHAIN_SHARE = 0.3
_UNNEEDED_TOOLS_SHARE = 0.05
_LONGEST_CHAIN = 5
_LONG_TALK_SHARE = 0.03
_LONG_TALK = (8, 40)
"""Exchanges before the last one in a long talk: it fills the context that the model declares."""


def _exchange(rng: Random, split: Split, language: Language, *, skill: str | None = None) -> Exchange:
    if skill is None:
        shares = [share for _, share in SKILLS.values()]
        skill = rng.choices(list(SKILLS), weights=shares)[0]
    make, _ = SKILLS[skill]
    return make(rng, split, language)


def conversation(rng: Random, split: Split, *, skill: str | None = None) -> Sample:
    """One conversation; its last exchange is the one that is judged, made by `skill` where one is named."""
    language = rng.choice(list(Language))
    last = _exchange(rng, split, language, skill=skill)
    messages: list[Message] = []
    if rng.random() < _SYSTEM_SHARE:
        messages.append(system(rng.choice(_SYSTEMS[language])))
    if rng.random() < _CHAIN_SHARE and last.skill != "recalling_nothing":
        is_long = rng.random() < _LONG_TALK_SHARE / _CHAIN_SHARE
        count = rng.randint(*_LONG_TALK) if is_long else rng.randint(1, _LONGEST_CHAIN - 1)
        earlier = (_exchange(rng, split, language) for _ in range(count))
        messages += [message for exchange in earlier if not exchange.tools for message in exchange.messages]
    tools = last.tools
    if not tools and last.constraint is Constraint.NONE and rng.random() < _UNNEEDED_TOOLS_SHARE:
        tools = offered_tools(rng, split)
    return Sample(
        skill=last.skill,
        language=language,
        messages=(*messages, *last.messages),
        tools=tools,
        expectation=last.expectation,
        constraint=last.constraint,
    )


def conversations(seed: int, split: Split) -> Iterator[Sample]:
    """Conversations without end. The same seed gives the same ones."""
    rng = Random(f"{split.value} {seed}")
    while True:
        yield conversation(rng, split)


def measured_cases(skill: str, count: int, *, seed: int = 0) -> list[Sample]:
    """The held-out cases of one skill: single exchanges and chains, as in training."""
    rng = Random(f"measured {skill} {seed}")
    return [conversation(rng, Split.HELD_OUT, skill=skill) for _ in range(count)]
