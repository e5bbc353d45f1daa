"""Completions: chunks of a stream, or one whole answer, from the same events."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from alive_core.adapters import events
from alive_core.schemas.common import ResponseStruct, Usage
from alive_core.schemas.completions import Completion, CompletionChoice, CompletionLogprobs
from alive_core.shape.shape import Head
from alive_core.shape.usage import Meter, shape_usage

Reason = Literal["stop", "length", "content_filter"]


class CompletionChunks:
    """The stream: text, then the reason it ended, then usage where it was asked for."""

    def __init__(self, head: Head, *, include_usage: bool) -> None:
        self._head, self._include_usage = head, include_usage
        self._offsets: dict[int, int] = {}
        self.meter = Meter()
        """What was counted so far."""

    def of(self, event: events.Event) -> list[ResponseStruct]:
        """The chunks for `event`."""
        self.meter.take(event)
        match event:
            case events.TextDelta():
                offset = self._offsets.get(event.index, 0)
                self._offsets[event.index] = offset + len(event.text)
                logprobs = shape_logprobs(event.logprobs, token_offsets(event.logprobs, offset))
                choice = CompletionChoice(text=event.text, index=event.index, logprobs=logprobs, finish_reason=None)
                return [_completion(self._head, [choice], usage=None if self._include_usage else UNSET)]
            case events.ChoiceFinished():
                choice = CompletionChoice(text="", index=event.index, finish_reason=_reason(event.reason))
                return [_completion(self._head, [choice], usage=None if self._include_usage else UNSET)]
            case events.Finished() if self._include_usage:
                return [_completion(self._head, [], usage=shape_usage(event.usage))]
            case _:
                return []


class WholeCompletion:
    """The whole answer: the sum of the stream."""

    def __init__(self, head: Head, *, choices: int) -> None:
        self._head = head
        self._drafts = [_Draft() for _ in range(choices)]
        self._usage = events.Usage(0)

    def add(self, event: events.Event) -> None:
        """Take the next event."""
        match event:
            case events.TextDelta():
                self._drafts[event.index].add_text(event)
            case events.ChoiceFinished():
                self._drafts[event.index].reason = _reason(event.reason)
            case events.Finished():
                self._usage = event.usage
            case _:
                pass  # tool calls and reasoning do not exist in raw text

    def result(self) -> Completion:
        """The answer as OpenAI sends it."""
        choices = [draft.choice(index) for index, draft in enumerate(self._drafts)]
        return _completion(self._head, choices, usage=shape_usage(self._usage))


class BestCompletion:
    """Of the answers to each prompt the `n` likeliest: those with the highest log probability per token."""

    def __init__(self, head: Head, *, prompts: int, best_of: int, n: int, shows_logprobs: bool) -> None:
        self._whole = WholeCompletion(head, choices=prompts * best_of)
        self._best_of, self._n, self._shows_logprobs = best_of, n, shows_logprobs

    def add(self, event: events.Event) -> None:
        """Take the next event."""
        self._whole.add(event)

    def result(self) -> Completion:
        """The answer as OpenAI sends it; its usage counts every answer that was made."""
        made = self._whole.result()
        best: list[CompletionChoice] = []
        for start in range(0, len(made.choices), self._best_of):
            best += sorted(made.choices[start : start + self._best_of], key=_unlikeliness)[: self._n]
        logprobs = {} if self._shows_logprobs else {"logprobs": None}
        choices = [msgspec.structs.replace(choice, index=index, **logprobs) for index, choice in enumerate(best)]
        return msgspec.structs.replace(made, choices=choices)


def _unlikeliness(choice: CompletionChoice) -> float:
    """Minus the mean log probability of an answer's tokens; an empty answer is the least likely of all."""
    known = [each for each in choice.logprobs.token_logprobs if each is not None] if choice.logprobs else []
    return -sum(known) / len(known) if known else math.inf


@dataclass(slots=True)
class _Draft:
    """One choice while it grows."""

    text: list[str] = field(default_factory=list)
    length: int = 0
    tokens: list[events.TokenLogprob] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    reason: Reason = "stop"

    def add_text(self, event: events.TextDelta) -> None:
        self.tokens.extend(event.logprobs)
        self.offsets.extend(token_offsets(event.logprobs, self.length))
        self.text.append(event.text)
        self.length += len(event.text)

    def choice(self, index: int) -> CompletionChoice:
        logprobs = shape_logprobs(self.tokens, self.offsets)
        return CompletionChoice(text="".join(self.text), index=index, logprobs=logprobs, finish_reason=self.reason)


def token_offsets(tokens: Sequence[events.TokenLogprob], start: int) -> list[int]:
    """Where each of the tokens of one event stands in the text, which has `start` characters before it."""
    ends = list(accumulate((len(token.token) for token in tokens), initial=start))
    return ends[:-1]


def shape_logprobs(tokens: Sequence[events.TokenLogprob], offsets: Sequence[int]) -> CompletionLogprobs | None:
    """Four parallel lists; `None` where no log probabilities were asked for."""
    if not tokens:
        return None
    return CompletionLogprobs(
        tokens=[token.token for token in tokens],
        token_logprobs=[token.logprob for token in tokens],
        top_logprobs=[{top.token: top.logprob for top in token.top} for token in tokens],
        text_offset=list(offsets),
    )


def _completion(head: Head, choices: list[CompletionChoice], *, usage: Usage | UnsetType | None) -> Completion:
    return Completion(
        id=head.id,
        created=head.created,
        model=head.model,
        system_fingerprint=head.fingerprint or UNSET,
        choices=choices,
        usage=usage,
    )


def _reason(reason: events.FinishReason) -> Reason:
    return "stop" if reason == "tool_calls" else reason
