"""Serves Command-R through llama.cpp: continuous batching, prefix cache, answers held to tools and schemas.

A chat in steps: render the conversation with the model's own template; compile the grammar that its tools and schema
ask for; let the engine continue the text; read its segments as they come. The engine's own reading of tool calls is
not used: it loses text that it cannot read, withholds text without a sign of life, and lets the model invent ids.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Self

import msgspec

from alive_core import (
    Abilities,
    ChatJob,
    ChoiceFinished,
    CompleteJob,
    DetokenizeJob,
    Event,
    Finished,
    InvalidRequest,
    Progress,
    Sampling,
    Target,
    TextDelta,
    TokenizeJob,
    Tokens,
    Usage,
)
from alive_core.dialects import (
    COMMAND_R,
    AnswerReader,
    Dialect,
    Pieces,
    PlainText,
    Prompt,
    answer_reader,
    chat_grammar,
    first_characters,
    new_mark,
)
from command_server.adapters.chunks import UsageCount, finish_reason, token_logprobs, too_long
from command_server.adapters.compiler import find_fault
from command_server.adapters.inspection import inspect_file, model_path
from command_server.adapters.memory import memory_bytes
from command_server.adapters.native import NativeEngine
from command_server.adapters.parameters import read_options
from command_server.adapters.request import chat_calls, complete_calls, template_body
from command_server.adapters.runner import Runner, Said
from command_server.adapters.special_tokens import TOKENS, special_tokens
from command_server.adapters.vocabulary import VOCABULARY


class LlamaCppAdapter:
    """One loaded Command-R model with `target.parallel` sequences."""

    def __init__(
        self,
        engine: NativeEngine,
        *,
        name: str,
        dialect: Dialect,
        plain_text: PlainText,
        parallel: int,
        vocabulary: int,
        window: int,
    ) -> None:
        self._engine = engine
        self._plain_text = plain_text
        self._vocabulary = vocabulary
        self._window = window
        self._name = name
        self._dialect = dialect
        self._runner = Runner(engine, parallel=parallel)
        self._closing: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<LlamaCppAdapter {self._name!r} {'closed' if self._closing else self._runner.slots}>"

    @classmethod
    def inspect(cls, target: Target) -> Abilities:
        """What the target's file can do, by its header alone. Raises LoadFailed."""
        options = read_options(target)
        header, abilities = inspect_file(target)
        size = memory_bytes(header, model_path(target), target, options=options, window=abilities.context or 0)
        on_gpu = size if options.gpu_layers else None
        return msgspec.structs.replace(abilities, memory_bytes=size, gpu_bytes=on_gpu)

    @classmethod
    async def load(cls, target: Target) -> Self:
        """Load the target's file. Raises LoadFailed, with nothing left behind."""
        return await asyncio.to_thread(cls._load, target)

    @classmethod
    def _load(cls, target: Target) -> Self:
        options = read_options(target)
        header, abilities = inspect_file(target)
        specials = special_tokens(model_path(target), header)
        VOCABULARY.claim(model_path(target), header, specials, target=target.name)
        engine = NativeEngine.load(
            target,
            options=options,
            model=model_path(target),
            weights=header.data_bytes,
            window=abilities.context or 0,
        )
        markers = COMMAND_R.markers_in(header.text("tokenizer.chat_template") or "")
        return cls(
            engine,
            name=target.name,
            dialect=_dialect(engine, markers),
            plain_text=_plain_text(engine, specials),
            parallel=target.parallel,
            vocabulary=header.length(TOKENS),
            window=abilities.context or 0,
        )

    async def chat(self, job: ChatJob) -> AsyncGenerator[Event, None]:
        """Continue the conversation. Closing the iterator stops the engine within one step of its work."""
        self._runner.check_open()
        prompt, grammar = await asyncio.to_thread(self._prepare, job)
        calls = chat_calls(
            job, prompt.pieces, grammar=grammar, dialect=self._dialect, parallel=self._runner.slots.total
        )
        segment = COMMAND_R.begun_in(prompt.text)
        readers = [answer_reader(job, index, segment=segment) for index in range(job.sampling.n)]
        usage = UsageCount()
        async with aclosing(self._runner.run(calls, param="messages")) as heard:
            async for said in heard:
                for event in _chat_events(said, job.sampling, readers=readers, usage=usage):
                    yield event
        yield Finished(usage.total(reasoning_tokens=sum(reader.reasoning_pieces for reader in readers)))

    def _prepare(self, job: ChatJob) -> tuple[Prompt, str | None]:
        """The prompt and the grammar. Raises InvalidRequest, ContextLengthExceeded."""
        mark = new_mark()
        prompt = self._plain_text.prompt(self._engine.render(self._plain_text.mark(template_body(job), mark)), mark)
        grammar = chat_grammar(
            job,
            self._dialect,
            find_fault=find_fault,
            in_thought=COMMAND_R.begun_in(prompt.text) == "thinking",
        )
        self._check_room([prompt.pieces], job.sampling, param="messages")
        return prompt, grammar

    def _check_room(self, prompts: Sequence[Pieces], sampling: Sampling, *, param: str) -> None:
        """Raise ContextLengthExceeded where a prompt and the answer that was asked for do not fit the window.

        A token stands for at least one byte, so a short prompt is not counted.
        """
        asked = sampling.asked_tokens
        if asked is None:
            return
        for prompt in prompts:
            if _most_tokens(prompt) + asked > self._window:
                tokens = self._engine.count(prompt)
                if tokens + asked > self._window:
                    raise too_long(prompt=tokens, asked=asked, window=self._window, param=param)

    async def complete(self, job: CompleteJob) -> AsyncGenerator[Event, None]:
        """Continue raw text or token ids."""
        self._runner.check_open()
        await asyncio.to_thread(self._check_room, job.prompts, job.sampling, param="prompt")
        echoes: list[Event] = await asyncio.to_thread(self._echoes, job) if job.echo else []
        if job.sampling.max_tokens == 0:
            for event in echoes + await self._end_at_once(job):
                yield event
            return
        calls = complete_calls(job, parallel=self._runner.slots.total)
        usage = UsageCount()
        async with aclosing(self._runner.run(calls, param="prompt")) as heard:
            async for said in heard:
                for event in echoes + _complete_events(said, job.sampling, usage=usage):
                    yield event
                echoes = []  # sent with the engine's first word: a prompt that is too long fails before any answer
        yield Finished(usage.total())

    async def _end_at_once(self, job: CompleteJob) -> list[Event]:
        """The end of an answer that shall have no token: the engine itself would write one at least."""
        tokens = [await asyncio.to_thread(self._engine.count, prompt) for prompt in job.prompts]
        ends: list[Event] = [ChoiceFinished("length", index) for index in range(len(tokens) * job.sampling.n)]
        return [*ends, Finished(Usage(sum(tokens)))]

    async def tokenize(self, job: TokenizeJob) -> AsyncGenerator[Event, None]:
        """The tokens of a text; what looks like a special token is one, as in a prompt."""
        self._runner.check_open()
        tokens = await asyncio.to_thread(self._engine.tokenize, job.text, parse_special=True)
        yield Tokens(tuple(tokens))
        yield Finished(Usage(len(tokens)))

    async def detokenize(self, job: DetokenizeJob) -> AsyncGenerator[Event, None]:
        """The text of tokens. Raises InvalidRequest where one is none of the model's."""
        self._runner.check_open()
        strange = next((token for token in job.tokens if token >= self._vocabulary), None)
        if strange is not None:  # the engine would fail without saying why
            words = f"The token {strange} does not exist; the largest is {self._vocabulary - 1}."
            raise InvalidRequest(words, param="tokens")
        text = await asyncio.to_thread(self._engine.detokenize, job.tokens)
        yield TextDelta(text)
        yield Finished(Usage(len(job.tokens)))

    async def close(self) -> None:
        """Stop what is running and free the model. May be called twice, also at once."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        await self._runner.close()
        await asyncio.to_thread(self._engine.close)

    def _echoes(self, job: CompleteJob) -> list[Event]:
        texts = [prompt if isinstance(prompt, str) else self._engine.detokenize(prompt) for prompt in job.prompts]
        choices = job.sampling.n
        return [
            TextDelta(text, index=number * choices + choice)
            for number, text in enumerate(texts)
            for choice in range(choices)
            if text
        ]


def _plain_text(engine: NativeEngine, specials: tuple[str, ...]) -> PlainText:
    firsts = first_characters(specials)
    return PlainText(specials, {first: engine.tokenize(first, parse_special=False) for first in firsts})


def _most_tokens(prompt: Pieces) -> int:
    """More tokens than a prompt can take; one is the engine's own, at the beginning."""
    if isinstance(prompt, str):
        return 1 + len(prompt.encode())
    return 1 + sum(len(piece.encode()) if isinstance(piece, str) else 1 for piece in prompt)


def _dialect(engine: NativeEngine, markers: tuple[str, ...]) -> Dialect:
    """A marker that is one token even where special tokens are not looked for is an ordinary token."""
    action = COMMAND_R.action[0]
    if action not in markers:
        return Dialect(markers=markers)
    token, *rest = engine.tokenize(action, parse_special=True)
    as_text = len(engine.tokenize(action, parse_special=False)) == 1
    return Dialect(markers=markers, as_text=as_text, action_token=None if rest else token)


def _chat_events(
    said: list[Said] | Progress,
    sampling: Sampling,
    *,
    readers: Sequence[AnswerReader],
    usage: UsageCount,
) -> list[Event]:
    if isinstance(said, Progress):
        return [said]
    events: list[Event] = []
    for call, chunk in ((one.call, one.chunk) for one in said):
        if chunk.prompt_progress is not None:
            events += usage.read(chunk.prompt_progress, prompt=call.prompt)
        for choice in chunk.choices:
            index = call.first_choice + choice.index
            reader = readers[index]
            if choice.text or choice.logprobs:
                heard = reader.feed(choice.text, token_logprobs(choice, top=sampling.top_logprobs or 0))
                events += usage.told(heard, chunk.timings, choice=index)
            if choice.finish_reason is not None:
                events += reader.finish(finish_reason(choice.finish_reason))
        if chunk.usage is not None:
            usage.add(chunk.usage, prompt=call.prompt)
    return events


def _complete_events(said: list[Said] | Progress, sampling: Sampling, *, usage: UsageCount) -> list[Event]:
    if isinstance(said, Progress):
        return [said]
    events: list[Event] = []
    for call, chunk in ((one.call, one.chunk) for one in said):
        if chunk.prompt_progress is not None:
            events += usage.read(chunk.prompt_progress, prompt=call.prompt)
        for choice in chunk.choices:
            index = call.first_choice + choice.index
            logprobs = token_logprobs(choice, top=sampling.top_logprobs or 0)
            if choice.text or logprobs:
                heard = TextDelta(choice.text, index=index, logprobs=logprobs)
                events += usage.told([heard], chunk.timings, choice=index)
            if choice.finish_reason is not None:
                events.append(ChoiceFinished(finish_reason(choice.finish_reason), index=index))
        if chunk.usage is not None:
            usage.add(chunk.usage, prompt=call.prompt)
    return events
