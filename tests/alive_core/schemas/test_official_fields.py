"""Every field of the official request types is known by name, and so is every value of their enumerations.

The installed `openai` package is the list. When a new version adds a field, one of these tests fails and names it.
"""

import typing
from collections.abc import Iterator

import msgspec
import pytest
from openai.types import chat as official_chat
from openai.types import completion_create_params as official_completions
from openai.types import responses as official_responses
from openai.types import shared_params
from openai.types.chat import chat_completion_assistant_message_param as official_assistant
from openai.types.chat import chat_completion_audio_param as official_audio
from openai.types.chat import chat_completion_content_part_image_param as official_image
from openai.types.chat import chat_completion_content_part_input_audio_param as official_input_audio
from openai.types.chat import chat_completion_content_part_param as official_part
from openai.types.chat import chat_completion_content_part_text_param as official_text
from openai.types.chat import chat_completion_custom_tool_param as official_custom_tool
from openai.types.chat import chat_completion_message_custom_tool_call_param as official_custom_call
from openai.types.chat import chat_completion_message_function_tool_call_param as official_function_call
from openai.types.chat import chat_completion_named_tool_choice_custom_param as official_custom_choice
from openai.types.chat import chat_completion_named_tool_choice_param as official_function_choice
from openai.types.chat import completion_create_params as official_params
from openai.types.conversations import conversation_create_params as official_conversation
from openai.types.conversations import conversation_update_params as official_update
from openai.types.conversations import item_create_params as official_item_create
from openai.types.conversations import item_list_params as official_item_list
from openai.types.conversations import item_retrieve_params as official_item_retrieve
from openai.types.embedding_create_params import EmbeddingCreateParams
from openai.types.responses import input_item_list_params as official_input_items
from openai.types.responses import response_conversation_param_param as official_conversation_reference
from openai.types.responses import response_create_params as official_response
from openai.types.responses import response_function_tool_call_param as official_call_item
from openai.types.responses import response_input_file_content_param as official_file_content
from openai.types.responses import response_input_file_param as official_input_file
from openai.types.responses import response_input_image_content_param as official_image_content
from openai.types.responses import response_input_image_param as official_input_image
from openai.types.responses import response_input_item_param as official_item
from openai.types.responses import response_input_param as official_items
from openai.types.responses import response_input_text_content_param as official_text_content
from openai.types.responses import response_input_text_param as official_input_text
from openai.types.responses import response_output_text_param as official_output_text
from openai.types.responses import response_prompt_param as official_prompt
from openai.types.responses import response_reasoning_item_param as official_reasoning_item
from openai.types.responses import response_retrieve_params as official_retrieve
from openai.types.shared_params import response_format_json_schema as official_json_schema
from typing_extensions import is_typeddict

from alive_core.schemas import (
    chat,
    common,
    completions,
    conversations,
    embeddings,
    items,
    messages,
    responses,
    tools,
)
from alive_core.schemas.foreign import FOREIGN_CHOICES, FOREIGN_ITEMS, FOREIGN_TOOLS

Struct = type[msgspec.Struct]
TypedDict = type[typing.Any]  # the standard library has no type for "any TypedDict class"

REQUESTS: dict[Struct, tuple[TypedDict, ...]] = {
    chat.ChatRequest: (
        official_params.CompletionCreateParamsNonStreaming,
        official_params.CompletionCreateParamsStreaming,
    ),
    completions.CompletionRequest: (
        official_completions.CompletionCreateParamsNonStreaming,
        official_completions.CompletionCreateParamsStreaming,
    ),
    embeddings.EmbeddingRequest: (EmbeddingCreateParams,),
    responses.ResponseRequest: (
        official_response.ResponseCreateParamsNonStreaming,
        official_response.ResponseCreateParamsStreaming,
    ),
    conversations.CreateConversation: (official_conversation.ConversationCreateParams,),
    conversations.UpdateConversation: (official_update.ConversationUpdateParams,),
    conversations.CreateItems: (official_item_create.ItemCreateParams,),
    conversations.ItemsQuery: (official_item_list.ItemListParams, official_input_items.InputItemListParams),
    conversations.IncludeQuery: (official_item_retrieve.ItemRetrieveParams,),
    conversations.RetrieveQuery: (
        official_retrieve.ResponseRetrieveParamsNonStreaming,
        official_retrieve.ResponseRetrieveParamsStreaming,
    ),
}

# Official fields that travel elsewhere in the request than in this Struct, each with its place.
ELSEWHERE: dict[Struct, set[str]] = {
    conversations.CreateItems: {"include"},  # in the query: `IncludeQuery`
    conversations.IncludeQuery: {"conversation_id"},  # in the path
}

PARTS: dict[Struct, tuple[TypedDict, ...]] = {
    common.StreamOptions: (official_chat.ChatCompletionStreamOptionsParam,),
    messages.DeveloperMessage: (official_chat.ChatCompletionDeveloperMessageParam,),
    messages.SystemMessage: (official_chat.ChatCompletionSystemMessageParam,),
    messages.UserMessage: (official_chat.ChatCompletionUserMessageParam,),
    messages.AssistantMessage: (official_chat.ChatCompletionAssistantMessageParam,),
    messages.ToolMessage: (official_chat.ChatCompletionToolMessageParam,),
    messages.FunctionMessage: (official_chat.ChatCompletionFunctionMessageParam,),
    messages.TextPart: (official_chat.ChatCompletionContentPartTextParam,),
    messages.ImagePart: (official_chat.ChatCompletionContentPartImageParam,),
    messages.ImageUrl: (official_image.ImageURL,),
    messages.AudioPart: (official_chat.ChatCompletionContentPartInputAudioParam,),
    messages.InputAudio: (official_input_audio.InputAudio,),
    messages.FilePart: (official_part.File,),
    messages.FileInput: (official_part.FileFile,),
    messages.RefusalPart: (official_chat.ChatCompletionContentPartRefusalParam,),
    messages.PromptCacheBreakpoint: (
        official_text.PromptCacheBreakpoint,
        official_image.PromptCacheBreakpoint,
        official_input_audio.PromptCacheBreakpoint,
        official_part.FilePromptCacheBreakpoint,
    ),
    messages.AudioReference: (official_assistant.Audio,),
    messages.CalledFunction: (official_assistant.FunctionCall, official_function_call.Function),
    messages.FunctionToolCall: (official_chat.ChatCompletionMessageFunctionToolCallParam,),
    messages.CalledCustomTool: (official_custom_call.Custom,),
    messages.CustomToolCall: (official_chat.ChatCompletionMessageCustomToolCallParam,),
    tools.FunctionTool: (official_chat.ChatCompletionFunctionToolParam,),
    tools.FunctionDefinition: (shared_params.FunctionDefinition,),
    tools.CustomTool: (official_chat.ChatCompletionCustomToolParam,),
    tools.CustomDefinition: (official_custom_tool.Custom,),
    tools.TextInput: (official_custom_tool.CustomFormatText,),
    tools.GrammarInput: (official_custom_tool.CustomFormatGrammar,),
    tools.Grammar: (official_custom_tool.CustomFormatGrammarGrammar,),
    tools.FunctionChoice: (official_chat.ChatCompletionNamedToolChoiceParam,),
    tools.CustomChoice: (official_chat.ChatCompletionNamedToolChoiceCustomParam,),
    tools.ToolReference: (official_function_choice.Function, official_custom_choice.Custom),
    tools.AllowedToolsChoice: (official_chat.ChatCompletionAllowedToolChoiceParam,),
    tools.AllowedTools: (official_chat.ChatCompletionAllowedToolsParam,),
    tools.LegacyFunction: (official_params.Function,),
    tools.LegacyFunctionChoice: (official_chat.ChatCompletionFunctionCallOptionParam,),
    chat.TextFormat: (shared_params.ResponseFormatText,),
    chat.JsonObjectFormat: (shared_params.ResponseFormatJSONObject,),
    chat.JsonSchemaFormat: (shared_params.ResponseFormatJSONSchema,),
    chat.NamedSchema: (official_json_schema.JSONSchema,),
    chat.AudioOutput: (official_chat.ChatCompletionAudioParam,),
    chat.VoiceId: (official_audio.VoiceID,),
    chat.Prediction: (official_chat.ChatCompletionPredictionContentParam,),
    chat.ModerationOptions: (official_params.Moderation,),
    chat.ModerationPolicy: (official_params.ModerationPolicy,),
    chat.ModerationRule: (official_params.ModerationPolicyInput, official_params.ModerationPolicyOutput),
    chat.PromptCacheOptions: (official_params.PromptCacheOptions,),
    chat.WebSearchOptions: (official_params.WebSearchOptions,),
    chat.UserLocation: (official_params.WebSearchOptionsUserLocation,),
    chat.ApproximateLocation: (official_params.WebSearchOptionsUserLocationApproximate,),
    items.InputText: (official_responses.ResponseInputTextParam, official_responses.ResponseInputTextContentParam),
    items.InputImage: (
        official_responses.ResponseInputImageParam,
        official_responses.ResponseInputImageContentParam,
    ),
    items.InputFile: (official_responses.ResponseInputFileParam, official_responses.ResponseInputFileContentParam),
    items.OutputText: (official_responses.ResponseOutputTextParam,),
    items.CitedFile: (official_output_text.AnnotationFileCitation,),
    items.CitedUrl: (official_output_text.AnnotationURLCitation,),
    items.CitedContainerFile: (official_output_text.AnnotationContainerFileCitation,),
    items.MadeFile: (official_output_text.AnnotationFilePath,),
    items.SentLogprob: (official_output_text.Logprob,),
    items.SentTopLogprob: (official_output_text.LogprobTopLogprob,),
    items.Refusal: (official_responses.ResponseOutputRefusalParam,),
    items.MessageItem: (
        official_responses.EasyInputMessageParam,
        official_items.Message,
        official_item.Message,
        official_responses.ResponseOutputMessageParam,
    ),
    items.FunctionCallItem: (official_responses.ResponseFunctionToolCallParam,),
    items.FunctionCallOutputItem: (official_items.FunctionCallOutput, official_item.FunctionCallOutput),
    items.DirectCaller: (
        official_call_item.CallerDirect,
        official_items.FunctionCallOutputCallerDirect,
        official_item.FunctionCallOutputCallerDirect,
    ),
    items.ProgramCaller: (
        official_call_item.CallerProgram,
        official_items.FunctionCallOutputCallerProgram,
        official_item.FunctionCallOutputCallerProgram,
    ),
    items.ReasoningItem: (official_responses.ResponseReasoningItemParam,),
    items.SummaryText: (official_reasoning_item.Summary,),
    items.ReasoningText: (official_reasoning_item.Content,),
    items.ItemReference: (official_items.ItemReference, official_item.ItemReference),
    responses.PlainText: (shared_params.ResponseFormatText,),
    responses.JsonObject: (shared_params.ResponseFormatJSONObject,),
    responses.SchemaFormat: (official_responses.ResponseFormatTextJSONSchemaConfigParam,),
    responses.TextOptions: (official_responses.ResponseTextConfigParam,),
    responses.ReasoningOptions: (shared_params.Reasoning,),
    responses.ResponseTool: (official_responses.FunctionToolParam,),
    responses.ResponseToolChoice: (official_responses.ToolChoiceFunctionParam,),
    responses.AllowedResponseTools: (official_responses.ToolChoiceAllowedParam,),
    responses.ConversationReference: (official_conversation_reference.ResponseConversationParamParam,),
    responses.AccessPrograms: (official_response.AccessPrograms,),
    responses.ContextManagement: (official_response.ContextManagement,),
    responses.ImageOptions: (official_response.Image,),
    responses.CacheOptions: (official_response.PromptCacheOptions,),
    responses.ResponseStreamOptions: (official_response.StreamOptions,),
    responses.PromptReference: (official_prompt.ResponsePromptParam,),
}
PARTS[messages.PromptCacheBreakpoint] += (
    official_input_text.PromptCacheBreakpoint,
    official_text_content.PromptCacheBreakpoint,
    official_input_image.PromptCacheBreakpoint,
    official_image_content.PromptCacheBreakpoint,
    official_input_file.PromptCacheBreakpoint,
    official_file_content.PromptCacheBreakpoint,
)
PARTS[chat.ModerationOptions] += (official_response.Moderation,)
PARTS[chat.ModerationPolicy] += (official_response.ModerationPolicy,)
PARTS[chat.ModerationRule] += (official_response.ModerationPolicyInput, official_response.ModerationPolicyOutput)

PAIRS = REQUESTS | PARTS

# The official unions of which this server runs a part, and the kinds that it refuses by name.
FOREIGN: list[tuple[object, frozenset[str]]] = [
    (official_responses.ToolParam, FOREIGN_TOOLS),
    (official_response.ToolChoice, FOREIGN_CHOICES),
    (official_items.ResponseInputItemParam, FOREIGN_ITEMS),
    (official_responses.ResponseInputItemParam, FOREIGN_ITEMS),
]

# Fields of ours that the official types do not have, each with its reason.
EXTENSIONS: dict[Struct, set[str]] = {
    chat.ChatRequest: {"alive", "documents"},  # our one key; sources of a grounded answer
    completions.CompletionRequest: {"alive"},
    embeddings.EmbeddingRequest: {"alive"},
    responses.ResponseRequest: {"alive"},
    messages.AssistantMessage: {"annotations"},  # clients that append an answer's message send it back
}


def official_hints(kinds: tuple[TypedDict, ...]) -> dict[str, list[object]]:
    """Each official field with its types, over all the TypedDicts that stand for one Struct of ours."""
    hints: dict[str, list[object]] = {}
    for kind in kinds:
        for name, hint in typing.get_type_hints(kind).items():
            hints.setdefault(name, []).append(hint)
    return hints


def type_words(kind: TypedDict) -> set[str]:
    """What a TypedDict's `type` may be; none where it has no such field."""
    hint = typing.get_type_hints(kind).get("type")
    return words_of(hint) if hint is not None else set()


def is_foreign(kind: TypedDict) -> bool:
    """Whether this is a tool, a choice or an item that this server refuses by its `type`."""
    words = type_words(kind)
    return bool(words) and any(kind in typing.get_args(union) and words <= foreign for union, foreign in FOREIGN)


def required_names(kind: TypedDict) -> set[str]:
    """The fields marked `Required`; `__required_keys__` misses them where annotations are strings."""
    hints = typing.get_type_hints(kind, include_extras=True)
    return {name for name, hint in hints.items() if typing.get_origin(hint) is typing.Required}


def our_fields(kind: Struct) -> dict[str, object]:
    """Each field on the wire with its type, the tag among them."""
    hints = typing.get_type_hints(kind)
    fields = {field.encode_name: hints[field.name] for field in msgspec.structs.fields(kind)}
    config = kind.__struct_config__
    return fields | {config.tag_field: typing.Literal[config.tag]} if config.tag_field else fields


def parts_of(hint: typing.Any) -> Iterator[typing.Any]:
    """A type and everything inside its unions and containers, but not inside TypedDicts or Structs."""
    yield hint
    if typing.get_origin(hint) is not typing.Literal:
        for argument in typing.get_args(hint):
            yield from parts_of(argument)


def words_of(hint: object) -> set[str]:
    """The words that an enumeration allows; none where any string is allowed beside them."""
    parts = list(parts_of(hint))
    if str in parts:
        return set()
    literals = [part for part in parts if typing.get_origin(part) is typing.Literal]
    return {word for literal in literals for word in typing.get_args(literal) if isinstance(word, str)}


def reachable(kinds: Iterator[TypedDict]) -> set[TypedDict]:
    """All TypedDicts that these ones hold, at any depth."""
    found: set[TypedDict] = set()
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if kind not in found and not is_foreign(kind):
            found.add(kind)
            hints = typing.get_type_hints(kind).values()
            waiting += [part for hint in hints for part in parts_of(hint) if is_typeddict(part)]
    return found


@pytest.mark.parametrize("ours", PAIRS, ids=lambda kind: kind.__name__)
def test_every_official_field_is_known_by_name(ours: Struct) -> None:
    missing = official_hints(PAIRS[ours]).keys() - our_fields(ours).keys() - ELSEWHERE.get(ours, set())
    assert not missing, f"The official API has new fields {sorted(missing)} that {ours.__name__} does not know."


@pytest.mark.parametrize("ours", PAIRS, ids=lambda kind: kind.__name__)
def test_every_field_of_ours_is_official_or_a_listed_extension(ours: Struct) -> None:
    extra = our_fields(ours).keys() - official_hints(PAIRS[ours]).keys()
    assert extra == EXTENSIONS.get(ours, set()), (
        f"{ours.__name__} has {sorted(extra)} beyond the official API; listed: {sorted(EXTENSIONS.get(ours, set()))}."
    )


@pytest.mark.parametrize("ours", PAIRS, ids=lambda kind: kind.__name__)
def test_every_official_word_of_an_enumeration_is_allowed(ours: Struct) -> None:
    fields = our_fields(ours)
    for name, hints in official_hints(PAIRS[ours]).items():
        if name in ELSEWHERE.get(ours, set()):
            continue
        official = set().union(*(words_of(hint) for hint in hints))
        assert words_of(fields[name]) == official, f"{ours.__name__}.{name} must allow exactly {sorted(official)}."


@pytest.mark.parametrize("ours", PAIRS, ids=lambda kind: kind.__name__)
def test_what_the_official_types_leave_out_may_be_left_out(ours: Struct) -> None:
    required = {field.encode_name for field in msgspec.structs.fields(ours) if field.required}
    officially_required = set.intersection(*(required_names(kind) for kind in PAIRS[ours]))
    assert required <= officially_required, f"{ours.__name__} requires {sorted(required - officially_required)}."


def test_every_official_type_has_its_struct() -> None:
    official = reachable(kind for kinds in REQUESTS.values() for kind in kinds)
    known = {kind for kinds in PAIRS.values() for kind in kinds}
    unknown = sorted(f"{kind.__module__}.{kind.__name__}" for kind in official - known)
    assert not unknown, f"The official API has new types {unknown} that no Struct of ours stands for."


def test_every_struct_of_a_request_is_compared_with_its_official_type() -> None:
    modules = (chat, common, completions, conversations, embeddings, items, messages, responses, tools)
    structs = {kind for module in modules for kind in vars(module).values() if is_request_part(kind)}
    ours_alone = {common.AliveOptions, chat.Document, messages.UrlCitation, messages.UrlCitationAnnotation}
    assert structs - PAIRS.keys() == ours_alone


def is_request_part(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, common.RequestStruct) and value is not common.RequestStruct


@pytest.mark.parametrize(
    ("official", "ours", "foreign"),
    [
        (official_responses.ToolParam, (responses.ResponseTool,), FOREIGN_TOOLS),
        (official_response.ToolChoice, typing.get_args(responses.ToolChoice)[1:], FOREIGN_CHOICES),
        (official_responses.ResponseInputItemParam, typing.get_args(items.InputItem), FOREIGN_ITEMS),
    ],
    ids=["tools", "choices", "items"],
)
def test_every_official_kind_is_run_or_refused_by_name(
    official: object, ours: tuple[Struct, ...], foreign: frozenset[str]
) -> None:
    kinds = [kind for kind in parts_of(official) if is_typeddict(kind)]
    words = set().union(*(type_words(kind) for kind in kinds))
    assert words == {str(kind.__struct_config__.tag) for kind in ours} | foreign
