"""Streams through the official Python client and its accumulators; every chunk is held against the official types."""

import json
from collections.abc import Sequence
from typing import Any, Literal

import pytest
from openai import APIError, AsyncOpenAI, OpenAI, pydantic_function_tool
from openai.types.chat import ChatCompletionChunk
from pydantic import BaseModel

from support.witness import Witness


class Place(BaseModel):
    """Somewhere on the map. Few values, so that a small model comes to an end."""

    name: Literal["Pico", "Etna"]
    is_high: bool


def said(script: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": script}]


def text_of(chunks: Sequence[ChatCompletionChunk], index: int = 0) -> str:
    choices = [choice for chunk in chunks for choice in chunk.choices if choice.index == index]
    return "".join(choice.delta.content or "" for choice in choices)


@pytest.mark.parametrize("name", ["command", "scripted"])
def test_a_stream_is_the_whole_answer_in_pieces(name: str, request: pytest.FixtureRequest) -> None:
    openai: OpenAI = request.getfixturevalue(name)
    body = {"model": "chat", "messages": said("Hello!"), "temperature": 0, "logprobs": True, "top_logprobs": 1}
    whole = openai.chat.completions.create(**body)
    chunks = list(openai.chat.completions.create(**body, stream=True, stream_options={"include_usage": True}))
    assert text_of(chunks) == whole.choices[0].message.content
    assert whole.usage is not None
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens
    assert chunks[-1].usage.prompt_tokens == whole.usage.prompt_tokens
    streamed = [token for chunk in chunks for choice in chunk.choices for token in _tokens(choice.logprobs)]
    assert streamed == [token.token for token in _content(whole.choices[0].logprobs)]


def _content(logprobs: object) -> list[object]:
    return list(getattr(logprobs, "content", None) or [])


def _tokens(logprobs: object) -> list[str]:
    return [token.token for token in _content(logprobs)]


@pytest.mark.parametrize("name", ["command", "scripted"])
def test_the_stream_helper_gathers_the_answer(name: str, request: pytest.FixtureRequest) -> None:
    openai: OpenAI = request.getfixturevalue(name)
    seen: list[str] = []
    with openai.chat.completions.stream(model="chat", messages=said("Hello!"), temperature=0) as stream:
        for event in stream:
            seen.append(event.type)
            if event.type == "content.delta":
                assert event.snapshot.endswith(event.delta)
        final = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= set(seen)
    whole = openai.chat.completions.create(model="chat", messages=said("Hello!"), temperature=0)
    assert final.choices[0].message.content == whole.choices[0].message.content


async def test_the_asynchronous_stream_helper(command_async: AsyncOpenAI, scripted_async: AsyncOpenAI) -> None:
    for openai in (command_async, scripted_async):
        async with openai.chat.completions.stream(model="chat", messages=said("Hello!")) as stream:
            async for _ in stream:
                pass
            final = await stream.get_final_completion()
        assert final.choices[0].message.content


def test_a_schema_is_enforced_and_parsed_while_it_streams(command: OpenAI) -> None:
    with command.chat.completions.stream(
        model="chat", messages=said("Name a mountain."), response_format=Place, max_tokens=200
    ) as stream:
        final = stream.get_final_completion()
    assert isinstance(final.choices[0].message.parsed, Place)


def test_a_tool_call_is_gathered_and_parsed_while_it_streams(command: OpenAI) -> None:
    with command.chat.completions.stream(
        model="chat",
        messages=said("Name a mountain."),
        tools=[pydantic_function_tool(Place)],
        tool_choice="required",
        parallel_tool_calls=False,
        max_tokens=200,
    ) as stream:
        final = stream.get_final_completion()
    (call,) = final.choices[0].message.tool_calls or []
    assert call.id
    assert isinstance(call.function.parsed_arguments, Place)


def test_several_calls_are_gathered_from_their_pieces(scripted: OpenAI) -> None:
    script = 'Wait.\n/call look {"at": "the sea"}\n/call look {"at": ["a", "b"]}\n/call wave {}'
    body = {"model": "chat", "messages": said(script)}
    whole = scripted.chat.completions.create(**body).choices[0].message
    with scripted.chat.completions.stream(**body) as stream:
        events = list(stream)
        final = stream.get_final_completion()
    message = final.choices[0].message
    assert message.content == whole.content == "Wait."
    assert final.choices[0].finish_reason == "tool_calls"
    calls = [(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or []]
    assert calls == [("look", {"at": "the sea"}), ("look", {"at": ["a", "b"]}), ("wave", {})]
    done = [event for event in events if event.type == "tool_calls.function.arguments.done"]
    assert [event.index for event in done] == [0, 1, 2]


def test_choices_come_in_turns_each_under_its_own_index(scripted: OpenAI) -> None:
    script = "a b\n/choice 1\n c d\n/choice 2\n/call look {}"
    chunks = list(scripted.chat.completions.create(model="chat", messages=said(script), n=3, stream=True))
    assert [text_of(chunks, index) for index in range(3)] == ["a b", "a b c d", "a b"]
    order = [choice.index for chunk in chunks for choice in chunk.choices if choice.delta.content]
    assert order[:6] == [0, 1, 2, 0, 1, 2]
    with scripted.chat.completions.stream(model="chat", messages=said(script), n=3) as stream:
        final = stream.get_final_completion()
    assert [choice.finish_reason for choice in final.choices] == ["stop", "stop", "tool_calls"]


def test_characters_of_many_bytes_arrive_whole(scripted: OpenAI) -> None:
    script = "smörgåsbord 漢字 👩‍👩‍👧 \N{COMBINING ACUTE ACCENT} end"
    chunks = list(scripted.chat.completions.create(model="chat", messages=said(script), stream=True))
    assert text_of(chunks) == script
    assert "\ufffd" not in text_of(chunks)


def test_a_broken_stream_raises_with_type_and_code(scripted: OpenAI, witness: Witness) -> None:
    script = 'half an\n/fail {"kind": "insufficient_memory", "message": "No more."}'
    heard: list[ChatCompletionChunk] = []
    with pytest.raises(APIError, match="No more") as failure:
        heard.extend(iter(scripted.chat.completions.create(model="chat", messages=said(script), stream=True)))
    assert (failure.value.code, failure.value.type) == ("insufficient_memory", "server_error")


def test_a_crash_in_the_middle_is_noticed_by_the_helper_too(scripted: OpenAI) -> None:
    with pytest.raises(APIError) as failure:  # noqa: SIM117 - the stream must be opened within
        with scripted.chat.completions.stream(model="crash", messages=said("half\n/exit 3")) as stream:
            stream.until_done()
    assert failure.value.code == "engine_crashed"


def test_a_stream_that_is_left_early_disturbs_nobody(scripted: OpenAI) -> None:
    for _ in range(5):
        with scripted.chat.completions.create(model="queue", messages=said("a\n/wait"), stream=True) as stream:
            next(iter(stream))
    answer = scripted.chat.completions.create(model="queue", messages=said("free"), timeout=5)
    assert answer.choices[0].message.content == "free"


@pytest.mark.parametrize("wanted", [True, False, None])
def test_noise_is_in_every_delta_where_it_was_asked_for_and_nowhere_else(
    scripted: OpenAI, wanted: bool | None
) -> None:
    options: Any = {"stream": True} | ({} if wanted is None else {"stream_options": {"include_obfuscation": wanted}})
    chunks = list(scripted.chat.completions.create(model="chat", messages=said("a b"), **options))
    raw = list(scripted.completions.create(model="complete", prompt="a b", **options))
    events = list(scripted.responses.create(model="chat", input="a b", store=False, **options))
    deltas = [event for event in events if event.type.endswith(".delta")]
    assert len(deltas) == 2
    assert {has_noise(event) for event in [*chunks, *raw, *deltas]} == {bool(wanted)}
    assert not any(has_noise(event) for event in events if event not in deltas)


def has_noise(event: BaseModel) -> bool:
    return "obfuscation" in event.model_dump(exclude_unset=True)
