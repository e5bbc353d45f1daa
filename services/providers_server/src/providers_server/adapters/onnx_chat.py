"""The `onnx-chat` adapter: conversations with any text model in onnxruntime-genai's form, on the CPU.

A chat in steps: render the conversation with the model's own template; make a grammar from the tools and the schema
of the request; let the answers take turns in one thread; read each by its family's marks as it grows.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, Self

from alive_core import (
    Abilities,
    ChatJob,
    ContextLengthExceeded,
    DetokenizeJob,
    Event,
    Finished,
    InvalidRequest,
    Progress,
    PromptRead,
    Sampling,
    Target,
    TextDelta,
    TokenizeJob,
    Tokens,
    Usage,
)
from alive_core.dialects import answer_reader
from providers_server.adapters.chat_choice import Choice
from providers_server.adapters.chat_files import ChatFacts, read_chat_facts
from providers_server.adapters.chat_model import ChatModel, ReadPrompt
from providers_server.adapters.chat_rounds import Chosen, PromptStep, Rounds, Wish
from providers_server.adapters.chat_sampling import logit_rules, search_options
from providers_server.adapters.threads import read_threads

PARAMETERS: Final = frozenset(
    {
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "max_tokens",
        "n",
        "presence_penalty",
        "seed",
        "stop",
        "temperature",
        "top_p",
    }
)


class OnnxChatAdapter:
    """One loaded chat model; at most `target.parallel` answers are written at once."""

    def __init__(self, facts: ChatFacts, model: ChatModel, *, name: str, parallel: int) -> None:
        self._facts = facts
        self._model = model
        self._name = name
        self._rounds = Rounds(model, parallel=parallel)
        self._marks = frozenset(
            token for mark in facts.markup.markers if (token := model.vocabulary.token_of(mark)) is not None
        )

    def __repr__(self) -> str:
        return f"<OnnxChatAdapter {self._name!r} {self._rounds}>"

    @classmethod
    def inspect(cls, target: Target) -> Abilities:
        """What the target's folder can do, by its small files alone. Raises LoadFailed."""
        read_threads(target)
        facts = read_chat_facts(target)
        return Abilities(
            tasks=frozenset({"chat", "tokenize", "detokenize"}),
            context=facts.window,
            tools=facts.has_tools,
            json_schema=True,
            parameters=PARAMETERS | {"documents"} if facts.has_documents else PARAMETERS,
            memory_bytes=facts.memory_bytes(target.parallel),
        )

    @classmethod
    async def load(cls, target: Target) -> Self:
        """Load the model in the folder `target.path`; the only option is `threads`. Raises LoadFailed."""
        threads = read_threads(target)
        facts = read_chat_facts(target)
        model = await asyncio.to_thread(ChatModel.load, facts, threads=threads)
        return cls(facts, model, name=target.name, parallel=target.parallel)

    async def chat(self, job: ChatJob) -> AsyncGenerator[Event, None]:
        """Continue the conversation. Closing the iterator stops the engine within one step of its work."""
        self._rounds.check_open()
        prompt, wishes = await asyncio.to_thread(self._prepare, job)
        yield PromptRead(len(prompt.tokens))
        choices = self._choices(job, prompt)
        async with aclosing(self._rounds.run(wishes)) as heard:
            async for item in heard:
                if isinstance(item, Progress):
                    yield item
                    continue
                index, step = item
                if isinstance(step, PromptStep):
                    yield Progress("prompt", done=step.done, total=len(prompt.tokens))
                if isinstance(step, Chosen) and not choices[index].has_ended:
                    for event in choices[index].feed(step):
                        yield event
                    if all(choice.has_ended for choice in choices):
                        break
        yield Finished(
            Usage(
                prompt_tokens=len(prompt.tokens),
                completion_tokens=sum(choice.tokens for choice in choices),
                reasoning_tokens=sum(choice.reasoning_tokens for choice in choices),
            )
        )

    async def tokenize(self, job: TokenizeJob) -> AsyncGenerator[Event, None]:
        """The tokens of a text; what looks like a special token is one, as in a prompt."""
        self._rounds.check_open()
        ids = await asyncio.to_thread(self._model.vocabulary.tokens, job.text)
        yield Tokens(tuple(ids))
        yield Finished(Usage(prompt_tokens=len(ids)))

    async def detokenize(self, job: DetokenizeJob) -> AsyncGenerator[Event, None]:
        """The text of tokens. Raises InvalidRequest where one is none of the model's."""
        self._rounds.check_open()
        text = await asyncio.to_thread(self._model.vocabulary.text, job.tokens)
        yield TextDelta(text)
        yield Finished(Usage(prompt_tokens=len(job.tokens)))

    async def close(self) -> None:
        """End every answer and free the model. May be called twice, also at once."""
        await asyncio.to_thread(self._rounds.close)

    def _prepare(self, job: ChatJob) -> tuple[ReadPrompt, list[Wish]]:
        """The prompt, and each choice's wish. Raises InvalidRequest, ContextLengthExceeded."""
        check_limit(job.sampling)
        prompt = self._model.read(job)
        check_room(job.sampling, prompt=len(prompt.tokens), window=self._facts.window)
        length = len(prompt.tokens) + self._limit(job, prompt)
        has_calls = bool(job.tools) and job.tool_choice != "none"
        banned = None if has_calls else self._model.action_token
        rules = logit_rules(job.sampling, vocabulary=self._facts.vocabulary, banned=banned)
        grammar = self._model.grammar(job, prompt)
        return prompt, [
            Wish(
                choice=choice,
                prompt=prompt.tokens,
                options=search_options(job.sampling, choice=choice, length=length, vocabulary=self._facts.vocabulary),
                rules=rules,
                grammar=grammar,
                top_logprobs=job.sampling.top_logprobs,
            )
            for choice in range(job.sampling.n)
        ]

    def _choices(self, job: ChatJob, prompt: ReadPrompt) -> list[Choice]:
        markup = self._facts.markup
        segment = markup.begun_in(prompt.text)
        return [
            Choice(
                answer_reader(job, index, segment=segment, markup=markup),
                self._model.vocabulary,
                sampling=job.sampling,
                ends=self._facts.ends,
                marks=self._marks,
                limit=self._limit(job, prompt),
            )
            for index in range(job.sampling.n)
        ]

    def _limit(self, job: ChatJob, prompt: ReadPrompt) -> int:
        """The most tokens an answer may have: what was wished for, at most the room there is."""
        room = self._facts.window - len(prompt.tokens)
        return room if job.sampling.max_tokens is None else min(room, job.sampling.max_tokens)


def check_limit(sampling: Sampling) -> None:
    """Raise InvalidRequest for an answer without a token."""
    if sampling.max_tokens is not None and sampling.max_tokens < 1:
        raise InvalidRequest("`max_tokens` must be at least 1.", param="max_tokens")


def check_room(sampling: Sampling, *, prompt: int, window: int) -> None:
    """Raise ContextLengthExceeded where the prompt and what the client asked for do not fit. Nothing is ever cut."""
    if prompt >= window:
        raise ContextLengthExceeded(
            f"This model's context window is {window} tokens, the prompt has {prompt}. Shorten it.", param="messages"
        )
    asked = sampling.asked_tokens or 0
    if prompt + asked > window:
        raise ContextLengthExceeded(
            f"This model's context window is {window} tokens, the prompt has {prompt}, and the request asks for "
            f"{asked} more: {prompt + asked} together. Shorten the prompt or ask for a shorter answer.",
            param="messages",
        )
