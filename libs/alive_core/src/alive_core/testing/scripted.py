"""An adapter that does what a message tells it: for tests of servers, clients and of this library. It needs no model.

The last message, the prompt or each input is a script. A line that begins with `/` is a stage direction, everything
else is said word by word:

    /think words            reasoning                     /sleep 0.5     do nothing, politely
    /call name {"a": 1}     a tool call                   /block 0.5     do nothing and let nobody else work
    /repeat 500 word        the word, many times          /wait          until cancelled or closed
    /progress 3 10          3 of 10 steps of the prompt   /print words   on the process's own standard output
    /fail {"kind": "RateLimited", "message": "Slow down.", "retry_after": 2}      an error of the AliveError tree
    /raise words            an error that is not ours     /exit 3        end the process       /kill 11   by a signal
    /end                    leave without `Finished`      /encore        go on after `Finished`

Documents are scored by the words they share with the query, labels by whether the text holds them.
A vector is made from the text's hash: the same for the same text, of length 1. A script takes no chances, so sampling
parameters are honoured by having no effect.
"""

import array
import asyncio
import hashlib
import math
import os
import re
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from functools import partial
from pathlib import Path
from typing import Literal, Self

import msgspec

from alive_core.adapters.events import (
    ChoiceFinished,
    Event,
    Finished,
    FinishReason,
    Labels,
    LabelScore,
    Progress,
    ReasoningDelta,
    Scores,
    TextDelta,
    Tokens,
    ToolCallDelta,
    Usage,
    Vectors,
)
from alive_core.adapters.jobs import (
    ChatJob,
    ClassifyJob,
    CompleteJob,
    DetokenizeJob,
    EmbedJob,
    Job,
    RerankJob,
    TokenizeJob,
)
from alive_core.adapters.progress import load_reporter
from alive_core.adapters.protocols import TASK_OF_JOB
from alive_core.errors import AliveError, EngineCrashed, InvalidRequest, LoadFailed
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Target

SCRIPTED_DIMENSIONS = 8  # of a vector, unless the target or the job says otherwise
SCRIPTED_CONTEXT = 8192  # words, unless the target says otherwise
SCRIPTED_LABELS = ("good", "bad")  # of a classification, unless the job says otherwise

_WORDS = re.compile(r"\s*\S+|\s+")


class ScriptedOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a target's `options` may say."""

    load: Literal["ok", "fail", "raise", "exit", "block", "wait"] = "ok"
    load_steps: int = 0
    """Steps of progress that the load reports."""
    dimensions: int = SCRIPTED_DIMENSIONS
    journal: str | None = None
    """A file that gets a line for each of `load`, `start ID`, `end ID`, `leave ID` and `close`: what it saw."""


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


def overlap(query: str, document: str) -> float:
    """The share of the query's words that the document has, whatever their case."""
    wanted = set(query.lower().split())
    return len(wanted & set(document.lower().split())) / (len(wanted) or 1)


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
            tasks=frozenset(TASK_OF_JOB.values()),
            context=target.context or SCRIPTED_CONTEXT,
            tools=True,
            dimensions=int(dimensions),
            parameters=frozenset(
                {"max_tokens", "n", "temperature", "top_p", "seed", "tools", "tool_choice", "dimensions", "labels"}
            ),
            fingerprint="scripted",
        )

    def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        script = job.messages[-1].content if job.messages else ""
        prompt_tokens = sum(len(words_of(message.content)) for message in job.messages)
        return self._play(job, [script] * job.sampling.n, prompt_tokens=prompt_tokens)

    def complete(self, job: CompleteJob) -> AsyncIterator[Event]:
        prompts = [_text_of(prompt) for prompt in job.prompts]
        scripts = [prompt for prompt in prompts for _ in range(job.sampling.n)]
        prompt_tokens = sum(len(words_of(prompt)) for prompt in prompts)
        return self._play(job, scripts, prompt_tokens=prompt_tokens)

    async def embed(self, job: EmbedJob) -> AsyncIterator[Event]:
        dimensions = job.dimensions or self._options.dimensions
        texts = [_text_of(item) for item in job.inputs]
        with self._journalled(job):
            for number, text in enumerate(texts):
                for step in steps_of(text):
                    await self._act(step)
                yield Vectors(number, dimensions, vector_of(text, dimensions))
            yield Finished(Usage(prompt_tokens=sum(len(words_of(text)) for text in texts)))

    async def rerank(self, job: RerankJob) -> AsyncIterator[Event]:
        with self._journalled(job):
            for number, document in enumerate(job.documents):
                for step in steps_of(document):
                    await self._act(step)
                yield Scores(number, (overlap(job.query, document),))
            read = [word for document in job.documents for word in words_of(job.query) + words_of(document)]
            yield Finished(Usage(prompt_tokens=len(read)))

    async def classify(self, job: ClassifyJob) -> AsyncIterator[Event]:
        labels = job.labels or SCRIPTED_LABELS
        with self._journalled(job):
            for number, text in enumerate(job.inputs):
                for step in steps_of(text):
                    await self._act(step)
                hits = [label for label in labels if label in text] or labels
                yield Labels(number, tuple(LabelScore(label, (label in hits) / len(hits)) for label in labels))
            yield Finished(Usage(prompt_tokens=sum(len(words_of(text)) for text in job.inputs)))

    async def tokenize(self, job: TokenizeJob) -> AsyncIterator[Event]:
        """A character is a token here, its code point the id."""
        with self._journalled(job):
            yield Tokens(tuple(map(ord, job.text)))
            yield Finished(Usage(prompt_tokens=len(job.text)))

    async def detokenize(self, job: DetokenizeJob) -> AsyncIterator[Event]:
        """Raises InvalidRequest for a number that is no code point."""
        with self._journalled(job):
            strange = next((token for token in job.tokens if token > sys.maxunicode), None)
            if strange is not None:
                raise InvalidRequest(f"The token {strange} does not exist.", param="tokens")
            yield TextDelta("".join(map(chr, job.tokens)))
            yield Finished(Usage(prompt_tokens=len(job.tokens)))

    async def close(self) -> None:
        if not self._closed.is_set():
            self._closed.set()
            self._note("close")

    async def _play(
        self, job: ChatJob | CompleteJob, scripts: list[str], *, prompt_tokens: int
    ) -> AsyncIterator[Event]:
        """One script per choice, then the end, unless a script wants another one."""
        directions = {step.verb for script in scripts for step in steps_of(script)}
        completion_tokens = 0
        with self._journalled(job):
            for index, script in enumerate(scripts):
                async with aclosing(self._perform(job, script, index)) as events:
                    async for event in events:
                        completion_tokens += isinstance(event, TextDelta | ReasoningDelta)
                        yield event
            if "end" not in directions:
                yield Finished(Usage(prompt_tokens=prompt_tokens, completion_tokens=completion_tokens))
            if "encore" in directions:
                yield TextDelta("encore")

    async def _perform(self, job: ChatJob | CompleteJob, script: str, index: int) -> AsyncGenerator[Event, None]:
        """Choice `index`: everything its script says, up to the wanted number of words."""
        left = math.inf if job.sampling.max_tokens is None else job.sampling.max_tokens
        reason: FinishReason = "stop"
        calls = 0
        for step in steps_of(script):
            await self._act(step)
            for event in _events_of(step, index):
                if isinstance(event, TextDelta | ReasoningDelta):
                    if left <= 0:
                        yield ChoiceFinished("length", index)
                        return
                    left -= 1
                if isinstance(event, ToolCallDelta):
                    event = msgspec.structs.replace(event, call=calls, id=f"call_{job.id}_{index}_{calls}")
                    reason, calls = "tool_calls", calls + 1
                yield event
                await asyncio.sleep(0)  # others may speak too
        yield ChoiceFinished(reason, index)

    async def _act(self, step: Step) -> None:
        """What a direction does besides saying something."""
        if step.verb == "wait":
            await self._closed.wait()
            raise EngineCrashed("The play was ended.")
        if step.verb in _ACTS:
            await _ACTS[step.verb](step.words)
        elif step.verb not in _SAYING | _ENDING:
            raise InvalidRequest(f"There is no stage direction /{step.verb}.", param="messages")

    @contextmanager
    def _journalled(self, job: Job) -> Iterator[None]:
        self._note(f"start {job.id}")
        try:
            yield
        except (asyncio.CancelledError, GeneratorExit):
            self._note(f"leave {job.id}")
            raise
        self._note(f"end {job.id}")

    def _note(self, line: str) -> None:
        if self._options.journal is not None:
            with Path(self._options.journal).open("a", encoding="utf-8") as journal:
                journal.write(f"{line}\n")


def _text_of(prompt: str | tuple[int, ...]) -> str:
    return prompt if isinstance(prompt, str) else " ".join(map(str, prompt))


def _events_of(step: Step, index: int) -> Iterator[Event]:
    match step.verb:
        case "say":
            for word in words_of(step.words):
                yield TextDelta(word, index)
        case "think":
            for word in words_of(step.words):
                yield ReasoningDelta(word, index)
        case "repeat":
            times, _, word = step.words.partition(" ")
            for _ in range(int(times)):
                yield TextDelta(word, index)
        case "progress":
            done, _, total = step.words.partition(" ")
            yield Progress("prompt", int(done), int(total))
        case "call":
            name, _, arguments = step.words.partition(" ")
            yield ToolCallDelta(0, arguments, name=name, index=index)


async def _sleep(seconds: str) -> None:
    await asyncio.sleep(float(seconds))


async def _block(seconds: str) -> None:
    time.sleep(float(seconds))  # noqa: ASYNC251 - blocking the loop is what the direction is for


async def _print(words: str) -> None:
    os.write(_STANDARD_OUTPUT, f"{words}\n".encode())  # past Python, as a native library does


async def _fail(words: str) -> None:
    failure = msgspec.json.decode(words, type=Failure)
    raise AliveError.named(failure.kind)(failure.message, param=failure.param, retry_after=failure.retry_after)


async def _raise(words: str) -> None:
    raise RuntimeError(words)


async def _exit(code: str) -> None:
    os._exit(int(code))


async def _kill(number: str) -> None:
    os.kill(os.getpid(), int(number))


async def _nothing() -> None:
    """A load without trouble."""


_STANDARD_OUTPUT = 1
_SAYING = frozenset({"say", "think", "repeat", "progress", "call"})
_ENDING = frozenset({"end", "encore"})
_ACTS: Mapping[str, Callable[[str], Awaitable[None]]] = {
    "sleep": _sleep,
    "block": _block,
    "print": _print,
    "fail": _fail,
    "raise": _raise,
    "exit": _exit,
    "kill": _kill,
}
_LOADS: Mapping[str, Callable[[], Awaitable[None]]] = {
    "ok": _nothing,
    "fail": partial(_fail, '{"kind": "LoadFailed", "message": "The script says so."}'),
    "raise": partial(_raise, "The script says so."),
    "exit": partial(_exit, "3"),
    "block": partial(_block, "3600"),
    "wait": partial(_sleep, "3600"),
}
