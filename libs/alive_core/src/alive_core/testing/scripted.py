"""An adapter that does what a message tells it: for tests of servers, clients and of this library. It needs no model.

The last message, the prompt or each input is a script; its language stands in `script.py`. A vector is made from the
text's hash: the same for the same text, of length 1. `stop`, `max_tokens`, `n` and `logprobs` do what they say, with
words for tokens; a script takes no chances, so the other sampling parameters are honoured by having no effect.
Documents are scored by the words they share with the query, labels by whether the text holds them.
"""

import asyncio
import math
import os
import sys
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
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
    PromptRead,
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
    Sampling,
    TokenizeJob,
)
from alive_core.adapters.progress import load_reporter
from alive_core.adapters.protocols import TASK_OF_JOB
from alive_core.errors import ContextLengthExceeded, EngineCrashed, InvalidRequest, LoadFailed
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Target
from alive_core.profiles.support import SAMPLING
from alive_core.testing.script import (
    Failure,
    Step,
    check,
    floats_to_bytes,
    logprobs_of,
    overlap,
    part_of,
    repetition,
    steps_of,
    vector_of,
    words_of,
)
from alive_core.utils.text import StopMatcher

SCRIPTED_DIMENSIONS = 8  # of a vector, unless the target or the job says otherwise
SCRIPTED_CONTEXT = 8192  # words, unless the target says otherwise
SCRIPTED_LABELS = ("good", "bad")  # of a classification, unless the job says otherwise
PLAYS_REMEMBERED = 1024  # scripts whose plays are counted; the oldest is forgotten

_PARAMS: Mapping[type[Job], str] = {
    ChatJob: "messages",
    CompleteJob: "prompt",
    EmbedJob: "input",
    RerankJob: "documents",
    ClassifyJob: "input",
}


class ScriptedOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a target's `options` may say."""

    load: Literal["ok", "fail", "raise", "exit", "block", "wait"] = "ok"
    load_steps: int = 0
    """Steps of progress that the load reports."""
    load_s: float = 0.0
    """Seconds that these steps take together."""
    dimensions: int = SCRIPTED_DIMENSIONS
    guarded: bool = False
    """Refuse what would hurt everything else in the same process."""
    parameters: Literal["all", "none"] = "all"
    """Whether optional request fields are honoured, tools and JSON included, or every one of them is refused."""
    fingerprint: str = "scripted"
    """What this target says it is: two targets with different ones stand for different models."""
    pause_s: float = 0.0
    """Seconds before each job begins."""
    failing: str | None = None
    """A file. While it exists, each job fails as a line `/fail` with its words would."""
    journal: str | None = None
    """A file that gets a line for each of `load`, `start ID`, `end ID`, `leave ID` and `close`: what it saw."""


class ScriptedAdapter:
    """Chats, completes and embeds by script; see the module's first lines."""

    def __init__(self, options: ScriptedOptions, *, context: int = SCRIPTED_CONTEXT) -> None:
        self._options, self._context = options, context
        self._closed = asyncio.Event()
        self._plays: OrderedDict[int, int] = OrderedDict()

    @classmethod
    async def load(cls, target: Target) -> Self:
        options = _options_of(target)
        adapter = cls(options, context=target.context or SCRIPTED_CONTEXT)
        adapter._note("load")
        report = load_reporter()
        for done in range(1, options.load_steps + 1):
            report(Progress("load", done, options.load_steps))
            await asyncio.sleep(options.load_s / options.load_steps)
        await _LOADS[options.load]()
        return adapter

    @classmethod
    def inspect(cls, target: Target) -> Abilities:
        options = _options_of(target)
        can = options.parameters == "all"
        return Abilities(
            tasks=frozenset(TASK_OF_JOB.values()),
            context=target.context or SCRIPTED_CONTEXT,
            tools=can,
            json_schema=can,
            dimensions=options.dimensions,
            parameters=SAMPLING | {"dimensions", "labels"} if can else frozenset(),
            fingerprint=options.fingerprint,
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
        texts = [_text_of(item) for item in job.inputs]
        async with self._at_work(job):
            async with aclosing(self._read(job, texts)) as read:
                async for number, steps in read:
                    yield _vector(job.dimensions or self._options.dimensions, number, texts[number], steps)
            yield Finished(Usage(prompt_tokens=sum(len(words_of(text)) for text in texts)))

    async def rerank(self, job: RerankJob) -> AsyncIterator[Event]:
        async with self._at_work(job):
            async with aclosing(self._read(job, job.documents)) as read:
                async for number, _ in read:
                    yield Scores(number, (overlap(job.query, job.documents[number]),))
            words = [word for document in job.documents for word in words_of(job.query) + words_of(document)]
            yield Finished(Usage(prompt_tokens=len(words)))

    async def classify(self, job: ClassifyJob) -> AsyncIterator[Event]:
        labels = job.labels or SCRIPTED_LABELS
        async with self._at_work(job):
            async with aclosing(self._read(job, job.inputs)) as read:
                async for number, _ in read:
                    hits = [label for label in labels if label in job.inputs[number]] or labels
                    yield Labels(number, tuple(LabelScore(label, (label in hits) / len(hits)) for label in labels))
            yield Finished(Usage(prompt_tokens=sum(len(words_of(text)) for text in job.inputs)))

    async def tokenize(self, job: TokenizeJob) -> AsyncIterator[Event]:
        """A character is a token here, its code point the id."""
        async with self._at_work(job):
            yield Tokens(tuple(map(ord, job.text)))
            yield Finished(Usage(prompt_tokens=len(job.text)))

    async def detokenize(self, job: DetokenizeJob) -> AsyncIterator[Event]:
        """Raises InvalidRequest for a number that is no code point."""
        async with self._at_work(job):
            strange = next((token for token in job.tokens if token > sys.maxunicode), None)
            if strange is not None:
                raise InvalidRequest(f"The token {strange} does not exist.", param="tokens")
            yield TextDelta("".join(map(chr, job.tokens)))
            yield Finished(Usage(prompt_tokens=len(job.tokens)))

    async def close(self) -> None:
        if not self._closed.is_set():
            self._closed.set()
            self._note("close")

    async def _read(self, job: Job, texts: Sequence[str]) -> AsyncGenerator[tuple[int, list[Step]], None]:
        """Each text's number and steps, once everything that they do besides saying something is done."""
        plays = [list(steps_of(text)) for text in texts]
        for text, steps in zip(texts, plays, strict=True):
            self._check(job, steps, tokens=len(words_of(text)))
        for number, (text, steps) in enumerate(zip(texts, plays, strict=True)):
            play = self._count(text)
            for step in steps:
                await self._act(job, step, play)
            yield number, steps

    async def _play(
        self, job: ChatJob | CompleteJob, scripts: list[str], *, prompt_tokens: int
    ) -> AsyncIterator[Event]:
        """One script per choice, all choices in turns, then the end, unless a script wants another one."""
        plays = {script: list(steps_of(script)) for script in scripts}
        for steps in plays.values():
            self._check(job, steps, tokens=prompt_tokens, asked=job.sampling.asked_tokens or 0)
        directions = {step.verb for steps in plays.values() for step in steps}
        numbers = {script: self._count(script) for script in plays}
        spoken = thought = 0
        async with self._at_work(job):
            async with AsyncExitStack() as stack:
                acts = [
                    await stack.enter_async_context(
                        aclosing(
                            self._perform(job, part_of(plays[script], index % job.sampling.n), index, numbers[script])
                        )
                    )
                    for index, script in enumerate(scripts)
                ]
                yield PromptRead(prompt_tokens)
                async for event in _in_turns(acts):
                    if isinstance(event, TextDelta | ToolCallDelta):
                        spoken += event.tokens
                    elif isinstance(event, ReasoningDelta):
                        thought += event.tokens
                    yield event
                    await asyncio.sleep(0)  # others may speak too
            if "end" not in directions:
                yield Finished(Usage(prompt_tokens, spoken + thought, reasoning_tokens=thought))
            if "encore" in directions:
                yield TextDelta("encore")

    async def _perform(
        self, job: ChatJob | CompleteJob, steps: list[Step], index: int, play: int
    ) -> AsyncGenerator[Event, None]:
        """Choice `index`: everything its script says, up to the wanted number of words or a stop sequence."""
        speech = _Speech(job.sampling, index)
        reason: FinishReason = "stop"
        calls = 0
        for step in steps:
            await self._act(job, step, play)
            if step.verb == "call":
                for event in (*speech.finish(), *_call(step, index, calls, f"call_{job.id}_{index}_{calls}")):
                    yield event
                reason, calls = "tool_calls", calls + 1
                continue
            for event in _events_of(job, step, index):
                for heard in speech.hear(event):
                    yield heard
                if speech.reason is not None:
                    yield ChoiceFinished(speech.reason, index)
                    return
        for event in speech.finish():
            yield event
        yield ChoiceFinished(reason, index)

    def _check(self, job: Job, steps: list[Step], *, tokens: int, asked: int = 0) -> None:
        check(steps, param=_PARAMS[type(job)], is_guarded=self._options.guarded)
        if tokens + asked > self._context:
            raise ContextLengthExceeded(
                f"This model's context window is {self._context} tokens; the prompt has {tokens}, and the request "
                f"asks for {asked} more. Shorten the prompt or ask for a shorter answer.",
                param=_PARAMS[type(job)],
            )

    def _count(self, script: str) -> int:
        """How often `script` was played before."""
        key = hash(script)
        play = self._plays.pop(key, 0)
        self._plays[key] = play + 1
        if len(self._plays) > PLAYS_REMEMBERED:
            self._plays.popitem(last=False)
        return play

    async def _act(self, job: Job, step: Step, play: int) -> None:
        """What a direction does besides saying something. Raises InvalidRequest where its words make no sense."""
        if step.verb == "wait":
            await self._closed.wait()
            raise EngineCrashed("The play was ended.")
        try:
            failure = _failure(step) if step.verb == "fail" else None
            error = failure.error() if failure is not None and failure.is_due(play) else None
            if step.verb in _ACTS:
                await _ACTS[step.verb](step.words)
        except (ValueError, OverflowError, OSError) as mistake:
            raise _nonsense(job, step, mistake) from None
        if error is not None:
            raise error

    @asynccontextmanager
    async def _at_work(self, job: Job) -> AsyncIterator[None]:
        """Write down what becomes of a job, and do what the target's options want before it begins."""
        self._note(f"start {job.id}")
        try:
            await asyncio.sleep(self._options.pause_s)
            self._fail_where_told()
            yield
        except (asyncio.CancelledError, GeneratorExit):
            self._note(f"leave {job.id}")
            raise
        self._note(f"end {job.id}")

    def _fail_where_told(self) -> None:
        file = None if self._options.failing is None else Path(self._options.failing)
        if file is not None and file.exists():
            raise msgspec.json.decode(file.read_bytes(), type=Failure).error()

    def _note(self, line: str) -> None:
        if self._options.journal is not None:
            with Path(self._options.journal).open("a", encoding="utf-8") as journal:
                journal.write(f"{line}\n")


class _Speech:
    """What one choice says, until it has said enough."""

    def __init__(self, sampling: Sampling, index: int) -> None:
        self._left = math.inf if sampling.max_tokens is None else sampling.max_tokens
        self._stops = StopMatcher(sampling.stop)
        self._alternatives, self._index = sampling.top_logprobs, index
        self._held = 0  # words that are held back
        self.reason: FinishReason | None = None
        """Why nothing more is to be said."""

    def hear(self, event: Event) -> Iterator[Event]:
        """What of `event` is said now. Text that could become a stop sequence is held back."""
        if isinstance(event, TextDelta | ReasoningDelta):
            if self._left <= 0:
                yield from self.finish()
                self.reason = "length"
                return
            self._left -= 1
        if isinstance(event, TextDelta):
            self._held += 1
            yield from self._say(self._stops.feed(event.text))
            self.reason = None if self._stops.matched is None else "stop"
        else:
            yield event

    def finish(self) -> Iterator[Event]:
        """What was held back."""
        yield from self._say(self._stops.finish())

    def _say(self, text: str) -> Iterator[Event]:
        if text:
            yield TextDelta(text, self._index, logprobs_of(text, self._alternatives), tokens=self._held)
            self._held = 0


def _options_of(target: Target) -> ScriptedOptions:
    try:
        return msgspec.convert(target.options, ScriptedOptions)
    except msgspec.ValidationError as error:
        raise LoadFailed(f"Target {target.name!r} has wrong options: {error}.") from error


def _text_of(prompt: str | tuple[int, ...]) -> str:
    return prompt if isinstance(prompt, str) else " ".join(map(str, prompt))


async def _in_turns(acts: list[AsyncGenerator[Event, None]]) -> AsyncIterator[Event]:
    """One event of each, again and again, until all are through."""
    while acts:
        for act in list(acts):
            event = await anext(act, None)
            if event is None:
                acts.remove(act)
            else:
                yield event


def _events_of(job: Job, step: Step, index: int) -> Iterator[Event]:
    """What a direction says. Raises InvalidRequest where its words make no sense."""
    try:
        match step.verb:
            case "say":
                yield from (TextDelta(word, index) for word in words_of(step.words))
            case "think":
                yield from (ReasoningDelta(word, index, tokens=1) for word in words_of(step.words))
            case "repeat":
                yield from (TextDelta(word, index) for word in repetition(step.words))
            case "progress":
                done, _, total = step.words.partition(" ")
                yield Progress("prompt", int(done), int(total))
    except ValueError as mistake:
        raise _nonsense(job, step, mistake) from None


def _call(step: Step, index: int, call: int, call_id: str) -> Iterator[Event]:
    """A tool call as engines stream it: id and name first, then the arguments word by word."""
    name, _, arguments = step.words.partition(" ")
    yield ToolCallDelta(call, id=call_id, name=name, index=index, tokens=1)
    for piece in words_of(arguments):
        yield ToolCallDelta(call, piece, index=index, tokens=1)


def _vector(dimensions: int, number: int, text: str, steps: list[Step]) -> Vectors:
    """Input `number` as a vector: the one its script gives, else one made from its text."""
    for step in steps:
        if step.verb == "vector":
            try:
                numbers = [float(word) for word in step.words.split()]
            except ValueError:
                raise InvalidRequest("/vector takes numbers.", param="input") from None
            return Vectors(number, len(numbers), floats_to_bytes(numbers))
    return Vectors(number, dimensions, vector_of(text, dimensions))


def _failure(step: Step) -> Failure:
    return msgspec.json.decode(step.words, type=Failure)


def _nonsense(job: Job, step: Step, mistake: Exception) -> InvalidRequest:
    return InvalidRequest(f"/{step.verb} {step.words}: {mistake}.", param=_PARAMS[type(job)])


async def _sleep(seconds: str) -> None:
    await asyncio.sleep(float(seconds))


async def _block(seconds: str) -> None:
    time.sleep(float(seconds))  # noqa: ASYNC251 - blocking the loop is what the direction is for


async def _print(words: str) -> None:
    os.write(_STANDARD_OUTPUT, f"{words}\n".encode())  # past Python, as a native library does


async def _raise(words: str) -> None:
    raise RuntimeError(words)


async def _exit(code: str) -> None:
    os._exit(int(code))


async def _kill(number: str) -> None:
    os.kill(os.getpid(), int(number))


async def _fail_to_load() -> None:
    raise LoadFailed("The script says so.")


async def _nothing() -> None:
    """A load without trouble."""


_STANDARD_OUTPUT = 1
_ACTS: Mapping[str, Callable[[str], Awaitable[None]]] = {
    "sleep": _sleep,
    "block": _block,
    "print": _print,
    "raise": _raise,
    "exit": _exit,
    "kill": _kill,
}
_LOADS: Mapping[str, Callable[[], Awaitable[None]]] = {
    "ok": _nothing,
    "fail": _fail_to_load,
    "raise": partial(_raise, "The script says so."),
    "exit": partial(_exit, "3"),
    "block": partial(_block, "3600"),
    "wait": partial(_sleep, "3600"),
}
