"""The `onnx-embed` adapter: sentence embeddings on the CPU, equal to the reference implementation."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

from alive_core import (
    Abilities,
    ContextLengthExceeded,
    DetokenizeJob,
    EmbedJob,
    EngineCrashed,
    Event,
    Finished,
    InvalidRequest,
    Progress,
    Target,
    TextDelta,
    TokenizeJob,
    Tokens,
    UnsupportedParameter,
    Usage,
    Vectors,
)
from providers_server.adapters.batches import plan_batches
from providers_server.adapters.embed_files import EmbedFacts, read_facts
from providers_server.adapters.embed_model import EmbedModel, TokenIds
from providers_server.adapters.threads import read_threads
from providers_server.constants import (
    EMBED_BATCH_ROWS,
    EMBED_BATCH_TOKENS,
    EMBED_SLICE_INPUTS,
    EMBED_VECTORS_PER_EVENT,
    FLOAT32_BYTES,
)

Argument = TypeVar("Argument")
Result = TypeVar("Result")
CLOSED = "The embedding model was closed under the request; send it again."


class OnnxEmbedAdapter:
    """Turns text, or token ids, into unit vectors of 32-bit floats.

    All work happens in one thread, batch by batch, so jobs that run together take turns and the event loop stays
    free. Cancelling a job ends it after the batch that is being computed, which takes milliseconds.

    Usage counts every token the model reads, the special ones included: the same number is held against `context`.
    """

    def __init__(self, facts: EmbedFacts, model: EmbedModel, thread: ThreadPoolExecutor) -> None:
        self._facts = facts
        self._model = model
        self._thread = thread
        self._is_closed = False

    @classmethod
    async def load(cls, target: Target) -> Self:
        """Load the model in the folder `target.path`; the only option is `threads`."""
        threads = read_threads(target)
        facts = read_facts(target.path, target.context)
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embed")
        try:
            model = await asyncio.wrap_future(thread.submit(EmbedModel.load, facts, threads=threads))
        except BaseException as error:  # a cancelled load still runs: its thread ends by itself when it is through
            thread.shutdown(wait=isinstance(error, Exception), cancel_futures=True)
            raise
        return cls(facts, model, thread)

    @classmethod
    def inspect(cls, target: Target) -> Abilities:
        """What the model's files say: vector size, context, identity."""
        read_threads(target)
        facts = read_facts(target.path, target.context)
        return Abilities(
            tasks=frozenset({"embed", "tokenize", "detokenize"}),
            context=facts.context,
            dimensions=facts.dimensions,
            parameters=frozenset({"dimensions"}),
            recipe="mean pooling, unit length, fp32",
        )

    async def embed(self, job: EmbedJob) -> AsyncIterator[Event]:
        """Check every input, then compute all of them; the vectors come at the end, so a retry stays possible."""
        check_dimensions(job.dimensions, self._facts.dimensions)
        check_not_empty(job.inputs)
        total = len(job.inputs)
        rows: list[TokenIds] = []
        for start in range(0, total, EMBED_SLICE_INPUTS):
            rows += await self._in_thread(self._model.encode, job.inputs[start : start + EMBED_SLICE_INPUTS])
            if len(rows) < total:
                yield Progress("prompt", len(rows), total)
        lengths = [len(row) for row in rows]
        check_lengths(lengths, self._facts.context)

        vectors = bytearray(total * self._row_bytes)
        done = 0
        for batch in plan_batches(lengths, rows=EMBED_BATCH_ROWS, tokens=EMBED_BATCH_TOKENS):
            computed = await self._in_thread(self._compute, [rows[index] for index in batch])
            for index, row in zip(batch, computed, strict=True):
                vectors[index * self._row_bytes : (index + 1) * self._row_bytes] = row
            done += len(batch)
            if done < total:
                yield Progress("batch", done, total)

        step = EMBED_VECTORS_PER_EVENT
        for start in range(0, total, step):
            part = bytes(vectors[start * self._row_bytes : (start + step) * self._row_bytes])
            yield Vectors(start, self._facts.dimensions, part)
        yield Finished(Usage(prompt_tokens=sum(lengths)))

    async def tokenize(self, job: TokenizeJob) -> AsyncIterator[Event]:
        """The tokens of a text, without those that begin and end every input."""
        ids = await self._in_thread(self._model.tokens, job.text)
        yield Tokens(tuple(ids))
        yield Finished(Usage(prompt_tokens=len(ids)))

    async def detokenize(self, job: DetokenizeJob) -> AsyncIterator[Event]:
        """The text of tokens; this tokenizer writes everything in small letters. Raises InvalidRequest."""
        text = await self._in_thread(self._model.text, job.tokens)
        yield TextDelta(text)
        yield Finished(Usage(prompt_tokens=len(job.tokens)))

    async def close(self) -> None:
        """Let the batch in progress finish, end waiting jobs with EngineCrashed, and free the thread."""
        self._is_closed = True
        await asyncio.to_thread(self._thread.shutdown, wait=True)

    @property
    def _row_bytes(self) -> int:
        return self._facts.dimensions * FLOAT32_BYTES

    def _compute(self, batch: Sequence[TokenIds]) -> list[bytes]:
        return [row.tobytes() for row in self._model.vectors(batch).astype("<f4", copy=False)]

    async def _in_thread(self, work: Callable[[Argument], Result], argument: Argument) -> Result:
        """Run one step in the model's thread; the steps of several jobs take turns."""

        def step() -> Result:
            if self._is_closed:
                raise EngineCrashed(CLOSED)
            return work(argument)

        try:
            future = self._thread.submit(step)
        except RuntimeError as error:  # the thread is gone: closed before this step
            raise EngineCrashed(CLOSED) from error
        return await asyncio.wrap_future(future)


def check_dimensions(wanted: int | None, own: int) -> None:
    """Raise UnsupportedParameter for any other vector length than the model's own.

    Cutting vectors is honest only for models trained for it (Matryoshka); these are not.
    """
    if wanted not in (None, own):
        raise UnsupportedParameter(
            f"This model's vectors have {own} dimensions and lose their meaning when cut to {wanted}; "
            f"leave `dimensions` out or ask for {own}.",
            param="dimensions",
        )


def check_not_empty(inputs: Sequence[str | TokenIds]) -> None:
    """Raise InvalidRequest where there is no input, or one without any content, as OpenAI does."""
    if not inputs:
        raise InvalidRequest("`input` is empty; send at least one text.", param="input")
    empty = next((index for index, one in enumerate(inputs) if not one), None)
    if empty is not None:
        raise InvalidRequest(f"Input {empty} is empty; an embedding needs at least one character.", param="input")


def check_lengths(lengths: Sequence[int], context: int) -> None:
    """Raise ContextLengthExceeded for the first input that is longer than the model reads. Nothing is ever cut."""
    over = next((index for index, length in enumerate(lengths) if length > context), None)
    if over is not None:
        raise ContextLengthExceeded(
            f"This model reads at most {context} tokens per input, but input {over} has {lengths[over]} "
            f"(its special tokens included). Split it into shorter texts.",
            param="input",
        )
