# ruff: noqa: E501, SIM905 - tables of phrases and words read best unbroken
"""Skill: calls one of the offered tools with the argument it was told, and reports the tool's result.

Small on purpose: one argument, one call. It makes a forced call come out tidy.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random

from tools.demo_model.data.phrases import phrases
from tools.demo_model.data.sample import (
    Exchange,
    Expectation,
    Language,
    Split,
    Tool,
    assistant,
    user,
)
from tools.demo_model.data.words import HELD_OUT_EVERY, name, word
from tools.demo_model.prompt import Message

_VERBS = "get find search look_up fetch read check open show list send start stop play book order delete create add track".split()
_NOUNS = (
    "weather time price stock song flight hotel file page user mail note task event map route news film book photo"
    " ticket order room light door alarm timer radio recipe bill phone parcel"
).split()
_PARAMETERS = "city name title query place item id number date word person topic target subject".split()
_NUMERIC = frozenset({"id", "number"})

_ORDERS = {
    Language.ENGLISH: phrases(
        [
            "(Please |Can you |Could you |Now |){verb} the {noun} (for|of|with|named|called) {value}(.|)",
            "(Use|Call|Run) {tool} (with|for|on) {value}(.|)",
            "(I need|I want) you to {verb} the {noun} for {value}(.|)",
        ],
        ["(Kindly|Would you) {verb} the {noun} for {value}(.|)", "Apply {tool} to {value}."],
    ),
    Language.PORTUGUESE: phrases(
        [
            "(Por favor, |Agora |)(use|chame|execute) {tool} (com|para|em) {value}(.|)",
            "(Preciso|Quero) que você (use|chame|execute) {tool} (com|para) {value}(.|)",
            "(Você pode|Pode) (usar|chamar|executar) {tool} (com|para) {value}(?|)",
        ],
        ["(Aplique|Acione) {tool} (a|em) {value}(.|)"],
    ),
}

_REPORT = {Language.ENGLISH: "The result is: {result}.", Language.PORTUGUESE: "O resultado é: {result}."}


@dataclass(frozen=True)
class _Tool:
    verb: str
    noun: str
    parameter: str

    @property
    def name(self) -> str:
        return f"{self.verb}_{self.noun}"

    def described(self) -> Tool:
        kind = "integer" if self.parameter in _NUMERIC else "string"
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": f"{self.verb.replace('_', ' ').capitalize()} the {self.noun}.",
                "parameters": {
                    "type": "object",
                    "properties": {self.parameter: {"type": kind}},
                    "required": [self.parameter],
                },
            },
        }


def _tool(rng: Random, split: Split) -> _Tool:
    while True:
        found = _Tool(rng.choice(_VERBS), rng.choice(_NOUNS), rng.choice(_PARAMETERS))
        is_held_out = (_VERBS.index(found.verb) + _NOUNS.index(found.noun)) % HELD_OUT_EVERY == 0
        if is_held_out is (split is Split.HELD_OUT):
            return found


def offered_tools(rng: Random, split: Split) -> tuple[Tool, ...]:
    """One to three tools that a conversation may offer without needing them."""
    return tuple(_tool(rng, split).described() for _ in range(rng.randint(1, 3)))


def tool_use(rng: Random, split: Split, language: Language) -> Exchange:
    """An order that needs a tool: ends with the call, or goes on to the answer that carries the result."""
    tools = list({tool.name: tool for tool in (_tool(rng, split) for _ in range(rng.randint(1, 3)))}.values())
    chosen = rng.choice(tools)
    told = (
        rng.randrange(1000)
        if chosen.parameter in _NUMERIC
        else rng.choice((word(rng, split, language), name(rng, split)))
    )
    order = _ORDERS[language].pick(rng, split)
    asked = (
        order.replace("{verb}", chosen.verb.replace("_", " "))
        .replace("{noun}", chosen.noun)
        .replace("{tool}", chosen.name)
        .replace("{value}", str(told))
    )
    arguments: dict[str, object] = {chosen.parameter: told}
    call: Message = {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"function": {"name": chosen.name, "arguments": arguments}}],
    }
    messages: list[Message] = [user(asked), call]
    expected = Expectation(exact=f"{chosen.name} {json.dumps(arguments, ensure_ascii=False)}")
    skill = "tool_call"
    if rng.random() < 0.4:
        skill = "tool_result"
        result = rng.choice((str(rng.randrange(1000)), word(rng, split, language), name(rng, split)))
        messages += [
            {"role": "tool", "content": result},
            assistant(_REPORT[language].replace("{result}", result)),
        ]
        expected = Expectation(all_of=(result,))
    return Exchange(
        skill=skill,
        language=language,
        messages=tuple(messages),
        expectation=expected,
        tools=tuple(tool.described() for tool in tools),
    )
