"""`/v1/responses`: the request and the Response object. Items are in `items`, the stream in `response_events`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from msgspec import UNSET, Meta, UnsetType, field

from alive_core.constants import TOP_LOGPROBS_LIMIT
from alive_core.schemas.chat import Metadata, ModerationOptions, TokenLimit, TokenLogprob
from alive_core.schemas.common import (
    AliveOptions,
    JsonSchema,
    RequestStruct,
    ResponseStruct,
    SafetyIdentifier,
    Temperature,
    ToolName,
    TopP,
)
from alive_core.schemas.items import CitedUrl, InputFile, InputImage, InputItem, InputText, Status, SummaryText

Includable: TypeAlias = Literal[
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
]
ResponseTier: TypeAlias = Literal["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"]
Verbosity: TypeAlias = Literal["low", "medium", "high"]
ReasoningEffort: TypeAlias = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


# --- Parts of the request ------------------------------------------------------------------------------
class PlainText(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="text"):
    """Plain text, the default."""


class JsonObject(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="json_object"):
    """Any JSON object."""


class SchemaFormat(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="json_schema"):
    """A JSON value that fits a schema."""

    name: ToolName
    schema: JsonSchema
    description: str | None = None
    strict: bool | None = None


Format: TypeAlias = PlainText | JsonObject | SchemaFormat


class TextOptions(RequestStruct, frozen=True, kw_only=True):
    """What the answer's text shall be like."""

    format: Format | None = None
    verbosity: Verbosity | None = None


class ReasoningOptions(RequestStruct, frozen=True, kw_only=True):
    """How much the model thinks, and what is told of it."""

    context: Literal["auto", "current_turn", "all_turns"] | None = None
    effort: ReasoningEffort | None = None
    generate_summary: Literal["auto", "concise", "detailed"] | None = None
    mode: str | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None


class ResponseTool(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="function"):
    """A function the model may call. Without `parameters` it takes none."""

    name: ToolName
    parameters: JsonSchema | None = None
    strict: bool | None = None
    description: str | None = None
    allowed_callers: list[Literal["direct", "programmatic"]] | None = None
    is_async: bool | None = field(default=None, name="async")
    defer_loading: bool | None = None
    output_schema: JsonSchema | None = None


class ResponseToolChoice(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="function"):
    """Exactly this function."""

    name: str


class AllowedResponseTools(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="allowed_tools"):
    """Some of the offered functions, and whether one has to be called."""

    mode: Literal["auto", "required"]
    tools: Annotated[list[ResponseToolChoice], Meta(min_length=1)]


ToolChoice: TypeAlias = Literal["none", "auto", "required"] | ResponseToolChoice | AllowedResponseTools


class ConversationReference(RequestStruct, frozen=True, kw_only=True):
    """A conversation by its id."""

    id: str


class AccessPrograms(RequestStruct, frozen=True, kw_only=True):
    """Programs of OpenAI that widen what a model may do."""

    cyber: Literal["standard", "daybreak_blue", "daybreak_red"] | None = None


class ContextManagement(RequestStruct, frozen=True, kw_only=True):
    """How a long conversation would be shortened. A prompt is never cut here."""

    type: str
    compact_threshold: int | None = None


class ImageOptions(RequestStruct, frozen=True, kw_only=True):
    """How images would be read."""

    context_compression: Literal["auto", "enabled", "disabled"] | None = None


class CacheOptions(RequestStruct, frozen=True, kw_only=True):
    """How prompt prefixes are kept."""

    comparison_response_id: str | None = None
    mode: Literal["implicit", "explicit"] | None = None
    prewarm: bool | None = None
    ttl: Literal["30m", "12h"] | None = None


class ResponseStreamOptions(RequestStruct, frozen=True, kw_only=True):
    """What a stream carries besides the answer."""

    include_obfuscation: bool | None = None


class PromptReference(RequestStruct, frozen=True, kw_only=True):
    """A prompt template that OpenAI stores."""

    id: str
    variables: dict[str, str | InputText | InputImage | InputFile] | None = None
    version: str | None = None


def _given(name: str) -> dict[str, object]:
    """The field is there, and is not `null`."""
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


_SOMETHING_TO_ANSWER: Final = {
    "required": ["input"],
    "properties": {"input": {"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "minItems": 1}]}},
}


# --- The request ---------------------------------------------------------------------------------------
class ResponseRequest(RequestStruct, frozen=True, kw_only=True):
    """Body of `POST /v1/responses`: every official field, and our extension `alive`."""

    model: str = ""
    input: str | list[InputItem] | None = None

    access_programs: AccessPrograms | None = None
    background: bool | None = None
    context_management: list[ContextManagement] | None = None
    conversation: str | ConversationReference | None = None
    image: ImageOptions | None = None
    include: list[Includable] | None = None
    instructions: str | None = None
    max_output_tokens: TokenLimit | None = None
    max_tool_calls: Annotated[int, Meta(ge=1)] | None = None
    metadata: Metadata | None = None
    moderation: ModerationOptions | None = None
    parallel_tool_calls: bool | None = None
    previous_response_id: str | None = None
    prompt: PromptReference | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: CacheOptions | None = None
    prompt_cache_retention: Literal["in_memory", "24h"] | None = None
    reasoning: ReasoningOptions | None = None
    safety_identifier: SafetyIdentifier | None = None
    service_tier: ResponseTier | None = None
    store: bool | None = None
    stream: bool | None = None
    stream_options: ResponseStreamOptions | None = None
    temperature: Temperature | None = None
    text: TextOptions | None = None
    tool_choice: ToolChoice | None = None
    tools: list[ResponseTool] | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=TOP_LOGPROBS_LIMIT)] | None = None
    top_p: TopP | None = None
    truncation: Literal["auto", "disabled"] | None = None
    user: str | None = None

    alive: AliveOptions | None = None

    rules: ClassVar[Mapping[str, object]] = MappingProxyType(
        {
            "required": ["model"],
            "anyOf": [_SOMETHING_TO_ANSWER, *map(_given, ("conversation", "previous_response_id", "prompt"))],
            "not": {"allOf": [_given("conversation"), _given("previous_response_id")]},
        }
    )

    def __post_init__(self) -> None:
        """Refuse what the official types cannot say: which fields are needed, and which exclude each other."""
        if not self.model:
            raise ValueError("`model` is required")
        if self.conversation is not None and self.previous_response_id is not None:
            raise ValueError("`previous_response_id` cannot be combined with conversation")
        continues = self.conversation is not None or self.previous_response_id is not None
        if not self.input and not continues and self.prompt is None:
            raise ValueError("`input` is required")

    @property
    def conversation_id(self) -> str | None:
        """The conversation this belongs to, in either of the two forms."""
        return self.conversation.id if isinstance(self.conversation, ConversationReference) else self.conversation


# --- Items of the answer -------------------------------------------------------------------------------
class WrittenText(ResponseStruct, frozen=True, kw_only=True, tag_field="type", tag="output_text"):
    """Text of the answer."""

    annotations: list[CitedUrl] = field(default_factory=list)
    logprobs: list[TokenLogprob] = field(default_factory=list)
    text: str


class WrittenThinking(ResponseStruct, frozen=True, kw_only=True, tag_field="type", tag="reasoning_text"):
    """Text of the model's thinking."""

    text: str


class AnswerItem(ResponseStruct, frozen=True, kw_only=True, tag_field="type", tag="message"):
    """What the model says."""

    id: str
    status: Status
    content: list[WrittenText]
    role: Literal["assistant"] = "assistant"


class CallItem(ResponseStruct, frozen=True, kw_only=True, tag_field="type", tag="function_call"):
    """A call the client shall make. `id` names the item, `call_id` the call that the client's output answers."""

    id: str
    status: Status
    arguments: str
    call_id: str
    name: str


class ThinkingItem(ResponseStruct, frozen=True, kw_only=True, tag_field="type", tag="reasoning"):
    """What the model thought, in the clear; there is no summary of it."""

    id: str
    status: Status
    summary: list[SummaryText] = field(default_factory=list)
    content: list[WrittenThinking]


OutputItem: TypeAlias = AnswerItem | CallItem | ThinkingItem


# --- The answer ----------------------------------------------------------------------------------------
class InputTokensDetails(ResponseStruct, frozen=True, kw_only=True):
    """Where the prompt's tokens came from; `cached_tokens` were in the engine's prompt cache."""

    cached_tokens: int = 0
    cache_write_tokens: int = 0


class OutputTokensDetails(ResponseStruct, frozen=True, kw_only=True):
    """What the answer's tokens were spent on."""

    reasoning_tokens: int = 0


class ResponseUsage(ResponseStruct, frozen=True, kw_only=True):
    """Tokens of one response, counted by the engine's tokenizer."""

    input_tokens: int
    input_tokens_details: InputTokensDetails
    output_tokens: int
    output_tokens_details: OutputTokensDetails
    total_tokens: int


class ResponseFailure(ResponseStruct, frozen=True, kw_only=True):
    """Why a response failed; the official type knows few codes, so `message` says what happened."""

    code: Literal["server_error", "rate_limit_exceeded", "invalid_prompt"]
    message: str


class IncompleteDetails(ResponseStruct, frozen=True, kw_only=True):
    """Why a response ended early."""

    reason: Literal["max_output_tokens", "content_filter"]


class EchoedTool(ResponseStruct, frozen=True, kw_only=True, tag_field="type", tag="function"):
    """A function as the request offered it."""

    name: str
    description: str | None
    parameters: JsonSchema | None
    strict: bool | None


class EchoedText(ResponseStruct, frozen=True, kw_only=True):
    """What the answer's text was asked to be."""

    format: Format
    verbosity: Verbosity = "medium"


class EchoedReasoning(ResponseStruct, frozen=True, kw_only=True):
    """How much the model was asked to think."""

    effort: ReasoningEffort | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None


class EchoedConversation(ResponseStruct, frozen=True, kw_only=True):
    """The conversation that the response belongs to."""

    id: str


class Response(ResponseStruct, frozen=True, kw_only=True):
    """The whole answer, and what was asked for. Times are Unix seconds.

    OpenAI sends `store`, though its types leave it out; here it says whether the response was really kept.
    """

    id: str
    object: Literal["response"] = "response"
    created_at: int
    status: Literal["completed", "failed", "in_progress", "incomplete"]
    background: bool = False
    completed_at: int | None = None
    conversation: EchoedConversation | UnsetType = UNSET
    error: ResponseFailure | None = None
    incomplete_details: IncompleteDetails | None = None
    instructions: str | None = None
    max_output_tokens: int | None = None
    max_tool_calls: int | None = None
    model: str
    output: list[OutputItem] = field(default_factory=list)
    parallel_tool_calls: bool = True
    previous_response_id: str | None = None
    prompt_cache_key: str | None = None
    reasoning: EchoedReasoning = EchoedReasoning()
    safety_identifier: str | None = None
    service_tier: Literal["default"] = "default"
    store: bool
    temperature: float | None = None
    text: EchoedText
    tool_choice: ToolChoice = "auto"
    tools: list[EchoedTool] = field(default_factory=list)
    top_logprobs: int = 0
    top_p: float | None = None
    truncation: Literal["disabled"] = "disabled"
    usage: ResponseUsage | None = None
    user: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


class DeletedResponse(ResponseStruct, frozen=True, kw_only=True):
    """A response that is gone now."""

    id: str
    object: Literal["response"] = "response"
    deleted: bool = True
