"""Puts exchanges together into conversations: alone or chained, with or without system message and tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random

from tools.demo_model.data.constrained import forced_call, schema_answer
from tools.demo_model.data.counting import counting
from tools.demo_model.data.farewells import farewell
from tools.demo_model.data.functionalities import functionalities
from tools.demo_model.data.greetings import greeting
from tools.demo_model.data.grounded import grounded, not_in_documents, short_documents
from tools.demo_model.data.identity import identity
from tools.demo_model.data.json_objects import json_object
from tools.demo_model.data.no_tool import no_tool_needed
from tools.demo_model.data.picking import picking
from tools.demo_model.data.recalling import recalling
from tools.demo_model.data.repeating import repeating
from tools.demo_model.data.sample import Exchange, Language, Sample, Skill, Split, system
from tools.demo_model.data.small_talk import small_talk
from tools.demo_model.data.tool_use import drawn_tools, tool_call, tool_result, two_calls
from tools.demo_model.data.unknown import unknown
from tools.demo_model.prompt import Message

SKILLS: dict[str, Skill] = {
    "greeting": greeting,
    "identity": identity,
    "functionalities": functionalities,
    "small_talk": small_talk,
    "farewell": farewell,
    "repeating": repeating,
    "counting": counting,
    "picking": picking,
    "recalling": recalling,
    "unknown": unknown,
    "json": json_object,
    "schema": schema_answer,
    "forced_call": forced_call,
    "tool_call": tool_call,
    "two_calls": two_calls,
    "tool_result": tool_result,
    "no_tool_needed": no_tool_needed,
    "grounded": grounded,
    "not_in_documents": not_in_documents,
    "short_documents": short_documents,
}

COPYING = {"repeating": 50, "recalling": 10, "picking": 10, "tool_result": 3, "json": 5, "grounded": 8}
"""What the first tokens of training are spent on: looking back, which everything else needs."""

SHARES = {
    "greeting": 3,
    "identity": 14,
    "functionalities": 9,
    "small_talk": 5,
    "farewell": 3,
    "repeating": 22,
    "counting": 13,
    "picking": 12,
    "recalling": 13,
    "unknown": 8,
    "json": 5,
    "schema": 9,
    "forced_call": 4,
    "tool_call": 12,
    "two_calls": 14,
    "tool_result": 4,
    "no_tool_needed": 3,
    "grounded": 34,
    "not_in_documents": 20,
    "short_documents": 30,
}
"""Each skill's share of the families. A new skill is one file, one line above and one here."""

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
_LONGEST_CHAIN = 5
_LONG_TALK_SHARE = 0.03
_LONG_TALK = (8, 40)
"""Exchanges before the last one in a long talk: it fills the context that the model declares."""


_WITH_TOOLS: dict[str, tuple[Callable[..., Exchange], int]] = {
    "tool_call": (tool_call, 9),
    "two_calls": (two_calls, 7),
    "tool_result": (tool_result, 4),
    "no_tool_needed": (no_tool_needed, 4),
}
"""What conversations with the same tools ask for, and each one's share."""
_SIBLINGS = (2, 3, 4)


def _exchange(
    rng: Random, split: Split, language: Language, *, skill: str | None = None, shares: Mapping[str, float] = SHARES
) -> Exchange:
    if skill is None:
        skill = rng.choices(list(shares), weights=list(shares.values()))[0]
    return SKILLS[skill](rng, split, language)


def _instructions(rng: Random, language: Language) -> tuple[Message, ...]:
    return (system(rng.choice(_SYSTEMS[language])),) if rng.random() < _SYSTEM_SHARE else ()


def _around(rng: Random, split: Split, last: Exchange, *, instructions: tuple[Message, ...]) -> Sample:
    """The conversation that ends with `last`."""
    messages = list(instructions)
    is_plain = not last.tools and not last.documents
    if rng.random() < (_CHAIN_SHARE if is_plain else _CHAIN_SHARE / 3) and last.skill != "recalling_nothing":
        is_long = is_plain and rng.random() < _LONG_TALK_SHARE / _CHAIN_SHARE
        count = rng.randint(*_LONG_TALK) if is_long else rng.randint(1, _LONGEST_CHAIN - 1 if is_plain else 1)
        earlier = (_exchange(rng, split, last.language) for _ in range(count))
        messages += [
            message for one in earlier if not one.tools and not one.documents for message in one.messages
        ]  # fmt: skip
    return Sample(
        skill=last.skill,
        language=last.language,
        messages=(*messages, *last.messages),
        tools=last.tools,
        documents=last.documents,
        expectation=last.expectation,
        constraint=last.constraint,
    )


def conversation(
    rng: Random, split: Split, *, skill: str | None = None, shares: Mapping[str, float] = SHARES
) -> Sample:
    """One conversation; its last exchange is the one that is judged, made by `skill` where one is named."""
    language = rng.choice(list(Language))
    last = _exchange(rng, split, language, skill=skill, shares=shares)
    return _around(rng, split, last, instructions=_instructions(rng, language))


def family(rng: Random, split: Split, *, shares: Mapping[str, float] = SHARES) -> list[Sample]:
    """One conversation, or several with the same beginning: the same tools on offer.

    Tools are long and answers short: reading them once for several answers teaches several times as fast.
    """
    skill = rng.choices(list(shares), weights=list(shares.values()))[0]
    if skill not in _WITH_TOOLS:
        return [conversation(rng, split, skill=skill)]
    language = rng.choice(list(Language))
    tools, instructions = drawn_tools(rng, split, language), _instructions(rng, language)
    weights = [share for _, share in _WITH_TOOLS.values()]
    drawn = rng.choices(list(_WITH_TOOLS), weights=weights, k=rng.choice(_SIBLINGS))
    return [
        _around(rng, split, _WITH_TOOLS[one][0](rng, split, language, tools=tools), instructions=instructions)
        for one in (skill, *drawn)
    ]


def families(seed: int, split: Split, *, shares: Mapping[str, float] = SHARES) -> Iterator[list[Sample]]:
    """Families without end. The same seed gives the same ones."""
    rng = Random(f"{split.value} {seed}")
    while True:
        yield family(rng, split, shares=shares)


def conversations(seed: int, split: Split, *, shares: Mapping[str, float] = SHARES) -> Iterator[Sample]:
    """The conversations of all families."""
    for one in families(seed, split, shares=shares):
        yield from one


def measured_cases(skill: str, count: int, *, split: Split = Split.DEV, seed: int = 0) -> list[Sample]:
    """Cases of one skill that were never trained: single exchanges and chains, as in training."""
    rng = Random(f"measured {split.value} {skill} {seed}")
    return [conversation(rng, split, skill=skill) for _ in range(count)]
