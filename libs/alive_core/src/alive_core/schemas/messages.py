"""Chat messages as clients send them: one Struct per role, one per kind of content part."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from alive_core.schemas.common import RequestStruct


# --- Content parts -------------------------------------------------------------------------------------
class PromptCacheBreakpoint(RequestStruct, frozen=True, kw_only=True):
    """Marks the end of a prompt prefix that will come again."""

    mode: Literal["explicit"]
    ttl: Literal["30m", "12h"] | None = None


class TextPart(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="text"):
    """A piece of text."""

    text: str
    prompt_cache_breakpoint: PromptCacheBreakpoint | None = None


class ImageUrl(RequestStruct, frozen=True, kw_only=True):
    """An address or a `data:` URL of an image. The server never fetches an address."""

    url: str
    detail: Literal["auto", "low", "high", "original"] | None = None


class ImagePart(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="image_url"):
    """An image."""

    image_url: ImageUrl
    prompt_cache_breakpoint: PromptCacheBreakpoint | None = None


class InputAudio(RequestStruct, frozen=True, kw_only=True):
    """Base64 audio data and its format."""

    data: str
    format: Literal["wav", "mp3"]


class AudioPart(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="input_audio"):
    """A piece of sound."""

    input_audio: InputAudio
    prompt_cache_breakpoint: PromptCacheBreakpoint | None = None


class FileInput(RequestStruct, frozen=True, kw_only=True):
    """A file by its base64 content, or by the id of an earlier upload."""

    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class FilePart(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="file"):
    """A file."""

    file: FileInput
    prompt_cache_breakpoint: PromptCacheBreakpoint | None = None


class RefusalPart(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="refusal"):
    """An earlier refusal of the model."""

    refusal: str


TextParts: TypeAlias = Annotated[list[TextPart], Meta(min_length=1)]
UserPart: TypeAlias = TextPart | ImagePart | AudioPart | FilePart
AssistantPart: TypeAlias = TextPart | RefusalPart


# --- Calls the model made earlier ----------------------------------------------------------------------
class CalledFunction(RequestStruct, frozen=True, kw_only=True):
    """A function's name and its arguments, a JSON text as the model wrote it (not always valid JSON)."""

    name: str
    arguments: str


class FunctionToolCall(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="function"):
    """A call of a function tool, as the client hands it back."""

    id: str
    function: CalledFunction


class CalledCustomTool(RequestStruct, frozen=True, kw_only=True):
    """A custom tool's name and its free-form input."""

    name: str
    input: str


class CustomToolCall(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="custom"):
    """A call of a custom tool, as the client hands it back."""

    id: str
    custom: CalledCustomTool


class AudioReference(RequestStruct, frozen=True, kw_only=True):
    """An earlier audio answer by its id."""

    id: str


class UrlCitation(RequestStruct, frozen=True, kw_only=True):
    """Which characters of an earlier answer a source supports."""

    start_index: int
    end_index: int
    title: str
    url: str


class UrlCitationAnnotation(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="url_citation"):
    """A citation in an earlier answer."""

    url_citation: UrlCitation


# --- Messages ------------------------------------------------------------------------------------------
class DeveloperMessage(RequestStruct, frozen=True, kw_only=True, tag_field="role", tag="developer"):
    """Instructions of the application; the newer word for `system`."""

    content: str | TextParts
    name: str | None = None


class SystemMessage(RequestStruct, frozen=True, kw_only=True, tag_field="role", tag="system"):
    """Instructions of the application."""

    content: str | TextParts
    name: str | None = None


class UserMessage(RequestStruct, frozen=True, kw_only=True, tag_field="role", tag="user"):
    """What the person says."""

    content: str | Annotated[list[UserPart], Meta(min_length=1)]
    name: str | None = None


class AssistantMessage(RequestStruct, frozen=True, kw_only=True, tag_field="role", tag="assistant"):
    """What the model said before.

    `annotations` is not in the official request types; clients that append an answer's message send it back.
    """

    content: str | Annotated[list[AssistantPart], Meta(min_length=1)] | None = None
    name: str | None = None
    refusal: str | None = None
    tool_calls: list[FunctionToolCall | CustomToolCall] | None = None
    function_call: CalledFunction | None = None
    audio: AudioReference | None = None
    annotations: list[UrlCitationAnnotation] | None = None

    def __post_init__(self) -> None:
        """Refuse a message that says nothing.

        `tool_calls: []` counts as absent, as in the answers that some clients hand back.
        """
        if self.content is None and not (self.tool_calls or self.function_call or self.refusal or self.audio):
            raise ValueError("`content` is required unless tool_calls or function_call is given")


class ToolMessage(RequestStruct, frozen=True, kw_only=True, tag_field="role", tag="tool"):
    """What a tool answered."""

    content: str | TextParts
    tool_call_id: str


class FunctionMessage(RequestStruct, frozen=True, kw_only=True, tag_field="role", tag="function"):
    """What a function answered; deprecated in favour of `tool`."""

    content: str | None
    name: str


Message: TypeAlias = DeveloperMessage | SystemMessage | UserMessage | AssistantMessage | ToolMessage | FunctionMessage
