"""Items: what a conversation of the Responses API consists of, as clients send them and as the store keeps them.

A stored item is an item that a client could have sent, with `id` and `status` filled in. Kinds that only OpenAI's
own machines can run are in `foreign`.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, field

from alive_core.schemas.common import RequestStruct
from alive_core.schemas.messages import PromptCacheBreakpoint

Status: TypeAlias = Literal["in_progress", "completed", "incomplete"]
MessageRole: TypeAlias = Literal["user", "assistant", "system", "developer"]


# --- Content parts -------------------------------------------------------------------------------------
class InputText(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="input_text"):
    """A piece of text that the model reads."""

    text: str
    prompt_cache_breakpoint: PromptCacheBreakpoint | None = None


class InputImage(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="input_image"):
    """An image. The server never fetches an address."""

    detail: Literal["low", "high", "auto", "original"] | None = None
    file_id: str | None = None
    image_url: str | None = None
    prompt_cache_breakpoint: PromptCacheBreakpoint | None = None


class InputFile(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="input_file"):
    """A file by its content, its address or the id of an upload. The server never fetches an address."""

    detail: Literal["auto", "low", "high"] | None = None
    file_data: str | None = None
    file_id: str | None = None
    file_url: str | None = None
    filename: str | None = None
    prompt_cache_breakpoint: PromptCacheBreakpoint | None = None


class CitedFile(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="file_citation"):
    """A citation of an uploaded file."""

    file_id: str
    filename: str
    index: int


class CitedUrl(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="url_citation"):
    """The characters from `start_index` up to `end_index` rest on this source."""

    start_index: int
    end_index: int
    title: str
    url: str


class CitedContainerFile(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="container_file_citation"):
    """A citation of a file in a container."""

    container_id: str
    start_index: int
    end_index: int
    file_id: str
    filename: str


class MadeFile(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="file_path"):
    """A file that an earlier answer made."""

    file_id: str
    index: int


class SentTopLogprob(RequestStruct, frozen=True, kw_only=True):
    """An alternative of an earlier answer's token."""

    token: str
    logprob: float
    bytes: list[int]


class SentLogprob(RequestStruct, frozen=True, kw_only=True):
    """A token of an earlier answer."""

    token: str
    logprob: float
    bytes: list[int]
    top_logprobs: list[SentTopLogprob]


class OutputText(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="output_text", omit_defaults=False):
    """A piece of text that the model wrote. `annotations` is always sent on: the official types need it."""

    text: str
    annotations: list[CitedFile | CitedUrl | CitedContainerFile | MadeFile] = field(default_factory=list)
    logprobs: list[SentLogprob] | None = None


class Refusal(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="refusal"):
    """An earlier refusal of the model."""

    refusal: str


InputPart: TypeAlias = InputText | InputImage | InputFile
MessagePart: TypeAlias = InputPart | OutputText | Refusal


# --- Callers of functions ------------------------------------------------------------------------------
class DirectCaller(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="direct"):
    """The model itself called."""


class ProgramCaller(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="program"):
    """A program that the model wrote called."""

    caller_id: str


Caller: TypeAlias = DirectCaller | ProgramCaller


# --- Items ---------------------------------------------------------------------------------------------
class MessageItem(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="message"):
    """What somebody said. `type` may be left out where a client sends it."""

    role: MessageRole
    content: str | Annotated[list[MessagePart], Meta(min_length=1)]
    id: str | None = None
    status: Status | None = None
    phase: Literal["commentary", "final_answer"] | None = None


class FunctionCallItem(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="function_call"):
    """A call that the model made; `arguments` is a JSON text, as the model wrote it."""

    arguments: str
    call_id: str
    name: str
    id: str | None = None
    status: Status | None = None
    caller: Caller | None = None
    namespace: str | None = None
    is_async: bool | None = field(default=None, name="async")


class FunctionCallOutputItem(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="function_call_output"):
    """What the called function answered."""

    output: str | list[InputPart]
    call_id: str | None = None
    id: str | None = None
    status: Status | None = None
    caller: Caller | None = None
    name: str | None = None
    namespace: str | None = None


class SummaryText(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="summary_text"):
    """A piece of a summary of the model's thinking."""

    text: str


class ReasoningText(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="reasoning_text"):
    """A piece of the model's thinking."""

    text: str


class ReasoningItem(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="reasoning"):
    """The model's earlier thinking: accepted, kept, and not read again."""

    summary: list[SummaryText]
    id: str | None = None
    content: list[ReasoningText] | None = None
    encrypted_content: str | None = None
    status: Status | None = None


class ItemReference(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="item_reference"):
    """An item that the store has. `type` may be left out where a client sends it."""

    id: str


KeptItem: TypeAlias = MessageItem | FunctionCallItem | FunctionCallOutputItem | ReasoningItem
InputItem: TypeAlias = KeptItem | ItemReference
