"""`/v1/chat/completions`: the request, the answer, and the chunks of a stream."""

from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, UnsetType, field

from alive_core.constants import (
    FUNCTIONS_LIMIT,
    METADATA_KEY_MAX_CHARS,
    METADATA_PAIRS_LIMIT,
    METADATA_VALUE_MAX_CHARS,
    TOP_LOGPROBS_LIMIT,
)
from alive_core.schemas.common import (
    AliveOptions,
    ChoiceCount,
    JsonSchema,
    LogitBias,
    NonEmpty,
    Penalty,
    RequestStruct,
    ResponseStruct,
    SafetyIdentifier,
    Seed,
    ServiceTier,
    Stop,
    StreamOptions,
    Temperature,
    ToolName,
    TopP,
    Usage,
)
from alive_core.schemas.messages import Message, TextParts
from alive_core.schemas.tools import LegacyFunction, LegacyFunctionChoice, Tool, ToolChoice

FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter", "function_call"]
Metadata: TypeAlias = Annotated[
    dict[
        Annotated[str, Meta(max_length=METADATA_KEY_MAX_CHARS)],
        Annotated[str, Meta(max_length=METADATA_VALUE_MAX_CHARS)],
    ],
    Meta(max_length=METADATA_PAIRS_LIMIT),
]
TokenLimit: TypeAlias = Annotated[int, Meta(ge=1)]


# --- Parts of the request ------------------------------------------------------------------------------
class TextFormat(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="text"):
    """Plain text, the default."""


class JsonObjectFormat(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="json_object"):
    """Any JSON object."""


class NamedSchema(RequestStruct, frozen=True, kw_only=True):
    """A JSON Schema with a name; without `schema`, any JSON value fits."""

    name: ToolName
    description: str | None = None
    schema: JsonSchema | None = None
    strict: bool | None = None


class JsonSchemaFormat(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="json_schema"):
    """A JSON value that fits a schema."""

    json_schema: NamedSchema


ResponseFormat: TypeAlias = TextFormat | JsonObjectFormat | JsonSchemaFormat


class VoiceId(RequestStruct, frozen=True, kw_only=True):
    """A custom voice."""

    id: str


class AudioOutput(RequestStruct, frozen=True, kw_only=True):
    """How an answer shall sound."""

    format: Literal["wav", "aac", "mp3", "flac", "opus", "pcm16"]
    voice: str | VoiceId


class Prediction(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="content"):
    """Text that the answer will probably repeat."""

    content: str | TextParts


class ModerationRule(RequestStruct, frozen=True, kw_only=True):
    """Whether a text is only scored or also blocked."""

    mode: Literal["score", "block"]


class ModerationPolicy(RequestStruct, frozen=True, kw_only=True):
    """What is moderated, and how."""

    input: ModerationRule | None = None
    output: ModerationRule | None = None


class ModerationOptions(RequestStruct, frozen=True, kw_only=True):
    """Moderation that runs beside the answer."""

    model: str
    policy: ModerationPolicy | None = None


class PromptCacheOptions(RequestStruct, frozen=True, kw_only=True):
    """How prompt prefixes are kept."""

    mode: Literal["implicit", "explicit"] | None = None
    ttl: Literal["30m"] | None = None


class ApproximateLocation(RequestStruct, frozen=True, kw_only=True):
    """Roughly where the person is."""

    city: str | None = None
    country: str | None = None
    region: str | None = None
    timezone: str | None = None


class UserLocation(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="approximate"):
    """The person's place, for a web search."""

    approximate: ApproximateLocation


class WebSearchOptions(RequestStruct, frozen=True, kw_only=True):
    """How a web search would run."""

    search_context_size: Literal["low", "medium", "high"] | None = None
    user_location: UserLocation | None = None


class Document(RequestStruct, frozen=True, kw_only=True):
    """A source that a grounded answer may cite, in Cohere's shape. Without `id`, its place in the list is its id."""

    text: str
    id: NonEmpty | None = None
    title: str | None = None


# --- The request ---------------------------------------------------------------------------------------
class ChatRequest(RequestStruct, frozen=True, kw_only=True):
    """Body of `POST /v1/chat/completions`: every official field, and our extensions `documents` and `alive`."""

    messages: Annotated[list[Message], Meta(min_length=1)]
    model: str

    audio: AudioOutput | None = None
    frequency_penalty: Penalty | None = None
    function_call: Literal["none", "auto"] | LegacyFunctionChoice | None = None
    functions: Annotated[list[LegacyFunction], Meta(min_length=1, max_length=FUNCTIONS_LIMIT)] | None = None
    logit_bias: LogitBias | None = None
    logprobs: bool | None = None
    max_completion_tokens: TokenLimit | None = None
    max_tokens: TokenLimit | None = None
    metadata: Metadata | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    moderation: ModerationOptions | None = None
    n: ChoiceCount | None = None
    parallel_tool_calls: bool | None = None
    prediction: Prediction | None = None
    presence_penalty: Penalty | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: PromptCacheOptions | None = None
    prompt_cache_retention: Literal["in_memory", "24h"] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    response_format: ResponseFormat | None = None
    safety_identifier: SafetyIdentifier | None = None
    seed: Seed | None = None
    service_tier: ServiceTier | None = None
    stop: Stop | None = None
    store: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Temperature | None = None
    tool_choice: ToolChoice | None = None
    tools: list[Tool] | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=TOP_LOGPROBS_LIMIT)] | None = None
    top_p: TopP | None = None
    user: str | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    web_search_options: WebSearchOptions | None = None

    documents: list[str | Document] | None = None
    alive: AliveOptions | None = None


# --- The answer ----------------------------------------------------------------------------------------
class TopLogprob(ResponseStruct, frozen=True, kw_only=True):
    """A token that could have come; `bytes` is its UTF-8, `null` where it has none."""

    token: str
    logprob: float
    bytes: list[int] | None


class TokenLogprob(ResponseStruct, frozen=True, kw_only=True):
    """The token that came, and the likeliest ones at its place, best first."""

    token: str
    logprob: float
    bytes: list[int] | None
    top_logprobs: list[TopLogprob]


class ChoiceLogprobs(ResponseStruct, frozen=True, kw_only=True):
    """One entry for each token of the text."""

    content: list[TokenLogprob] | None
    refusal: list[TokenLogprob] | None = None


class FunctionCall(ResponseStruct, frozen=True, kw_only=True):
    """The function to call; `arguments` is a JSON text."""

    name: str
    arguments: str


class CustomCall(ResponseStruct, frozen=True, kw_only=True):
    """The custom tool to call; `input` is free-form."""

    name: str
    input: str


class ToolCall(ResponseStruct, frozen=True, kw_only=True):
    """A call the client shall make: `function` or `custom`, as `type` says."""

    id: str
    type: Literal["function", "custom"] = "function"
    function: FunctionCall | UnsetType = UNSET
    custom: CustomCall | UnsetType = UNSET


class Citation(ResponseStruct, frozen=True, kw_only=True):
    """The characters `[start_index, end_index)` of the text rest on this source."""

    start_index: int
    end_index: int
    url: str
    title: str


class Annotation(ResponseStruct, frozen=True, kw_only=True):
    """A citation; the only annotation that the official client types accept."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: Citation


class CitedSpan(ResponseStruct, frozen=True, kw_only=True):
    """The characters `[start_index, end_index)` of the text, and every document they rest on."""

    text: str
    start_index: int
    end_index: int
    document_ids: list[str]


class Grounding(ResponseStruct, frozen=True, kw_only=True):
    """Our extension of an answer: its citations by span, where `annotations` has one for each source."""

    citations: list[CitedSpan]


class AnswerMessage(ResponseStruct, frozen=True, kw_only=True):
    """What the model answers; `content` is `null` where it only calls tools."""

    role: Literal["assistant"] = "assistant"
    content: str | None
    tool_calls: list[ToolCall] | UnsetType = UNSET
    refusal: str | None = None
    annotations: list[Annotation] = field(default_factory=list)
    alive: Grounding | UnsetType = UNSET


class Choice(ResponseStruct, frozen=True, kw_only=True):
    """One of `n` answers."""

    index: int
    message: AnswerMessage
    logprobs: ChoiceLogprobs | None = None
    finish_reason: FinishReason


class ChatCompletion(ResponseStruct, frozen=True, kw_only=True):
    """The whole answer. `created` is in Unix seconds."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    metadata: dict[str, str] | UnsetType = UNSET
    service_tier: ServiceTier | UnsetType = UNSET
    system_fingerprint: str | UnsetType = UNSET


# --- The stream ----------------------------------------------------------------------------------------
class FunctionCallDelta(ResponseStruct, frozen=True, kw_only=True):
    """`name` comes once, in the first piece; `arguments` in pieces to be joined."""

    name: str | UnsetType = UNSET
    arguments: str | UnsetType = UNSET


class ToolCallDelta(ResponseStruct, frozen=True, kw_only=True):
    """A piece of the tool call number `index`; `id` and `type` come once, in its first piece."""

    index: int
    id: str | UnsetType = UNSET
    type: Literal["function"] | UnsetType = UNSET
    function: FunctionCallDelta | UnsetType = UNSET


class Delta(ResponseStruct, frozen=True, kw_only=True):
    """What is new in one choice. The first has the role, the last is empty."""

    role: Literal["assistant"] | UnsetType = UNSET
    content: str | UnsetType | None = UNSET
    tool_calls: list[ToolCallDelta] | UnsetType = UNSET
    refusal: str | UnsetType | None = UNSET
    annotations: list[Annotation] | UnsetType = UNSET
    alive: Grounding | UnsetType = UNSET


class ChunkChoice(ResponseStruct, frozen=True, kw_only=True):
    """The news of choice number `index`; `finish_reason` is `null` until its last chunk."""

    index: int
    delta: Delta
    logprobs: ChoiceLogprobs | None = None
    finish_reason: FinishReason | None = None


class ChatCompletionChunk(ResponseStruct, frozen=True, kw_only=True):
    """One event of a stream; all of a stream share `id` and `created`.

    `usage` is left out unless the client asked for it; then it is `null` until the last chunk, whose `choices` is
    empty.
    """

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    service_tier: ServiceTier | UnsetType = UNSET
    system_fingerprint: str | UnsetType = UNSET
    choices: list[ChunkChoice]
    usage: Usage | UnsetType | None = UNSET
    obfuscation: str | UnsetType = UNSET
