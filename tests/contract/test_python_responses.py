"""The Responses API through the official Python client; every event is held against the official types."""

import json
from typing import Literal

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel


class Place(BaseModel):
    """Somewhere on the map. Few values, so that a small model comes to an end."""

    name: Literal["Pico", "Etna"]
    is_high: bool


LOOK = {
    "type": "function",
    "name": "look",
    "description": "Looks somewhere.",
    "parameters": {
        "type": "object",
        "properties": {"at": {"type": "string"}},
        "required": ["at"],
        "additionalProperties": False,
    },
    "strict": True,
}


@pytest.mark.parametrize("name", ["command", "scripted"])
def test_a_response_and_its_stream_say_the_same(name: str, request: pytest.FixtureRequest) -> None:
    client: OpenAI = request.getfixturevalue(name)
    whole = client.responses.create(model="chat", input="Hello!", temperature=0, store=False)
    assert whole.status == "completed"
    assert whole.output_text
    assert whole.usage is not None
    assert whole.usage.total_tokens == whole.usage.input_tokens + whole.usage.output_tokens
    with client.responses.stream(model="chat", input="Hello!", temperature=0, store=False) as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert final.output_text == whole.output_text
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert (events[0].type, events[-1].type) == ("response.created", "response.completed")


async def test_the_asynchronous_client_streams_responses(scripted_async: AsyncOpenAI) -> None:
    stream = await scripted_async.responses.create(model="chat", input="one two", stream=True, store=False)
    deltas = [event.delta async for event in stream if event.type == "response.output_text.delta"]
    assert "".join(deltas) == "one two"


def test_function_calls_and_their_results(scripted: OpenAI) -> None:
    first = scripted.responses.create(model="chat", input='/call look {"at": "it"}', tools=[LOOK], store=False)
    (call,) = [item for item in first.output if item.type == "function_call"]
    assert (call.name, json.loads(call.arguments)) == ("look", {"at": "it"})
    second = scripted.responses.create(
        model="chat",
        input=[
            {"role": "user", "content": "Look!"},
            call.to_dict(),
            {"type": "function_call_output", "call_id": call.call_id, "output": "It is green."},
        ],
        tools=[LOOK],
        store=False,
    )
    assert second.output_text == "It is green."


def test_an_object_is_parsed(command: OpenAI, scripted: OpenAI) -> None:
    body = {"model": "chat", "text_format": Place, "store": False, "max_output_tokens": 200}
    assert isinstance(command.responses.parse(input="Name a mountain.", **body).output_parsed, Place)
    assert scripted.responses.parse(input='{"name": "Pico", "is_high": true}', **body).output_parsed == Place(
        name="Pico", is_high=True
    )


def test_what_is_stored_can_be_gone_on_from_retrieved_and_deleted(scripted: OpenAI) -> None:
    first = scripted.responses.create(model="chat", input="first")
    second = scripted.responses.create(model="chat", input="second", previous_response_id=first.id)
    assert second.previous_response_id == first.id
    assert second.usage is not None
    assert first.usage is not None
    assert second.usage.input_tokens > first.usage.input_tokens
    assert scripted.responses.retrieve(first.id).output_text == "first"
    assert list(scripted.responses.input_items.list(second.id))
    scripted.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        scripted.responses.retrieve(first.id)


def test_a_stream_that_breaks_says_so(scripted: OpenAI) -> None:
    script = 'half an\n/fail {"kind": "engine_crashed", "message": "It ended."}'
    events = []
    try:
        events.extend(iter(scripted.responses.create(model="chat", input=script, stream=True, store=False)))
    except openai.APIError as error:
        assert "It ended." in str(error)
    else:
        assert events[-1].type in {"response.failed", "error"}
    assert all(event.type != "response.completed" for event in events)
