"""The stream of `/v1/responses`: named events, numbered from 0 without gaps.

Source: https://platform.openai.com/docs/api-reference/responses-streaming. The event's name is its `type`.
"""

from typing import TypeAlias

from msgspec import UNSET, UnsetType, field

from alive_core.schemas.common import ResponseStruct
from alive_core.schemas.items import CitedUrl
from alive_core.schemas.responses import OutputItem, Response, WrittenText, WrittenThinking


class StreamEvent(ResponseStruct, frozen=True, kw_only=True, tag_field="type"):
    """Base of every event of this stream."""

    sequence_number: int

    @property
    def name(self) -> str:
        """What the event is called on the wire."""
        return str(self.__struct_config__.tag)


# --- The response as a whole ---------------------------------------------------------------------------
class ResponseCreated(StreamEvent, frozen=True, kw_only=True, tag="response.created"):
    """The first event."""

    response: Response


class ResponseInProgress(StreamEvent, frozen=True, kw_only=True, tag="response.in_progress"):
    """The second event."""

    response: Response


class ResponseCompleted(StreamEvent, frozen=True, kw_only=True, tag="response.completed"):
    """The last event of a response that ended by itself."""

    response: Response


class ResponseIncomplete(StreamEvent, frozen=True, kw_only=True, tag="response.incomplete"):
    """The last event of a response that reached a limit."""

    response: Response


class ResponseFailed(StreamEvent, frozen=True, kw_only=True, tag="response.failed"):
    """The last event of a response that broke."""

    response: Response


class ErrorEvent(StreamEvent, frozen=True, kw_only=True, tag="error"):
    """What went wrong; `response.failed` follows."""

    code: str | None
    message: str
    param: str | None


# --- Items and their parts -----------------------------------------------------------------------------
class ItemAdded(StreamEvent, frozen=True, kw_only=True, tag="response.output_item.added"):
    """An item begins, empty."""

    output_index: int
    item: OutputItem


class ItemDone(StreamEvent, frozen=True, kw_only=True, tag="response.output_item.done"):
    """An item is complete."""

    output_index: int
    item: OutputItem


class PartAdded(StreamEvent, frozen=True, kw_only=True, tag="response.content_part.added"):
    """A part of an item begins, empty."""

    item_id: str
    output_index: int
    content_index: int
    part: WrittenText | WrittenThinking


class PartDone(StreamEvent, frozen=True, kw_only=True, tag="response.content_part.done"):
    """A part of an item is complete."""

    item_id: str
    output_index: int
    content_index: int
    part: WrittenText | WrittenThinking


# --- Text ----------------------------------------------------------------------------------------------
class DeltaTopLogprob(ResponseStruct, frozen=True, kw_only=True):
    """A token that could have come."""

    token: str
    logprob: float


class DeltaLogprob(ResponseStruct, frozen=True, kw_only=True):
    """A token that came, and the likeliest ones at its place."""

    token: str
    logprob: float
    top_logprobs: list[DeltaTopLogprob]


class TextDelta(StreamEvent, frozen=True, kw_only=True, tag="response.output_text.delta"):
    """More text."""

    item_id: str
    output_index: int
    content_index: int
    delta: str
    logprobs: list[DeltaLogprob] = field(default_factory=list)
    obfuscation: str | UnsetType = UNSET


class TextDone(StreamEvent, frozen=True, kw_only=True, tag="response.output_text.done"):
    """The whole text of a part."""

    item_id: str
    output_index: int
    content_index: int
    text: str
    logprobs: list[DeltaLogprob] = field(default_factory=list)


class AnnotationAdded(StreamEvent, frozen=True, kw_only=True, tag="response.output_text.annotation.added"):
    """A citation of the text written so far."""

    item_id: str
    output_index: int
    content_index: int
    annotation_index: int
    annotation: CitedUrl


class ThinkingDelta(StreamEvent, frozen=True, kw_only=True, tag="response.reasoning_text.delta"):
    """More thinking."""

    item_id: str
    output_index: int
    content_index: int
    delta: str
    obfuscation: str | UnsetType = UNSET


class ThinkingDone(StreamEvent, frozen=True, kw_only=True, tag="response.reasoning_text.done"):
    """The whole thinking of a part."""

    item_id: str
    output_index: int
    content_index: int
    text: str


# --- Calls ---------------------------------------------------------------------------------------------
class ArgumentsDelta(StreamEvent, frozen=True, kw_only=True, tag="response.function_call_arguments.delta"):
    """More of a call's arguments."""

    item_id: str
    output_index: int
    delta: str
    obfuscation: str | UnsetType = UNSET


class ArgumentsDone(StreamEvent, frozen=True, kw_only=True, tag="response.function_call_arguments.done"):
    """The whole arguments of a call."""

    item_id: str
    output_index: int
    arguments: str


Opening: TypeAlias = ResponseCreated | ResponseInProgress
Ending: TypeAlias = ResponseCompleted | ResponseIncomplete | ResponseFailed
