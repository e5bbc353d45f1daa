"""From what llama.cpp's server engine says to events and errors. Pure.

Each chunk is one JSON object in the shape of OpenAI's text completions, with `prompt_progress` and `error` beside it.
"""

from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec

from alive_core import (
    AliveError,
    ContextLengthExceeded,
    EngineCrashed,
    FinishReason,
    InvalidRequest,
    Progress,
    PromptRead,
    ReasoningDelta,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    TopLogprob,
    Usage,
)

AnyEvent = TypeVar("AnyEvent")

_CONTEXT_EXCEEDED: Final = "exceed_context_size_error"
_CLIENT_ERRORS: Final = range(400, 500)


class EngineLogprob(msgspec.Struct, frozen=True):
    """A token the engine chose or weighed; `token` may be half a character, `bytes` never lies."""

    token: str = ""
    bytes: tuple[int, ...] = ()
    logprob: float = 0.0
    top_logprobs: tuple["EngineLogprob", ...] = ()


class EngineLogprobs(msgspec.Struct, frozen=True):
    content: tuple[EngineLogprob, ...] = ()


class EngineChoice(msgspec.Struct, frozen=True):
    """More text of one choice; `finish_reason` marks its last chunk."""

    text: str = ""
    index: int = 0
    logprobs: EngineLogprobs | None = None
    finish_reason: str | None = None


class CachedTokens(msgspec.Struct, frozen=True):
    cached_tokens: int = 0


class EngineUsage(msgspec.Struct, frozen=True):
    """Tokens of one choice; it comes with the choice's last chunk."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: CachedTokens = CachedTokens()


class PromptProgress(msgspec.Struct, frozen=True):
    total: int = 0
    cache: int = 0
    processed: int = 0


class Timings(msgspec.Struct, frozen=True):
    """Of one choice, with each of its chunks."""

    predicted_n: int = 0


class EngineError(msgspec.Struct, frozen=True):
    message: str = ""
    type: str = ""
    code: int = 500
    n_prompt_tokens: int = 0
    n_ctx: int = 0


class Chunk(msgspec.Struct, frozen=True):
    """One thing the engine said."""

    choices: tuple[EngineChoice, ...] = ()
    usage: EngineUsage | None = None
    prompt_progress: PromptProgress | None = None
    timings: Timings = Timings()
    error: EngineError | None = None


_DECODER: Final = msgspec.json.Decoder(Chunk)


def decode_chunk(data: bytes) -> Chunk:
    """Raises EngineCrashed where `data` is nothing an engine should say."""
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EngineCrashed(
            "The engine gave an answer that cannot be read. Please send the request again."
        ) from error


def alive_error(error: EngineError, *, param: str) -> AliveError:
    """The error of our tree that says what the engine said; `param` is the field that carries the prompt."""
    if error.type == _CONTEXT_EXCEEDED:
        return ContextLengthExceeded(
            f"This model's context window is {error.n_ctx} tokens, the prompt has {error.n_prompt_tokens}. "
            "Shorten it.",
            param=param,
        )
    if error.code in _CLIENT_ERRORS:
        return InvalidRequest(f"The engine refused the request: {error.message}", param=param)
    return EngineCrashed(f"The engine failed: {error.message}")


def too_long(*, prompt: int, asked: int, window: int, param: str) -> ContextLengthExceeded:
    """The refusal of a request that asks for a longer answer than there is room for."""
    return ContextLengthExceeded(
        f"This model's context window is {window} tokens, the prompt has {prompt}, and the request asks for {asked} "
        f"more: {prompt + asked} together. Shorten the prompt or ask for a shorter answer.",
        param=param,
    )


def finish_reason(reason: str) -> FinishReason:
    """The engine knows two ways to end; everything but the limit is a stop."""
    return "length" if reason == "length" else "stop"


def token_logprobs(choice: EngineChoice, *, top: int) -> tuple[TokenLogprob, ...]:
    """The choice's tokens with at most `top` alternatives each."""
    if choice.logprobs is None:
        return ()
    return tuple(
        TokenLogprob(
            token=_token_text(entry),
            logprob=entry.logprob,
            token_bytes=entry.bytes,
            top=tuple(
                TopLogprob(token=_token_text(other), logprob=other.logprob, token_bytes=other.bytes)
                for other in entry.top_logprobs[:top]
            ),
        )
        for entry in choice.logprobs.content
    )


def _token_text(entry: EngineLogprob) -> str:
    return bytes(entry.bytes).decode("utf-8", "replace") if entry.bytes else entry.token


class UsageCount:
    """Adds up what the choices of a job report: answers all count, each prompt counts once."""

    def __init__(self) -> None:
        self._prompts: dict[int, EngineUsage] = {}
        self._completion_tokens = 0
        self._read: set[int] = set()
        self._told: dict[int, int] = {}  # tokens of each choice that its deltas have told

    def read(self, progress: PromptProgress, *, prompt: int) -> list[Progress | PromptRead]:
        """How far the engine is with prompt number `prompt`; the first time, how long that is."""
        step = Progress("prompt", done=progress.processed, total=progress.total)
        if prompt in self._read:
            return [step]
        self._read.add(prompt)
        return [PromptRead(progress.total, progress.cache, prompt=prompt), step]

    def told(self, events: Sequence[AnyEvent], timings: Timings, *, choice: int) -> Sequence[AnyEvent]:
        """`events` of a choice, where the last delta says how many tokens the engine chose since the one before."""
        for place in reversed(range(len(events))):
            if isinstance(delta := events[place], TextDelta | ReasoningDelta | ToolCallDelta):
                tokens = timings.predicted_n - self._told.get(choice, 0)
                self._told[choice] = timings.predicted_n
                return [*events[:place], msgspec.structs.replace(delta, tokens=tokens), *events[place + 1 :]]
        return events

    def add(self, usage: EngineUsage, *, prompt: int) -> None:
        """One choice of prompt number `prompt` is complete. The first report of a prompt says what was cached."""
        self._prompts.setdefault(prompt, usage)
        self._completion_tokens += usage.completion_tokens

    def total(self, *, reasoning_tokens: int = 0) -> Usage:
        """The job's usage."""
        return Usage(
            prompt_tokens=sum(usage.prompt_tokens for usage in self._prompts.values()),
            completion_tokens=self._completion_tokens,
            cached_tokens=sum(usage.prompt_tokens_details.cached_tokens for usage in self._prompts.values()),
            reasoning_tokens=reasoning_tokens,
        )
