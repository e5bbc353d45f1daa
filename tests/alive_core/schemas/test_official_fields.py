"""Every field of the official request types is known by name, and so is every value of their enumerations.

The installed `openai` package is the list. When a new version adds a field, one of these tests fails and names it.
"""

import typing
from collections.abc import Iterator

import msgspec
import pytest
from openai.types import chat as official_chat
from openai.types import completion_create_params as official_completions
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
from openai.types.embedding_create_params import EmbeddingCreateParams
from openai.types.shared_params import response_format_json_schema as official_json_schema

from alive_core.schemas import chat, common, completions, embeddings, messages, tools

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
}

PAIRS = REQUESTS | PARTS

# Fields of ours that the official types do not have, each with its reason.
EXTENSIONS: dict[Struct, set[str]] = {
    chat.ChatRequest: {"alive", "documents"},  # our one key; sources of a grounded answer
    completions.CompletionRequest: {"alive"},
    embeddings.EmbeddingRequest: {"alive"},
    messages.AssistantMessage: {"annotations"},  # clients that append an answer's message send it back
}


def official_hints(kinds: tuple[TypedDict, ...]) -> dict[str, list[object]]:
    """Each official field with its types, over all the TypedDicts that stand for one Struct of ours."""
    hints: dict[str, list[object]] = {}
    for kind in kinds:
        for name, hint in typing.get_type_hints(kind).items():
            hints.setdefault(name, []).append(hint)
    return hints


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
        if kind not in found:
            found.add(kind)
            hints = typing.get_type_hints(kind).values()
            waiting += [part for hint in hints for part in parts_of(hint) if typing.is_typeddict(part)]
    return found


@pytest.mark.parametrize("ours", PAIRS, ids=lambda kind: kind.__name__)
def test_every_official_field_is_known_by_name(ours: Struct) -> None:
    missing = official_hints(PAIRS[ours]).keys() - our_fields(ours).keys()
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
    modules = (chat, common, completions, embeddings, messages, tools)
    structs = {kind for module in modules for kind in vars(module).values() if is_request_part(kind)}
    ours_alone = {common.AliveOptions, chat.Document, messages.UrlCitation, messages.UrlCitationAnnotation}
    assert structs - PAIRS.keys() == ours_alone


def is_request_part(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, common.RequestStruct) and value is not common.RequestStruct
