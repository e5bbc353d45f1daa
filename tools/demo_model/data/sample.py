"""What a skill produces: an exchange, what a right answer is, and the conversation they end up in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from tools.demo_model.prompt import Message

Tool = dict[str, object]
"""A tool in OpenAI's shape: `{"type": "function", "function": {...}}`."""


class Split(StrEnum):
    """Training data and measured data never share a phrasing, a name or a made-up word."""

    TRAIN = "train"
    HELD_OUT = "held_out"


class Language(StrEnum):
    """What the demo model speaks."""

    ENGLISH = "en"
    PORTUGUESE = "pt"


class Constraint(StrEnum):
    """What a client may force on an answer, and how the text the model writes then differs."""

    NONE = "none"
    SCHEMA = "schema"
    """Bound to a JSON schema: the answer begins right after the chatbot header, without response marks."""
    CALL = "call"
    """`tool_choice: "required"`: llama.cpp lets the model say something first, then forces the call."""


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """When an answer is right: it equals `exact`, or contains all of `all_of`, in upper or lower case."""

    exact: str = ""
    all_of: tuple[str, ...] = ()

    def is_met_by(self, answer: str) -> bool:
        """Judge an answer's text (for a tool call: its name and JSON arguments)."""
        if self.exact:
            return answer.strip() == self.exact
        folded = answer.casefold()
        return all(part.casefold() in folded for part in self.all_of)


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One or more user turns with their answers, made by one skill.

    The last message is the answer that `expectation` judges. `tools` are what the conversation offers for it.
    `constraint` is what the client forces on that answer.
    """

    skill: str
    language: Language
    messages: tuple[Message, ...]
    expectation: Expectation
    tools: tuple[Tool, ...] = ()
    constraint: Constraint = Constraint.NONE


Skill = Callable[[Random, Split, Language], Exchange]
"""Makes one exchange. Draws only from the given generator: the same seed gives the same data."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A whole conversation, ending with the answer that `expectation` judges."""

    skill: str
    language: Language
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...]
    expectation: Expectation
    constraint: Constraint = Constraint.NONE


def user(content: str) -> Message:
    """What the client says."""
    return {"role": "user", "content": content}


def assistant(content: str) -> Message:
    """What the model answers."""
    return {"role": "assistant", "content": content}


def system(content: str) -> Message:
    """What the operator or the client lays down first."""
    return {"role": "system", "content": content}
