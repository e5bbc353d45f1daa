"""Chat answers: chunks of a stream, or one whole answer, from the same events."""

from dataclasses import dataclass, field

from msgspec import UNSET

from alive_core.adapters import events
from alive_core.schemas.chat import (
    AnswerMessage,
    ChatCompletion,
    ChatCompletionChunk,
    Choice,
    ChoiceLogprobs,
    ChunkChoice,
    Delta,
    FunctionCall,
    FunctionCallDelta,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    TopLogprob,
)
from alive_core.schemas.common import ResponseStruct, Usage
from alive_core.shape.citations import chat_annotations, grounding
from alive_core.shape.shape import Head
from alive_core.shape.usage import Meter, shape_usage


class ChatChunks:
    """The stream: the role first, then content, then the reason it ended, then usage where it was asked for."""

    def __init__(self, head: Head, *, include_usage: bool) -> None:
        self._head, self._include_usage = head, include_usage
        self._begun: set[int] = set()
        self.meter = Meter()
        """What was counted so far."""

    def of(self, event: events.Event) -> list[ResponseStruct]:
        """The chunks for `event`. The first of each choice carries its role and nothing else."""
        self.meter.take(event)
        match event:
            case events.TextDelta():
                delta = Delta(content=event.text)
                return self._choice(event.index, delta, logprobs=shape_logprobs(event.logprobs))
            case events.Citation():
                delta = Delta(annotations=chat_annotations([event]), alive=grounding([event]))
                return self._choice(event.index, delta)
            case events.ToolCallDelta():
                return self._choice(event.index, Delta(tool_calls=[_call_delta(event)]), opening=None)
            case events.ChoiceFinished():
                return self._choice(event.index, Delta(), reason=event.reason)
            case events.Finished() if self._include_usage:
                return [self._chunk([], usage=shape_usage(event.usage))]
            case _:
                return []

    def _choice(
        self,
        index: int,
        delta: Delta,
        *,
        opening: str | None = "",
        logprobs: ChoiceLogprobs | None = None,
        reason: events.FinishReason | None = None,
    ) -> list[ResponseStruct]:
        chunks: list[ResponseStruct] = []
        if index not in self._begun:
            self._begun.add(index)
            role = Delta(role="assistant", content=opening, refusal=None)
            chunks.append(self._chunk([ChunkChoice(index=index, delta=role)]))
        chunks.append(self._chunk([ChunkChoice(index=index, delta=delta, logprobs=logprobs, finish_reason=reason)]))
        return chunks

    def _chunk(self, choices: list[ChunkChoice], *, usage: Usage | None = None) -> ChatCompletionChunk:
        return ChatCompletionChunk(
            id=self._head.id,
            created=self._head.created,
            model=self._head.model,
            system_fingerprint=self._head.fingerprint or UNSET,
            choices=choices,
            usage=usage if self._include_usage else UNSET,
        )


class WholeChat:
    """The whole answer: the sum of the stream."""

    def __init__(self, head: Head, *, n: int) -> None:
        self._head = head
        self._drafts = [_Draft() for _ in range(n)]
        self._usage = events.Usage(0)

    def add(self, event: events.Event) -> None:
        """Take the next event."""
        match event:
            case events.TextDelta():
                draft = self._drafts[event.index]
                draft.text.append(event.text)
                draft.logprobs.extend(event.logprobs)
            case events.Citation():
                self._drafts[event.index].citations.append(event)
            case events.ToolCallDelta():
                self._drafts[event.index].add_call(event)
            case events.ChoiceFinished():
                self._drafts[event.index].reason = event.reason
            case events.Finished():
                self._usage = event.usage
            case _:
                pass  # reasoning has no place in this resource's official shape

    def result(self) -> ChatCompletion:
        """The answer as OpenAI sends it."""
        return ChatCompletion(
            id=self._head.id,
            created=self._head.created,
            model=self._head.model,
            system_fingerprint=self._head.fingerprint or UNSET,
            choices=[draft.choice(index) for index, draft in enumerate(self._drafts)],
            usage=shape_usage(self._usage),
        )


@dataclass(slots=True)
class _Draft:
    """One choice while it grows."""

    text: list[str] = field(default_factory=list)
    calls: dict[int, list[events.ToolCallDelta]] = field(default_factory=dict)
    logprobs: list[events.TokenLogprob] = field(default_factory=list)
    citations: list[events.Citation] = field(default_factory=list)
    reason: events.FinishReason = "stop"

    def add_call(self, event: events.ToolCallDelta) -> None:
        self.calls.setdefault(event.call, []).append(event)

    def choice(self, index: int) -> Choice:
        calls = [_whole_call(deltas) for _, deltas in sorted(self.calls.items())]
        text = "".join(self.text)
        message = AnswerMessage(
            content=text if text or not calls else None,
            tool_calls=calls or UNSET,
            annotations=chat_annotations(self.citations),
            alive=grounding(self.citations) if self.citations else UNSET,
        )
        return Choice(
            index=index,
            message=message,
            logprobs=shape_logprobs(tuple(self.logprobs)),
            finish_reason=self.reason,
        )


def shape_logprobs(tokens: tuple[events.TokenLogprob, ...]) -> ChoiceLogprobs | None:
    """Log probabilities in chat's form; `None` where none were asked for."""
    if not tokens:
        return None
    return ChoiceLogprobs(
        content=[
            TokenLogprob(
                token=token.token,
                logprob=token.logprob,
                bytes=list(token.token_bytes),
                top_logprobs=[
                    TopLogprob(token=top.token, logprob=top.logprob, bytes=list(top.token_bytes)) for top in token.top
                ],
            )
            for token in tokens
        ]
    )


def _call_delta(event: events.ToolCallDelta) -> ToolCallDelta:
    return ToolCallDelta(
        index=event.call,
        id=event.id or UNSET,
        type="function" if event.id else UNSET,
        function=FunctionCallDelta(name=event.name or UNSET, arguments=event.arguments),
    )


def _whole_call(deltas: list[events.ToolCallDelta]) -> ToolCall:
    return ToolCall(
        id=next((delta.id for delta in deltas if delta.id), ""),
        function=FunctionCall(
            name="".join(delta.name or "" for delta in deltas),
            arguments="".join(delta.arguments for delta in deltas),
        ),
    )
