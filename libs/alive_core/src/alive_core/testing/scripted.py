'''An adapter that does what a message tells it: for tests of servers, clients and of this library. It needs no model.

The last message, the prompt or each input is a script. A line that begins with `/` is a stage direction, everything
else is said word by word:

    /think words            reasoning                     /sleep 0.5     do nothing, politely
    /call name {"a": 1}     a tool call                   /block 0.5     do nothing and let nobody else work
    /repeat 500 word        the word, many times          /wait          until cancelled or closed
    /progress 3 10          3 of 10 steps of the prompt   /print words   on the process's own standard output
    /fail {"kind": "RateLimited", "message": "Slow down.", "retry_after": 2}      an error of the AliveError tree
    /raise words            an error that is not ours     /exit 3        end the process       /kill 11   by a signal
    /end                    leave without `Finished`      /encore        go on after `Finished`

A vector is made from the text's hash: the same for the same text, of length 1. A script takes no chances, so sampling
parameters are honoured by having no effect.
'''

import array
import asyncio
import hashlib
import math
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal, Self

import msgspec

from alive_core.adapters.events import (
    ChoiceFinished,
    Event,
    Finished,
    FinishReason,
    Progress,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
    Vectors,
)
from alive_core.adapters.jobs import ChatJob, CompleteJob, EmbedJob, Job
from alive_core.adapters.progress import load_reporter
from alive_core.errors import AliveError, EngineCrashed, LoadFailed
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Target

SCRIPTED_DIMENSIONS = 8  # of a vector, unless the target or the job says otherwise
SCRIPTED_CONTEXT = 8192  # words, unless the target says otherwise

_WORDS = re.compile(r"\s*\S+|\s+")


class ScriptedOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a target's `options` may say."""

    load: Literal["ok", "fail", "raise", "exit", "block", "wait"] = "ok"
    load_steps: int = 0
    """Steps of progress that the load reports."""
    dimensions: int = SCRIPTED_DIMENSIONS
    journal: str | None = None
    """A file that gets a line for each of `load`, `start ID`, `end ID`, `leave ID` and `close`: what the adapter saw."""


class Step(msgspec.Struct, frozen=True):
    """One stage direction, or `say` and a text."""

    verb: str
    words: str


class Failure(msgspec.Struct, frozen=True):
    """What `/fail` raises."""

    kind: str
    message: str
    param: str | None = None
    retry_after: float | None = None


def steps_of(script: str) -> Iterator[Step]:
    """The directions of a script in order; plain lines next to each other are one text."""
    said: list[str] = []
    for line in script.split("\n"):
        if not line.startswith("/"):
            said.append(line)
            continue
        if said:
            yield Step("say", "\n".join(said))
            said = []
        verb, _, words = line[1:].partition(" ")
        yield Step(verb, words)
    if said:
        yield Step("say", "\n".join(said))


def words_of(text: str) -> list[str]:
    """The text in pieces: what stands for tokens here. Joined they are the text again."""
    return _WORDS.findall(text)


def vector_of(text: str, dimensions: int) -> bytes:
    """A vector of length 1 as little-endian float32, made from the text's hash."""
    noise = array.array("h", hashlib.shake_128(text.encode()).digest(2 * dimensions))
    length = math.sqrt(math.fsum(number * number for number in noise)) or 1.0
    vector = array.array("f", (number / length for number in noise))
    if sys.byteorder == "big":
        vector.byteswap()
    return vector.tobytes()


class ScriptedAdapter:
    """Chats, completes and embeds by script; see the module's first lines."""

    def __init__(self, options: ScriptedOptions) -> None:
        self._options = options
        self._closed = asyncio.Event()

    @classmethod
    async def load(cls, target: Target) -> Self:
        try:
            options = msgspec.convert(target.options, ScriptedOptions)
        except msgspec.ValidationError as error:
            raise LoadFailed(f"Target {target.name!r} has wrong options: {error}.") from error
        adapter = cls(options)
        adapter._note("load")
        report = load_reporter()
        for done in range(1, options.load_steps + 1):
            report(Progress("load", done, options.load_steps))
            await asyncio.sleep(0)
        await _LOADS[options.load]()
        return adapter

    @classmethod
    def inspect(cls, target: Target) -> Abilities:
        dimensions = target.options.get("dimensions", SCRIPTED_DIMENSIONS)
        return Abilities(
            tasks=frozenset({"chat", "complete", "embed"}),
            context=target.context or SCRIPTED_CONTEXT,
            tools=True,
            dimensions=int(dimensions),
            parameters=frozenset(
                {"max_tokens", "n", "temperature", "top_p", "seed", "tools", "tool_choice", "dimensions", "echo"}
            ),
            fingerprint="scripted",
        )

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        script = job.messages[-1].content if job.messages else ""
        prompt_tokens = sum(len(words_of(message.content)) for message in job.messages)
        limit = job.sampling.max_tokens
        with self._journalled(job) as counted:
            for index in range(job.sampling.n):
                async for event in self._perform(script, index, limit=limit, counted=counted):
                    yield event
'''
