"""How tokens are chosen: the request's word, else the profile's default, else the engine's choice."""

from typing import TypeVar

from alive_core.adapters.jobs import Sampling
from alive_core.errors import ContextLengthExceeded, InvalidRequest
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Defaults
from alive_core.schemas.chat import ChatRequest
from alive_core.schemas.completions import CompletionRequest

Value = TypeVar("Value")


def chat_sampling(body: ChatRequest, defaults: Defaults) -> Sampling:
    """Raises InvalidRequest where two fields contradict each other."""
    if body.max_tokens is not None and body.max_completion_tokens not in (None, body.max_tokens):
        message = "`max_tokens` and `max_completion_tokens` differ. Send one of them."
        raise InvalidRequest(message, param="max_tokens")
    if body.top_logprobs is not None and not body.logprobs:
        raise InvalidRequest("`top_logprobs` needs `logprobs: true`.", param="top_logprobs")
    return Sampling(
        max_tokens=first_of(body.max_completion_tokens, body.max_tokens, defaults.max_tokens),
        temperature=first_of(body.temperature, defaults.temperature),
        top_p=first_of(body.top_p, defaults.top_p),
        frequency_penalty=body.frequency_penalty,
        presence_penalty=body.presence_penalty,
        seed=body.seed,
        stop=stop_sequences(body.stop),
        logit_bias=body.logit_bias or {},
        n=body.n or 1,
        top_logprobs=(body.top_logprobs or 0) if body.logprobs else None,
        asked_tokens=first_of(body.max_completion_tokens, body.max_tokens),
    )


def complete_sampling(body: CompletionRequest, defaults: Defaults) -> Sampling:
    """The same for raw text, where `logprobs` is itself the number of alternatives."""
    return Sampling(
        max_tokens=first_of(body.max_tokens, defaults.max_tokens),
        temperature=first_of(body.temperature, defaults.temperature),
        top_p=first_of(body.top_p, defaults.top_p),
        frequency_penalty=body.frequency_penalty,
        presence_penalty=body.presence_penalty,
        seed=body.seed,
        stop=stop_sequences(body.stop),
        logit_bias=body.logit_bias or {},
        n=body.n or 1,
        top_logprobs=body.logprobs,
        asked_tokens=body.max_tokens,
    )


def refuse_overlong(sampling: Sampling, abilities: Abilities, *, param: str) -> None:
    """Raise ContextLengthExceeded, before any work, where the wanted answer alone takes the window or more.

    The engine, which counts the prompt, refuses what is less.
    """
    asked, window = sampling.asked_tokens, abilities.context
    if asked is not None and window is not None and asked >= window:
        raise ContextLengthExceeded(
            f"This model's context window is {window} tokens, prompt and answer together; the request asks for an "
            f"answer of {asked}. Ask for a shorter one.",
            param=param,
        )


def stop_sequences(stop: str | list[str] | None) -> tuple[str, ...]:
    """One sequence, several or none, as a tuple."""
    if stop is None:
        return ()
    return (stop,) if isinstance(stop, str) else tuple(stop)


def first_of(*values: Value | None) -> Value | None:
    """The first value that is not None."""
    return next((value for value in values if value is not None), None)
