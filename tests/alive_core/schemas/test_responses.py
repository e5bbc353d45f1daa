"""What we send is what the official client's types accept, in OpenAI's order, with `null` where OpenAI has it."""

import json
import types
import typing

import msgspec
import openai.types as official
import openai.types.chat as official_chat
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types import completion_choice, completion_usage, create_embedding_response, shared
from openai.types.chat import chat_completion, chat_completion_chunk, chat_completion_message
from openai.types.chat import chat_completion_message_custom_tool_call as custom_call
from openai.types.chat import chat_completion_message_function_tool_call as function_call
from openai.types.chat import chat_completion_token_logprob as token_logprob

from alive_core.schemas import chat, common, completions, embeddings, errors, models
from alive_core.schemas.common import encode

Struct = type[msgspec.Struct]
Official = type[pydantic.BaseModel]

PAIRS: list[tuple[Struct, Official]] = [
    (chat.ChatCompletion, official_chat.ChatCompletion),
    (chat.Choice, chat_completion.Choice),
    (chat.ChoiceLogprobs, chat_completion.ChoiceLogprobs),
    (chat.TokenLogprob, official_chat.ChatCompletionTokenLogprob),
    (chat.TopLogprob, token_logprob.TopLogprob),
    (chat.AnswerMessage, official_chat.ChatCompletionMessage),
    (chat.Annotation, chat_completion_message.Annotation),
    (chat.Citation, chat_completion_message.AnnotationURLCitation),
    (chat.FunctionCall, function_call.Function),
    (chat.CustomCall, custom_call.Custom),
    (chat.ChatCompletionChunk, official_chat.ChatCompletionChunk),
    (chat.ChunkChoice, chat_completion_chunk.Choice),
    (chat.Delta, chat_completion_chunk.ChoiceDelta),
    (chat.ToolCallDelta, chat_completion_chunk.ChoiceDeltaToolCall),
    (chat.FunctionCallDelta, chat_completion_chunk.ChoiceDeltaToolCallFunction),
    (common.Usage, completion_usage.CompletionUsage),
    (common.PromptTokensDetails, completion_usage.PromptTokensDetails),
    (common.CompletionTokensDetails, completion_usage.CompletionTokensDetails),
    (completions.Completion, official.Completion),
    (completions.CompletionChoice, completion_choice.CompletionChoice),
    (completions.CompletionLogprobs, completion_choice.Logprobs),
    (embeddings.CreateEmbeddingResponse, official.CreateEmbeddingResponse),
    (embeddings.Embedding, official.Embedding),
    (embeddings.EmbeddingUsage, create_embedding_response.Usage),
    (models.Model, official.Model),
    (errors.ErrorDetail, shared.ErrorObject),
]

EXTENSIONS: dict[Struct, set[str]] = {
    models.Model: {"alive"},  # our one key
    chat.Delta: {"annotations"},  # streamed citations; OpenAI sends them too, its types have them in messages only
    completions.Completion: {"obfuscation"},  # noise in a stream that asks for it; the request's type offers it
}


# --- Strategies ----------------------------------------------------------------------------------------
def structs(kind: Struct) -> st.SearchStrategy[typing.Any]:
    """Any instance of a Struct, from the types of its fields."""
    hints = typing.get_type_hints(kind)
    return st.builds(kind, **{name: values(hint) for name, hint in hints.items()})


def values(hint: typing.Any) -> st.SearchStrategy[typing.Any]:
    """Any value of a type as our responses use it. The plain types stand in `PLAIN`, what has rules in `RULED`."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in RULED:
        return RULED[hint]()
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(values(argument) for argument in arguments))
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if origin is list:
        return st.lists(values(arguments[0]), max_size=2)
    if origin is dict:
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=2)
    return PLAIN[hint] if hint in PLAIN else structs(hint)


PLAIN: dict[object, st.SearchStrategy[typing.Any]] = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    int: st.integers(min_value=0, max_value=2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
    msgspec.UnsetType: st.just(msgspec.UNSET),
}
RULED: dict[object, typing.Callable[[], st.SearchStrategy[typing.Any]]] = {
    # `type` says which of the two is there.
    chat.ToolCall: lambda: st.one_of(
        st.builds(chat.ToolCall, id=PLAIN[str], function=structs(chat.FunctionCall)),
        st.builds(chat.ToolCall, id=PLAIN[str], type=st.just("custom"), custom=structs(chat.CustomCall)),
    ),
    # In a stream OpenAI sends `null` until the end, though its type has no null; the whole answer always has a word.
    completions.CompletionChoice: lambda: st.builds(
        completions.CompletionChoice,
        text=PLAIN[str],
        index=PLAIN[int],
        finish_reason=st.sampled_from(["stop", "length", "content_filter"]),
        logprobs=st.none() | structs(completions.CompletionLogprobs),
    ),
    # Likewise for the first token of an echoed prompt.
    list[float | None]: lambda: st.lists(PLAIN[float], max_size=2),
    list[dict[str, float] | None]: lambda: st.lists(values(dict[str, float]), max_size=2),
    # Base64 is decoded by the official client before its type is built.
    list[float] | str: lambda: values(list[float]),
}


# --- Shapes --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=lambda kind: kind.__name__)
def test_we_send_no_field_that_official_types_do_not_have(ours: Struct, theirs: Official) -> None:
    extra = {field.encode_name for field in msgspec.structs.fields(ours)} - theirs.model_fields.keys()
    assert extra == EXTENSIONS.get(ours, set()), f"{ours.__name__} sends {sorted(extra)} beyond {theirs.__name__}."


@pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=lambda kind: kind.__name__)
@settings(max_examples=30, deadline=None)  # deep examples are slow to draw
@given(st.data())
def test_every_answer_is_valid_for_the_official_type(ours: Struct, theirs: Official, data: st.DataObject) -> None:
    answer = data.draw(values(ours))
    sent = encode(answer)
    theirs.model_validate_json(sent, strict=True)
    assert b"\n" not in sent
    assert msgspec.json.decode(sent, type=ours) == answer


@pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=lambda kind: kind.__name__)
@settings(max_examples=30, deadline=None)  # deep examples are slow to draw
@given(st.data())
def test_the_official_type_would_miss_each_field_it_requires(
    ours: Struct, theirs: Official, data: st.DataObject
) -> None:
    sent = json.loads(encode(data.draw(values(ours))))
    for name, field in theirs.model_fields.items():
        if field.is_required():
            without = {key: value for key, value in sent.items() if key != name}
            with pytest.raises(pydantic.ValidationError):
                theirs.model_validate(without)


# --- Words on the wire ---------------------------------------------------------------------------------
def answer(message: chat.AnswerMessage, reason: chat.FinishReason) -> chat.ChatCompletion:
    return chat.ChatCompletion(
        id="chatcmpl-1",
        created=1741569952,
        model="chat",
        choices=[chat.Choice(index=0, message=message, finish_reason=reason)],
        usage=common.Usage.of(19, 10),
    )


def test_chat_answer_looks_like_the_one_in_openai_documentation() -> None:
    sent = encode(answer(chat.AnswerMessage(content="Hello! How can I assist you today?"), "stop"))
    documented = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1741569952,
        "model": "chat",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "Hello! How can I assist you today?",
                    "refusal": None,
                    "annotations": [],
                },
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 19,
            "completion_tokens": 10,
            "total_tokens": 29,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        },
    }
    assert sent.decode() == json.dumps(documented, separators=(",", ":"))


def test_answer_that_only_calls_tools_has_null_content() -> None:
    call = chat.ToolCall(id="call_1", function=chat.FunctionCall(name="weather", arguments='{"city":"Porto"}'))
    sent = json.loads(encode(answer(chat.AnswerMessage(content=None, tool_calls=[call]), "tool_calls")))
    message = sent["choices"][0]["message"]
    assert message["content"] is None
    assert list(message["tool_calls"][0]) == ["id", "type", "function"]


def chunk(delta: chat.Delta, **others: typing.Any) -> dict[str, typing.Any]:
    event = chat.ChatCompletionChunk(
        id="chatcmpl-1", created=1, model="chat", choices=[chat.ChunkChoice(index=0, delta=delta)], **others
    )
    decoded: dict[str, typing.Any] = json.loads(encode(event))
    return decoded


def test_first_chunk_has_role_and_null_finish_reason() -> None:
    sent = chunk(chat.Delta(role="assistant", content="", refusal=None), system_fingerprint="fp_1")
    assert list(sent) == ["id", "object", "created", "model", "system_fingerprint", "choices"]
    assert sent["choices"] == [
        {
            "index": 0,
            "delta": {"role": "assistant", "content": "", "refusal": None},
            "logprobs": None,
            "finish_reason": None,
        }
    ]


def test_later_chunk_carries_only_what_is_new() -> None:
    assert chunk(chat.Delta(content="Hi"))["choices"][0]["delta"] == {"content": "Hi"}
    assert chunk(chat.Delta())["choices"][0]["delta"] == {}


def test_chunk_has_usage_only_when_it_was_asked_for() -> None:
    assert "usage" not in chunk(chat.Delta(content="Hi"))
    assert chunk(chat.Delta(content="Hi"), usage=None)["usage"] is None


def test_usage_chunk_has_no_choices() -> None:
    event = chat.ChatCompletionChunk(
        id="chatcmpl-1", created=1, model="chat", choices=[], usage=common.Usage.of(3, 2, cached_tokens=1)
    )
    sent = json.loads(encode(event))
    assert sent["choices"] == []
    assert sent["usage"]["total_tokens"] == 5
    assert sent["usage"]["prompt_tokens_details"]["cached_tokens"] == 1


def test_tool_call_pieces_say_id_and_name_once() -> None:
    first = chat.ToolCallDelta(
        index=0, id="call_1", type="function", function=chat.FunctionCallDelta(name="weather", arguments="")
    )
    later = chat.ToolCallDelta(index=0, function=chat.FunctionCallDelta(arguments='{"c'))
    deltas = [chunk(chat.Delta(tool_calls=[piece]))["choices"][0]["delta"]["tool_calls"] for piece in (first, later)]
    assert deltas == [
        [{"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}],
        [{"index": 0, "function": {"arguments": '{"c'}}],
    ]


def test_completion_looks_like_the_one_in_openai_documentation() -> None:
    choice = completions.CompletionChoice(text="\n\nThis is a test", index=0, finish_reason="length")
    sent = completions.Completion(id="cmpl-1", created=1, model="code", choices=[choice], usage=common.Usage.of(5, 7))
    decoded = json.loads(encode(sent))
    assert list(decoded) == ["id", "object", "created", "model", "choices", "usage"]
    assert list(decoded["choices"][0]) == ["text", "index", "logprobs", "finish_reason"]


def test_completion_stream_can_say_null_until_its_end() -> None:
    choice = completions.CompletionChoice(text="a", index=0, finish_reason=None)
    sent = completions.Completion(id="cmpl-1", created=1, model="code", choices=[choice], usage=None)
    assert encode(sent).endswith(b'"logprobs":null,"finish_reason":null}],"usage":null}')


def test_embedding_is_numbers_or_base64() -> None:
    usage = embeddings.EmbeddingUsage(prompt_tokens=2, total_tokens=2)
    data = [embeddings.Embedding(index=0, embedding=[0.5]), embeddings.Embedding(index=1, embedding="AAAAPw==")]
    sent = json.loads(encode(embeddings.CreateEmbeddingResponse(data=data, model="embed", usage=usage)))
    assert list(sent) == ["object", "data", "model", "usage"]
    assert [row["embedding"] for row in sent["data"]] == [[0.5], "AAAAPw=="]


def test_model_tells_what_it_is_under_our_one_key() -> None:
    details = models.AliveModel(
        description="Talks with you.",
        task="chat",
        context_window=8192,
        state="unavailable",
        reason="The model is not on disk.",
        help="task models:pull",
        support={"temperature": "honoured", "audio": "refused"},
    )
    model = models.Model(id="chat", created=1, owned_by="alive", alive=details)
    sent = json.loads(encode(models.ModelList(data=[model])))
    assert list(sent["data"][0]) == ["id", "object", "created", "owned_by", "alive"]
    assert sent["data"][0]["alive"]["help"] == "task models:pull"
    assert "alive" not in json.loads(encode(models.Model(id="chat", created=1, owned_by="alive")))


def test_error_shows_param_and_code_even_where_they_are_null() -> None:
    body = errors.ErrorBody(error=errors.ErrorDetail(message="No.", type="server_error"))
    assert encode(body) == b'{"error":{"message":"No.","type":"server_error","param":null,"code":null}}'


def test_error_of_a_broken_stream_says_the_usage_so_far() -> None:
    detail = errors.ErrorDetail(message="The engine ended.", type="server_error", code="engine_crashed")
    sent = json.loads(encode(errors.ErrorBody(error=detail, usage=common.Usage.of(3, 1))))
    assert sent["usage"]["total_tokens"] == 4
