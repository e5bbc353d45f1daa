"""What a skill produces: an exchange, what a right answer is, and the conversation they end up in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from tools.demo_model.prompt import Message

Tool = dict[str, object]
"""A tool in OpenAI's shape: `{"type": "function", "function": {...}}`."""


Document = dict[str, object]
"""A document as the prompt shows it, such as `{"id": "a", "text": "..."}`."""


class Split(StrEnum):
    """No two of them share a phrasing, a name, a number, a tool, a document or a made-up word."""

    TRAIN = "train"
    DEV = "dev"
    """Looked at while the model is being made."""
    HELD_OUT = "held_out"
    """Measured once, at the end."""


class Language(StrEnum):
    """What the demo model speaks."""

    ENGLISH = "en"
    PORTUGUESE = "pt"


class Constraint(StrEnum):
    """What a client may force on an answer, and how the text the model writes then differs."""

    NONE = "none"
    SCHEMA = "schema"
    """Bound to a JSON schema, inside the usual response marks, as command_server's grammar allows."""
    BARE_SCHEMA = "bare_schema"
    """The same right after the chatbot header, without marks, as llama.cpp's own grammar wants it."""
    CALL = "call"
    """`tool_choice: "required"`: the call at once."""
    CALL_AFTER_WORDS = "call_after_words"
    """llama.cpp's own grammar lets the model say something first, then forces the call."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a server gave back: text without marks, calls (see `call_text`), places of the cited documents."""

    text: str = ""
    calls: tuple[str, ...] = ()
    cites: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """When an answer is right: the text equals `exact`, or contains all of `all_of`, in upper or lower case.

    Calls must be exactly these, in any order, and no others; documents cited exactly these.
    """

    exact: str = ""
    all_of: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    cites: tuple[int, ...] = ()

    def is_met_by(self, answer: Answer) -> bool:
        """Judge an answer."""
        if sorted(self.calls) != sorted(answer.calls) or set(self.cites) != set(answer.cites):
            return False
        if self.exact:
            return answer.text.strip() == self.exact
        folded = answer.text.casefold()
        return all(part.casefold() in folded for part in self.all_of)


def call_text(name: str, arguments: object) -> str:
    """A call as expectations compare it: arguments are equal in any order of their keys."""
    return f"{name} {json.dumps(arguments, ensure_ascii=False, sort_keys=True)}"


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
    documents: tuple[Document, ...] = ()
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
    documents: tuple[Document, ...] = ()
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
