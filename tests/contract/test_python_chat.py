"""Whole chat answers through the official Python client; every one is held against the official types."""

import json
from typing import Literal

import pytest
from openai import AsyncOpenAI, OpenAI, pydantic_function_tool
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
from pydantic import BaseModel

from support.servers import Server
from support.witness import Witness

HELLO = {"command": "Hello!", "scripted": "Hello! I am scripted, and I say what you want."}
"""What each server answers with a sentence or two."""


@pytest.fixture(params=["command", "scripted"])
def server(request: pytest.FixtureRequest) -> tuple[OpenAI, list[ChatCompletionMessageParam]]:
    """A client and a message for each server that chats; tests that ask for it run with both."""
    return request.getfixturevalue(request.param), [{"role": "user", "content": HELLO[request.param]}]


Chatting = tuple[OpenAI, list[ChatCompletionMessageParam]]


class Weather(BaseModel):
    """The weather in a city. Few values, so that a small model comes to an end."""

    city: Literal["Oslo", "Lisbon"]
    unit: Literal["celsius", "fahrenheit"]


def test_a_plain_answer(server: Chatting) -> None:
    openai, messages = server
    answer = openai.chat.completions.create(model="chat", messages=messages, temperature=0)
    (choice,) = answer.choices
    assert (answer.object, answer.model, choice.index) == ("chat.completion", "chat", 0)
    assert answer.id.startswith("chatcmpl-")
    assert answer.system_fingerprint
    assert (choice.finish_reason, choice.message.role) == ("stop", "assistant")
    assert choice.message.content
    assert choice.message.content.startswith("Hello")
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


async def test_the_asynchronous_client(command_async: AsyncOpenAI, scripted_async: AsyncOpenAI) -> None:
    for name, openai in (("command", command_async), ("scripted", scripted_async)):
        answer = await openai.chat.completions.create(
            model="chat", messages=[{"role": "user", "content": HELLO[name]}]
        )
        assert answer.choices[0].message.content
        stream = await openai.chat.completions.create(
            model="chat", messages=[{"role": "user", "content": HELLO[name]}], stream=True
        )
        assert [chunk async for chunk in stream][-1].choices[0].finish_reason == "stop"


def test_a_raw_answer_has_its_id_and_headers(server: Chatting) -> None:
    openai, messages = server
    raw = openai.chat.completions.with_raw_response.create(
        model="chat", messages=messages, extra_headers={"x-request-id": "mine-7"}
    )
    assert raw.status_code == 200
    assert raw.headers["x-alive-fingerprint"] == raw.parse().system_fingerprint
    assert raw.request_id == raw.parse()._request_id == "mine-7"
    with openai.chat.completions.with_streaming_response.create(model="chat", messages=messages) as response:
        assert ChatCompletion.model_validate(json.loads(response.read())).choices


def test_several_choices(server: Chatting) -> None:
    openai, messages = server
    answer = openai.chat.completions.create(model="chat", messages=messages, n=3, temperature=1, seed=3)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert all(choice.message.content and choice.finish_reason == "stop" for choice in answer.choices)


def test_the_same_seed_gives_the_same_answer(server: Chatting) -> None:
    openai, messages = server
    first, second = (
        openai.chat.completions.create(model="chat", messages=messages, temperature=1.5, seed=11, max_tokens=12)
        for _ in range(2)
    )
    assert first.choices[0].message.content == second.choices[0].message.content


def test_a_stop_sequence_ends_the_answer_and_does_not_show(server: Chatting) -> None:
    openai, messages = server
    whole = openai.chat.completions.create(model="chat", messages=messages, temperature=0)
    text = whole.choices[0].message.content or ""
    for stop in (text[8:12], [text[8:12], "never said"]):
        cut = openai.chat.completions.create(model="chat", messages=messages, temperature=0, stop=stop)
        assert cut.choices[0].message.content == text[: text.index(text[8:12])]
        assert cut.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_a_limit_of_tokens_is_kept_exactly(server: Chatting, limit: str) -> None:
    openai, messages = server
    answer = openai.chat.completions.create(model="chat", messages=messages, temperature=0, extra_body={limit: 3})
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 3


def test_log_probabilities(server: Chatting) -> None:
    openai, messages = server
    answer = openai.chat.completions.create(
        model="chat", messages=messages, temperature=0, logprobs=True, top_logprobs=3, max_tokens=4
    )
    logprobs = answer.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.content is not None
    assert "".join(token.token for token in logprobs.content) == answer.choices[0].message.content
    for token in logprobs.content:
        assert token.logprob <= 0
        assert bytes(token.bytes or []).decode() == token.token
        assert len(token.top_logprobs) == 3
        assert token.top_logprobs[0].token == token.token


def test_a_schema_is_enforced_and_parsed(command: OpenAI) -> None:
    answer = command.chat.completions.parse(
        model="chat",
        messages=[{"role": "user", "content": "What is the weather like?"}],
        response_format=Weather,
        max_tokens=200,
    )
    assert isinstance(answer.choices[0].message.parsed, Weather)


def test_a_scripted_object_is_parsed(scripted: OpenAI) -> None:
    answer = scripted.chat.completions.parse(
        model="chat",
        messages=[{"role": "user", "content": '{"city": "Oslo", "unit": "celsius"}'}],
        response_format=Weather,
    )
    assert answer.choices[0].message.parsed == Weather(city="Oslo", unit="celsius")


def test_a_strict_tool_is_called_and_its_arguments_parsed(command: OpenAI) -> None:
    answer = command.chat.completions.parse(
        model="chat",
        messages=[{"role": "user", "content": "What is the weather like?"}],
        tools=[pydantic_function_tool(Weather)],
        tool_choice="required",
        max_tokens=200,
    )
    (choice,) = answer.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls
    for call in choice.message.tool_calls:
        assert call.function.name == "Weather"
        assert isinstance(call.function.parsed_arguments, Weather)


@pytest.mark.parametrize("name", ["command", "scripted"])
def test_an_answer_goes_back_as_it_came(name: str, request: pytest.FixtureRequest) -> None:
    """What every chat program does: append the message, and what the tools said, and go on."""
    openai: OpenAI = request.getfixturevalue(name)
    script = 'Let me see.\n/call Weather {"city": "Oslo", "unit": "celsius"}'
    messages: list[ChatCompletionMessageParam] = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": script}], "name": "ada"},
    ]
    tools = [pydantic_function_tool(Weather)]
    first = openai.chat.completions.create(
        model="chat", messages=messages, tools=tools, tool_choice="required", max_tokens=200
    )
    message = first.choices[0].message
    assert message.tool_calls
    messages.append(message)  # type: ignore[arg-type]  # the client takes its own answers
    for call in message.tool_calls:
        messages.append({"role": "tool", "tool_call_id": call.id, "content": "12 degrees"})
    second = openai.chat.completions.create(model="chat", messages=messages, tools=tools, max_tokens=50)
    messages.append(second.choices[0].message)  # type: ignore[arg-type]  # as above
    messages.append({"role": "user", "content": "Thank you."})
    assert openai.chat.completions.create(model="chat", messages=messages, max_tokens=20).choices[0].message.content


def test_several_calls_beside_text(scripted: OpenAI) -> None:
    script = 'One moment.\n/call a {"x": 1}\n/call b {"y": [1, 2]}'
    answer = scripted.chat.completions.create(model="chat", messages=[{"role": "user", "content": script}])
    message = answer.choices[0].message
    assert message.content == "One moment."
    assert message.tool_calls is not None
    calls = [call for call in message.tool_calls if call.type == "function"]
    assert [(call.function.name, json.loads(call.function.arguments)) for call in calls] == [
        ("a", {"x": 1}),
        ("b", {"y": [1, 2]}),
    ]
    assert len({call.id for call in calls}) == 2


def test_models_are_listed_and_retrieved(command: OpenAI, scripted: OpenAI, providers: OpenAI) -> None:
    for openai in (command, scripted, providers):
        models = list(openai.models.list())
        assert models
        for model in models:
            assert openai.models.retrieve(model.id).id == model.id
            assert (model.object, model.created > 0, bool(model.owned_by)) == ("model", True, True)


@pytest.mark.parametrize(("name", "model"), [("command", "chat"), ("scripted", "complete")])
def test_raw_text_is_continued(name: str, model: str, request: pytest.FixtureRequest) -> None:
    openai: OpenAI = request.getfixturevalue(name)
    answer = openai.completions.create(model=model, prompt=["one two", "three"], max_tokens=4, n=2, temperature=0)
    assert answer.object == "text_completion"
    assert [choice.index for choice in answer.choices] == [0, 1, 2, 3]
    stream = openai.completions.create(model=model, prompt="one two", max_tokens=4, temperature=0, stream=True)
    chunks = [chunk.choices[0] for chunk in stream]
    assert "".join(chunk.text for chunk in chunks) == answer.choices[0].text
    assert chunks[-1].finish_reason == answer.choices[0].finish_reason


def test_the_witness_would_have_noticed(scripted_server: Server) -> None:
    """A judge that never complains proves nothing: here it sees answers that are wrong."""
    witness = Witness()
    witness._whole("/v1/models", {"data": [{"id": "a", "object": "model", "created": "1", "owned_by": "b"}]})
    witness._whole(
        "/v1/models", {"data": [{"id": "a", "object": "model", "created": 1, "owned_by": "b", "alive": {}, "x": 1}]}
    )
    witness._error("/v1/models", {"error": {"message": "m", "type": "t", "param": None}})
    assert len(witness.complaints) == 3
    assert "Model.x" in witness.complaints[1]
