"""Chat requests: the forms that OpenAI documents are taken, wrong ones are refused with the field's name."""

import json
import typing
from collections.abc import Sequence

import pytest

from alive_core.errors import InvalidRequest
from alive_core.schemas.chat import ChatRequest, Document, JsonSchemaFormat
from alive_core.schemas.common import AliveOptions, RequestStruct, encode
from alive_core.schemas.decoding import decode
from alive_core.schemas.messages import (
    AssistantMessage,
    AudioPart,
    FilePart,
    FunctionToolCall,
    ImagePart,
    Message,
    RefusalPart,
    SystemMessage,
    TextPart,
    ToolMessage,
    UserMessage,
)
from alive_core.schemas.tools import AllowedToolsChoice, FunctionChoice, FunctionTool

Json = typing.Any  # a JSON document as `json` has it

SCHEMA = {"type": "object", "properties": {"b": {"type": "integer"}, "a": {"$ref": "#"}}, "required": ["b"]}


def request(**fields: Json) -> ChatRequest:
    body = {"model": "chat", "messages": [{"role": "user", "content": "Hi"}]} | fields
    return decode(json.dumps(body).encode(), ChatRequest)


def message(fields: Json) -> Message:
    return request(messages=[fields]).messages[0]


def refusal(**fields: Json) -> tuple[str | None, str]:
    with pytest.raises(InvalidRequest) as caught:
        request(**fields)
    return caught.value.param, caught.value.message


# --- Messages ------------------------------------------------------------------------------------------
VALID_MESSAGES: list[Json] = [
    {"role": "developer", "content": "Be brief."},
    {"role": "system", "content": [{"type": "text", "text": "Be brief."}], "name": "rules"},
    {"role": "user", "content": ""},
    {"role": "user", "content": "Hi", "name": None},
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "What is this?", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "30m"}},
            {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}},
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
            {"type": "file", "file": {"file_id": "file-1"}},
            {"type": "file", "file": {"file_data": "AAAA", "filename": "a.pdf"}},
        ],
    },
    {"role": "assistant", "content": "Hello"},
    {"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "refusal", "refusal": "No."}]},
    {"role": "assistant", "content": None, "refusal": "No."},
    {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
    {"role": "assistant", "audio": {"id": "audio_1"}},
    {
        "role": "assistant",
        "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
            {"id": "call_2", "type": "custom", "custom": {"name": "shell", "input": "ls"}},
        ],
    },
    {"role": "tool", "tool_call_id": "call_1", "content": "18 °C"},
    {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "18 °C"}]},
    {"role": "function", "name": "f", "content": None},
]


@pytest.mark.parametrize("fields", VALID_MESSAGES, ids=json.dumps)
def test_documented_message_is_taken_and_comes_back_as_it_was(fields: Json) -> None:
    again = json.loads(encode(message(fields)))
    assert again == {key: value for key, value in fields.items() if value is not None or key not in optional(fields)}


def optional(fields: Json) -> set[str]:
    """The fields that may be left out where they are null."""
    return {"name", "refusal"} | ({"content"} if fields["role"] == "assistant" else {"name"})


def parts(fields: Json) -> Sequence[RequestStruct]:
    content = message(fields).content
    assert isinstance(content, list)
    return content


def test_roles_and_parts_become_their_own_types() -> None:
    assert message({"role": "system", "content": "a"}) == SystemMessage(content="a")
    assert message({"role": "user", "content": [{"type": "text", "text": "a"}]}) == UserMessage(
        content=[TextPart(text="a")]
    )
    assert [type(part) for part in parts(VALID_MESSAGES[4])] == [TextPart, ImagePart, AudioPart, FilePart, FilePart]
    assert [type(part) for part in parts(VALID_MESSAGES[6])] == [TextPart, RefusalPart]
    assert isinstance(message({"role": "tool", "tool_call_id": "1", "content": "a"}), ToolMessage)


def test_answer_that_a_client_appends_to_the_conversation_is_taken() -> None:
    appended = {
        "role": "assistant",
        "content": "Hello",
        "refusal": None,
        "annotations": [
            {
                "type": "url_citation",
                "url_citation": {"start_index": 0, "end_index": 5, "title": "A", "url": "https://example.org"},
            }
        ],
        "audio": None,
        "function_call": None,
        "tool_calls": None,
    }
    taken = message(appended)
    assert isinstance(taken, AssistantMessage)
    assert taken.content == "Hello"


WRONG_MESSAGES: list[tuple[Json, str]] = [
    ("Hi", "messages[0]"),
    ({"content": "Hi"}, "messages[0].role"),
    ({"role": "boss", "content": "Hi"}, "messages[0].role"),
    ({"role": "user"}, "messages[0].content"),
    ({"role": "user", "content": None}, "messages[0].content"),
    ({"role": "user", "content": 1}, "messages[0].content"),
    ({"role": "user", "content": []}, "messages[0].content"),
    ({"role": "user", "content": ["Hi"]}, "messages[0].content[0]"),
    ({"role": "user", "content": [{"text": "Hi"}]}, "messages[0].content[0].type"),
    ({"role": "user", "content": [{"type": "video", "url": ""}]}, "messages[0].content[0].type"),
    ({"role": "user", "content": [{"type": "text", "text": "a", "x": 1}]}, "messages[0].content[0].x"),
    ({"role": "user", "content": [{"type": "refusal", "refusal": "No."}]}, "messages[0].content[0].type"),
    ({"role": "user", "content": [{"type": "image_url", "image_url": "u"}]}, "messages[0].content[0].image_url"),
    (
        {"role": "system", "content": [{"type": "image_url", "image_url": {"url": "u"}}]},
        "messages[0].content[0].type",
    ),
    ({"role": "assistant"}, "messages[0].content"),
    ({"role": "assistant", "content": None, "tool_calls": []}, "messages[0].content"),
    ({"role": "assistant", "tool_calls": [{"id": "1", "function": {}}]}, "messages[0].tool_calls[0].type"),
    (
        {"role": "assistant", "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f"}}]},
        "messages[0].tool_calls[0].function.arguments",
    ),
    ({"role": "tool", "content": "a"}, "messages[0].tool_call_id"),
    ({"role": "tool", "content": "a", "tool_call_id": "1", "name": "f"}, "messages[0].name"),
    ({"role": "function", "content": "a"}, "messages[0].name"),
]


@pytest.mark.parametrize(("fields", "param"), WRONG_MESSAGES, ids=lambda value: json.dumps(value))
def test_wrong_message_is_refused_at_the_field_at_fault(fields: Json, param: str) -> None:
    assert refusal(messages=[fields])[0] == param


def test_conversation_without_messages_is_refused() -> None:
    assert refusal(messages=[])[0] == "messages"


# --- Parameters ----------------------------------------------------------------------------------------
VALID_FIELDS: list[dict[str, Json]] = [
    {"temperature": 0, "top_p": 1, "n": 128, "seed": -(2**63), "frequency_penalty": -2, "presence_penalty": 2.0},
    {"max_tokens": 1, "max_completion_tokens": 1 << 40, "top_logprobs": 20, "logprobs": True},
    {"stop": "END"},
    {"stop": ["a", "b", "c", "d"]},
    {"stop": []},
    {"logit_bias": {"50256": -100, "0": 0.5}},
    {"metadata": {"k" * 64: "v" * 512}},
    {"metadata": {str(number): "" for number in range(16)}},
    {"response_format": {"type": "text"}},
    {"response_format": {"type": "json_object"}},
    {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA, "strict": True}}},
    {"stream": True, "stream_options": {"include_usage": True, "include_obfuscation": False}},
    {"tools": [{"type": "function", "function": {"name": "f"}}], "parallel_tool_calls": False},
    {"tools": [{"type": "function", "function": {"name": "f-1_A", "parameters": SCHEMA, "strict": None}}]},
    {"tools": [{"type": "custom", "custom": {"name": "sh", "format": {"type": "text"}}}]},
    {
        "tools": [
            {
                "type": "custom",
                "custom": {
                    "name": "sh",
                    "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: A"}},
                },
            }
        ]
    },
    {"tool_choice": "none"},
    {"tool_choice": "auto"},
    {"tool_choice": "required"},
    {"tool_choice": {"type": "function", "function": {"name": "f"}}},
    {"tool_choice": {"type": "custom", "custom": {"name": "sh"}}},
    {
        "tool_choice": {
            "type": "allowed_tools",
            "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}]},
        }
    },
    {"functions": [{"name": "f", "parameters": SCHEMA}], "function_call": {"name": "f"}},
    {"function_call": "auto"},
    {"modalities": ["text", "audio"], "audio": {"format": "mp3", "voice": "alloy"}},
    {"audio": {"format": "wav", "voice": {"id": "voice_1"}}},
    {"prediction": {"type": "content", "content": [{"type": "text", "text": "a"}]}},
    {"web_search_options": {"user_location": {"type": "approximate", "approximate": {"city": "Porto"}}}},
    {"moderation": {"model": "omni", "policy": {"input": {"mode": "score"}}}},
    {"reasoning_effort": "minimal", "verbosity": "low", "service_tier": "auto", "store": False, "user": "u"},
    {"prompt_cache_key": "k", "prompt_cache_retention": "24h", "prompt_cache_options": {"mode": "implicit"}},
    {"safety_identifier": "s" * 128},
    {"documents": ["plain", {"text": "with id", "id": "1", "title": "T"}]},
    {"alive": {}},
    {"alive": {"lenient": True, "load": "wait", "max_wait_s": 2.5, "fingerprint": "abc"}},
]


@pytest.mark.parametrize("fields", VALID_FIELDS, ids=json.dumps)
def test_documented_parameter_is_taken_and_comes_back_as_it_was(fields: dict[str, Json]) -> None:
    again = json.loads(encode(request(**fields)))
    sent = {name: again.get(name) for name in fields}
    assert without_nulls(sent) == without_nulls(fields)


def without_nulls(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", sorted(ChatRequest.__struct_encode_fields__))
def test_null_is_the_same_as_absent_for_every_optional_field(name: str) -> None:
    if name in {"model", "messages"}:
        assert refusal(**{name: None})[0] == name
    else:
        assert request(**{name: None}) == request()


WRONG_FIELDS: list[tuple[dict[str, Json], str]] = [
    ({"temperature": 2.1}, "temperature"),
    ({"temperature": -0.1}, "temperature"),
    ({"temperature": "0.5"}, "temperature"),
    ({"temperature": True}, "temperature"),
    ({"top_p": 1.1}, "top_p"),
    ({"n": 0}, "n"),
    ({"n": 129}, "n"),
    ({"n": 1.5}, "n"),
    ({"frequency_penalty": 2.1}, "frequency_penalty"),
    ({"presence_penalty": -2.1}, "presence_penalty"),
    ({"top_logprobs": 21}, "top_logprobs"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"max_completion_tokens": 0}, "max_completion_tokens"),
    ({"seed": 2**63}, "seed"),
    ({"stop": ""}, "stop"),
    ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
    ({"stop": ["a", ""]}, "stop[1]"),
    ({"stop": "x" * 1001}, "stop"),
    ({"logit_bias": {"a": 1}}, "logit_bias"),
    ({"logit_bias": {"-1": 1}}, "logit_bias"),
    ({"logit_bias": {"1": 101}}, "logit_bias"),
    ({"metadata": {str(number): "" for number in range(17)}}, "metadata"),
    ({"metadata": {"k" * 65: ""}}, "metadata"),
    ({"metadata": {"k": "v" * 513}}, "metadata"),
    ({"metadata": {"k": 1}}, "metadata"),
    ({"safety_identifier": "s" * 129}, "safety_identifier"),
    ({"response_format": {}}, "response_format.type"),
    ({"response_format": "json_object"}, "response_format"),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
    ({"response_format": {"type": "json_schema", "json_schema": {}}}, "response_format.json_schema.name"),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": []}}},
        "response_format.json_schema.schema",
    ),
    ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0].function.name"),
    ({"tools": [{"type": "function", "function": {"name": "a\n"}}]}, "tools[0].function.name"),
    ({"tools": [{"type": "function", "function": {"name": "a" * 65}}]}, "tools[0].function.name"),
    ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
    ({"tools": [{"function": {"name": "f"}}]}, "tools[0].type"),
    ({"tool_choice": "any"}, "tool_choice"),
    ({"tool_choice": {"type": "function"}}, "tool_choice.function"),
    ({"tool_choice": {"type": "function", "name": "f"}}, "tool_choice.name"),
    ({"functions": []}, "functions"),
    ({"functions": [{"name": "f"}] * 129}, "functions"),
    ({"modalities": ["video"]}, "modalities[0]"),
    ({"reasoning_effort": "extreme"}, "reasoning_effort"),
    ({"service_tier": "gold"}, "service_tier"),
    ({"documents": [{"id": "1"}]}, "documents[0].text"),
    ({"alive": {"load": "maybe"}}, "alive.load"),
    ({"alive": {"max_wait_s": -1}}, "alive.max_wait_s"),
    ({"alive": {"speed": 1}}, "alive.speed"),
    ({"stream": "yes"}, "stream"),
    ({"top_k": 40}, "top_k"),
]


@pytest.mark.parametrize(("fields", "param"), WRONG_FIELDS, ids=lambda value: json.dumps(value)[:60])
def test_wrong_parameter_is_refused_by_name(fields: dict[str, Json], param: str) -> None:
    found, words = refusal(**fields)
    assert found == param
    assert f"'{param}'" in words


def test_schemas_keep_their_key_order() -> None:
    tool = request(tools=[{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}]).tools
    assert tool is not None and isinstance(tool[0], FunctionTool)
    assert json.dumps(tool[0].function.parameters) == json.dumps(SCHEMA)
    form = request(response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}})
    assert isinstance(form.response_format, JsonSchemaFormat)
    assert json.dumps(form.response_format.json_schema.schema) == json.dumps(SCHEMA)


def test_logit_bias_has_token_ids_as_numbers() -> None:
    assert request(logit_bias={"50256": -100}).logit_bias == {50256: -100.0}


def test_choice_of_a_tool_becomes_its_own_type() -> None:
    named = request(tool_choice={"type": "function", "function": {"name": "f"}}).tool_choice
    assert isinstance(named, FunctionChoice) and named.function.name == "f"
    some = {"mode": "required", "tools": [{"type": "function", "function": {"name": "f"}}]}
    assert isinstance(
        request(tool_choice={"type": "allowed_tools", "allowed_tools": some}).tool_choice, AllowedToolsChoice
    )


def test_tool_calls_of_earlier_turns_become_their_own_type() -> None:
    earlier = message(VALID_MESSAGES[10])
    assert isinstance(earlier, AssistantMessage) and earlier.tool_calls
    assert isinstance(earlier.tool_calls[0], FunctionToolCall)
    assert earlier.tool_calls[0].function.arguments == '{"a": 1}'


def test_documents_are_texts_or_objects() -> None:
    assert request(documents=["a", {"text": "b", "id": "1"}]).documents == ["a", Document(text="b", id="1")]


def test_our_options_have_safe_defaults() -> None:
    assert request(alive={}).alive == AliveOptions(lenient=False, load="load", max_wait_s=None, fingerprint=None)
