"""Responses: the named, numbered events of a stream, and the Response object that is their sum.

Order: created, in progress; then per item added, its parts and deltas, done; then completed or incomplete. A text or
thinking item ends where another begins. Calls stay open to the end: an engine may write several side by side.
"""

import time
from collections.abc import Callable, Iterable

import msgspec

from alive_core.adapters import events
from alive_core.adapters.jobs import Sampling
from alive_core.constants import TEMPERATURE_DEFAULT, TOP_P_DEFAULT
from alive_core.errors import AliveError, InvalidRequest, RateLimited
from alive_core.schemas import response_events as stream
from alive_core.schemas.common import ResponseStruct
from alive_core.schemas.items import Status
from alive_core.schemas.responses import (
    EchoedConversation,
    EchoedReasoning,
    EchoedText,
    EchoedTool,
    IncompleteDetails,
    InputTokensDetails,
    OutputTokensDetails,
    PlainText,
    Response,
    ResponseFailure,
    ResponseRequest,
    ResponseTool,
    ResponseUsage,
    WrittenText,
    WrittenThinking,
)
from alive_core.shape.citations import cited_urls
from alive_core.shape.response_drafts import CallDraft, Draft, TextDraft, ThinkingDraft
from alive_core.shape.shape import Head
from alive_core.shape.usage import Meter
from alive_core.utils.ids import function_call_item_id, message_item_id, reasoning_item_id, tool_call_id


def opening_response(head: Head, body: ResponseRequest, sampling: Sampling, *, is_stored: bool) -> Response:
    """The response before anything was written: what was asked for, with the values that really count."""
    text, reasoning = body.text, body.reasoning
    echo = Response(
        id=head.id,
        created_at=head.created,
        status="in_progress",
        instructions=body.instructions,
        max_output_tokens=body.max_output_tokens,
        max_tool_calls=body.max_tool_calls,
        model=head.model,
        parallel_tool_calls=body.parallel_tool_calls is not False,
        previous_response_id=body.previous_response_id,
        prompt_cache_key=body.prompt_cache_key,
        reasoning=EchoedReasoning(effort=reasoning.effort) if reasoning else EchoedReasoning(),
        safety_identifier=body.safety_identifier,
        store=is_stored,
        temperature=TEMPERATURE_DEFAULT if sampling.temperature is None else sampling.temperature,
        text=EchoedText(
            format=(text and text.format) or PlainText(), verbosity=(text and text.verbosity) or "medium"
        ),
        tool_choice="auto" if body.tool_choice is None else body.tool_choice,
        tools=[_echoed_tool(tool) for tool in body.tools or ()],
        top_logprobs=body.top_logprobs or 0,
        top_p=TOP_P_DEFAULT if sampling.top_p is None else sampling.top_p,
        user=body.user,
        metadata=body.metadata or {},
    )
    if body.conversation_id is None:
        return echo
    return msgspec.structs.replace(echo, conversation=EchoedConversation(id=body.conversation_id))


class ResponseChunks:
    """The stream. `response` is the whole answer as far as it goes."""

    def __init__(self, opening: Response, *, clock: Callable[[], float] = time.time) -> None:
        self.response = opening
        self._clock = clock
        self._number = 0
        self._items: list[Draft] = []
        self._calls: dict[int, CallDraft] = {}
        self._open: TextDraft | ThinkingDraft | None = None
        self._reason: events.FinishReason = "stop"
        self._has_begun = False
        self._meter = Meter()
        self._characters = 0  # of text in all items

    def of(self, event: events.Event) -> list[ResponseStruct]:
        """The stream's events for `event`."""
        self._meter.take(event)
        match event:
            case events.TextDelta():
                return [*self._begin(), *self._text(event)]
            case events.Citation():
                return list(self._cite(event))
            case events.ReasoningDelta():
                return [*self._begin(), *self._thinking(event)]
            case events.ToolCallDelta():
                return [*self._begin(), *self._call(event)]
            case events.ChoiceFinished():
                return [*self._begin(), *self._end_items(event.reason)]
            case events.Finished():
                return [*self._begin(), self._end(event)]
            case _:
                return []

    def complete(self, event: events.Finished) -> Response:
        """The whole answer, before its last event is sent. May be called again, and then changes nothing."""
        if self.response.status == "in_progress":
            incomplete = _incomplete(self._reason)
            self.response = msgspec.structs.replace(
                self.response,
                status="incomplete" if incomplete else "completed",
                completed_at=None if incomplete else int(self._clock()),
                incomplete_details=incomplete,
                output=[draft.item(draft.status) for draft in self._items],
                usage=_usage(event.usage),
            )
        return self.response

    def not_stored(self) -> None:
        """The answer could not be kept; its last event says so."""
        self.response = msgspec.structs.replace(self.response, store=False)

    def broken(self, error: AliveError) -> list[ResponseStruct]:
        """The events that end a stream after `error`: what happened, then the response as far as it went."""
        opening = self._begin()
        counted = self._meter.counted()
        self.response = msgspec.structs.replace(
            self.response,
            status="failed",
            store=False,
            error=_failure(error),
            output=[draft.item("incomplete" if draft.is_open else draft.status) for draft in self._items],
            usage=_usage(counted) if counted else None,
        )
        return [
            *opening,
            stream.ErrorEvent(
                sequence_number=self._next(), code=error.code, message=error.message, param=error.param
            ),
            stream.ResponseFailed(sequence_number=self._next(), response=self.response),
        ]

    def _next(self) -> int:
        self._number += 1
        return self._number - 1

    def _begin(self) -> list[ResponseStruct]:
        if self._has_begun:
            return []
        self._has_begun = True
        return [
            stream.ResponseCreated(sequence_number=self._next(), response=self.response),
            stream.ResponseInProgress(sequence_number=self._next(), response=self.response),
        ]

    def _text(self, event: events.TextDelta) -> Iterable[ResponseStruct]:
        draft = self._open
        if not isinstance(draft, TextDraft):
            yield from self._close_open()
            self._open = draft = TextDraft(index=len(self._items), id=message_item_id(), offset=self._characters)
            yield from self._add(draft)
            yield self._part_added(draft)
        self._characters += len(event.text)
        draft.pieces.append(event.text)
        draft.logprobs.extend(event.logprobs)
        yield stream.TextDelta(
            sequence_number=self._next(),
            item_id=draft.id,
            output_index=draft.index,
            content_index=0,
            delta=event.text,
            logprobs=_delta_logprobs(event.logprobs),
        )

    def _cite(self, event: events.Citation) -> Iterable[ResponseStruct]:
        """A citation belongs to the text that is open; its characters count from that text's beginning."""
        draft = self._open
        if not isinstance(draft, TextDraft):
            return
        for cited in cited_urls(event, offset=draft.offset):
            draft.annotations.append(cited)
            yield stream.AnnotationAdded(
                sequence_number=self._next(),
                item_id=draft.id,
                output_index=draft.index,
                content_index=0,
                annotation_index=len(draft.annotations) - 1,
                annotation=cited,
            )

    def _thinking(self, event: events.ReasoningDelta) -> Iterable[ResponseStruct]:
        draft = self._open
        if not isinstance(draft, ThinkingDraft):
            yield from self._close_open()
            self._open = draft = ThinkingDraft(index=len(self._items), id=reasoning_item_id())
            yield from self._add(draft)
            yield self._part_added(draft)
        draft.pieces.append(event.text)
        yield stream.ThinkingDelta(
            sequence_number=self._next(),
            item_id=draft.id,
            output_index=draft.index,
            content_index=0,
            delta=event.text,
        )

    def _call(self, event: events.ToolCallDelta) -> Iterable[ResponseStruct]:
        draft = self._calls.get(event.call)
        if draft is None:
            yield from self._close_open()
            draft = CallDraft(
                index=len(self._items),
                id=function_call_item_id(),
                call_id=event.id or tool_call_id(),
                name=event.name or "",
            )
            self._calls[event.call] = draft
            yield from self._add(draft)
        if event.arguments:
            draft.pieces.append(event.arguments)
            yield stream.ArgumentsDelta(
                sequence_number=self._next(), item_id=draft.id, output_index=draft.index, delta=event.arguments
            )

    def _add(self, draft: Draft) -> Iterable[ResponseStruct]:
        self._items.append(draft)
        yield stream.ItemAdded(
            sequence_number=self._next(), output_index=draft.index, item=draft.item("in_progress", is_empty=True)
        )

    def _part_added(self, draft: TextDraft | ThinkingDraft) -> ResponseStruct:
        return stream.PartAdded(
            sequence_number=self._next(),
            item_id=draft.id,
            output_index=draft.index,
            content_index=0,
            part=WrittenText(text="") if isinstance(draft, TextDraft) else WrittenThinking(text=""),
        )

    def _end_items(self, reason: events.FinishReason) -> Iterable[ResponseStruct]:
        """Close everything. An answer without any item gets an empty message, so that it is an answer."""
        self._reason = reason
        if not self._items:
            yield from self._text(events.TextDelta(""))
        status: Status = "incomplete" if _incomplete(reason) else "completed"
        yield from self._close_open(status)
        for draft in self._calls.values():
            yield from self._close_call(draft, status)

    def _end(self, event: events.Finished) -> ResponseStruct:
        response = self.complete(event)
        kind = stream.ResponseIncomplete if response.status == "incomplete" else stream.ResponseCompleted
        return kind(sequence_number=self._next(), response=response)

    def _close_open(self, status: Status = "completed") -> Iterable[ResponseStruct]:
        draft, self._open = self._open, None
        if isinstance(draft, TextDraft):
            yield stream.TextDone(
                sequence_number=self._next(),
                item_id=draft.id,
                output_index=draft.index,
                content_index=0,
                text=draft.written,
                logprobs=_delta_logprobs(draft.logprobs),
            )
            yield from self._close_item(draft, status, draft.part())
        elif draft is not None:
            yield stream.ThinkingDone(
                sequence_number=self._next(),
                item_id=draft.id,
                output_index=draft.index,
                content_index=0,
                text=draft.written,
            )
            yield from self._close_item(draft, status, draft.part())

    def _close_item(
        self, draft: TextDraft | ThinkingDraft, status: Status, part: WrittenText | WrittenThinking
    ) -> Iterable[ResponseStruct]:
        yield stream.PartDone(
            sequence_number=self._next(), item_id=draft.id, output_index=draft.index, content_index=0, part=part
        )
        yield self._item_done(draft, status)

    def _close_call(self, draft: CallDraft, status: Status) -> Iterable[ResponseStruct]:
        yield stream.ArgumentsDone(
            sequence_number=self._next(), item_id=draft.id, output_index=draft.index, arguments=draft.written
        )
        yield self._item_done(draft, status)

    def _item_done(self, draft: Draft, status: Status) -> ResponseStruct:
        draft.status, draft.is_open = status, False
        return stream.ItemDone(sequence_number=self._next(), output_index=draft.index, item=draft.item(status))


class WholeResponse:
    """The whole answer: what the stream comes to."""

    def __init__(self, chunks: ResponseChunks) -> None:
        self._chunks = chunks

    def add(self, event: events.Event) -> None:
        """Take the next event."""
        self._chunks.of(event)

    def result(self) -> Response:
        """The answer as OpenAI sends it."""
        return self._chunks.response


def _echoed_tool(tool: ResponseTool) -> EchoedTool:
    return EchoedTool(name=tool.name, description=tool.description, parameters=tool.parameters, strict=tool.strict)


def _incomplete(reason: events.FinishReason) -> IncompleteDetails | None:
    match reason:
        case "length":
            return IncompleteDetails(reason="max_output_tokens")
        case "content_filter":
            return IncompleteDetails(reason="content_filter")
        case _:
            return None


def _failure(error: AliveError) -> ResponseFailure:
    match error:
        case InvalidRequest():
            return ResponseFailure(code="invalid_prompt", message=error.message)
        case RateLimited():
            return ResponseFailure(code="rate_limit_exceeded", message=error.message)
        case _:
            return ResponseFailure(code="server_error", message=error.message)


def _usage(usage: events.Usage) -> ResponseUsage:
    return ResponseUsage(
        input_tokens=usage.prompt_tokens,
        input_tokens_details=InputTokensDetails(cached_tokens=usage.cached_tokens),
        output_tokens=usage.completion_tokens,
        output_tokens_details=OutputTokensDetails(reasoning_tokens=usage.reasoning_tokens),
        total_tokens=usage.prompt_tokens + usage.completion_tokens,
    )


def _delta_logprobs(tokens: Iterable[events.TokenLogprob]) -> list[stream.DeltaLogprob]:
    return [
        stream.DeltaLogprob(
            token=token.token,
            logprob=token.logprob,
            top_logprobs=[stream.DeltaTopLogprob(token=top.token, logprob=top.logprob) for top in token.top],
        )
        for token in tokens
    ]
