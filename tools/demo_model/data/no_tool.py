"""Skill: answers directly where the offered tools have nothing to do with the question."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tools.demo_model.data.counting import counting
from tools.demo_model.data.farewells import farewell
from tools.demo_model.data.functionalities import functionalities
from tools.demo_model.data.greetings import greeting
from tools.demo_model.data.identity import identity
from tools.demo_model.data.picking import picking
from tools.demo_model.data.repeating import repeating
from tools.demo_model.data.sample import Exchange, Language, Split
from tools.demo_model.data.small_talk import small_talk
from tools.demo_model.data.tool_use import described, drawn_tools
from tools.demo_model.data.toolbox import Tool
from tools.demo_model.data.unknown import unknown

_QUESTIONS = (greeting, identity, functionalities, small_talk, farewell, repeating, counting, picking, unknown)


def no_tool_needed(rng: Random, split: Split, language: Language, *, tools: list[Tool] | None = None) -> Exchange:
    """A question of another skill, with one to five tools on offer."""
    tools = tools or drawn_tools(rng, split, language)
    plain = rng.choice(_QUESTIONS)(rng, split, language)
    return replace(plain, skill="no_tool_needed", tools=described(tools))
