"""`/v1/responses` and `/v1/conversations` over a real socket, mostly as the official client sees them."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import msgspec
import openai
import pytest
from openai.types.responses import Response as OfficialResponse
from openai.types.responses import ResponseItemList, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

from alive_core import Service
from alive_core.adapters.events import Event
from alive_core.adapters.jobs import ChatJob
from alive_core.errors import StoreFailed
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Target
from alive_core.store.contract import StoredResponse
from alive_core.store.sqlite import FILE_NAME, SqliteStore
from alive_core.testing.scripted import ScriptedAdapter
from alive_core.testing.server import TEST_SETTINGS, Served, serving
from alive_core.utils.sse import SSEParser

PROFILES = """
[profiles.chat]
task = "chat"
description = "Says what it is told."
targets = ["inline"]

[profiles.embed]
task = "embed"
description = "Vectors."
targets = ["inline"]

[targets.inline]
adapter = "listening"
parallel = 4
"""

LOOK = {"type": "function", "name": "look", "parameters": {"type": "object"}, "strict": False}
OFFICIAL_EVENT: TypeAdapter[object] = TypeAdapter(ResponseStreamEvent)

Heard = list[ChatJob]


@pytest.fixture
def heard() -> Heard:
    """The jobs that the engine was given, oldest first."""
    return []


@pytest.fixture
def service(tmp_path: Path, heard: Heard) -> Service:
    class ListeningAdapter(ScriptedAdapter):
        """Remembers what it was asked, and can write JSON by being told to."""

        @classmethod
        def inspect(cls, target: Target) -> Abilities:
            scripted = super().inspect(target)
            return Abilities(
                tasks=scripted.tasks,
                context=scripted.context,
                tools=True,
                json_schema=True,
                parameters=scripted.parameters,
            )

        async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
            heard.append(job)
            async for event in super().chat(job):
                yield event

    (tmp_path / "profiles.toml").write_text(PROFILES)
    return Service("scripted", "1.2.3", 0, {"listening": ListeningAdapter}, tmp_path)


@pytest.fixture
async def server(service: Service) -> AsyncIterator[Served]:
    async with serving(service) as served:
        yield served


@pytest.fixture
async def forgetful(service: Service, tmp_path: Path) -> AsyncIterator[Served]:
    """A server whose store is off."""
    settings = msgspec.structs.replace(TEST_SETTINGS, store="off")
    async with serving(service, settings=settings, state=tmp_path / "state") as served:
        yield served


Connect = Callable[..., openai.AsyncOpenAI]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Makes official clients, and closes them at the end."""
    clients: list[openai.AsyncOpenAI] = []

    def make(server: Served, key: str = "my key") -> openai.AsyncOpenAI:
        clients.append(openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0, timeout=20))
        return clients[-1]

    yield make
    for client in clients:
        await client.close()


@pytest.fixture
def client(server: Served, connect: Connect) -> openai.AsyncOpenAI:
    return connect(server)


def texts(job: ChatJob) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in job.messages]


async def refused(call: object) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as error:
        await call
    return error.value


# --- Answers -------------------------------------------------------------------------------------------
async def test_a_response_is_what_the_official_type_says(server: Served, client: openai.AsyncOpenAI) -> None:
    raw = await client.responses.with_raw_response.create(model="chat", input="Hello there", metadata={"a": "b"})
    OfficialResponse.model_validate_json(raw.content, strict=True)
    response = raw.parse()
    assert response.id.startswith("resp_")
    assert response.output_text == "Hello there"
    assert response.status == "completed"
    assert response.usage is not None
    assert (response.usage.input_tokens, response.usage.output_tokens, response.usage.total_tokens) == (2, 2, 4)
    assert raw.headers["x-request-id"].startswith("req_")


def sync_answers(url: str) -> tuple[str, list[str]]:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="my key", max_retries=0, timeout=20) as client:
        whole = client.responses.create(model="chat", input="Hello there").output_text
        with client.responses.stream(model="chat", input="Hello there") as stream:
            return whole, [event.type for event in stream]


async def test_the_synchronous_client_works_too(server: Served) -> None:
    from asyncio import to_thread

    whole, kinds = await to_thread(sync_answers, server.url)
    assert whole == "Hello there"
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"


async def test_a_stream_has_named_events_and_no_done(server: Served) -> None:
    body = {"model": "chat", "input": "/think Hm\nHello\n/call look {}", "stream": True, "tools": [LOOK]}
    async with (
        httpx.AsyncClient(timeout=20) as http,
        http.stream("POST", f"{server.url}/v1/responses", json=body) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = SSEParser().feed(await answer.aread())
    data = [json.loads(event.data) for event in events]
    assert [event.name for event in events] == [event["type"] for event in data]
    assert [event["sequence_number"] for event in data] == list(range(len(data)))
    for event in events:
        OFFICIAL_EVENT.validate_json(event.data)
    assert [item["type"] for item in data[-1]["response"]["output"]] == ["reasoning", "message", "function_call"]


async def test_the_stream_helper_collects_the_same_response(client: openai.AsyncOpenAI) -> None:
    async with client.responses.stream(model="chat", input="Hello there", tools=[LOOK]) as stream:
        said = "".join([event.delta async for event in stream if event.type == "response.output_text.delta"])
        final = await stream.get_final_response()
    assert said == final.output_text == "Hello there"
    assert (await client.responses.retrieve(final.id)).output_text == said


class Colour(BaseModel):
    name: str


async def test_parse_gives_the_object_that_was_asked_for(client: openai.AsyncOpenAI, heard: Heard) -> None:
    response = await client.responses.parse(model="chat", input='{"name": "red"}', text_format=Colour)
    assert response.output_parsed == Colour(name="red")
    assert heard[-1].json_output is not None
    assert heard[-1].json_output.name == "Colour"


async def test_a_limit_makes_the_response_incomplete(client: openai.AsyncOpenAI) -> None:
    response = await client.responses.create(model="chat", input="one two three", max_output_tokens=2)
    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"
    assert response.output_text == "one two"


async def test_a_stream_that_breaks_says_error_then_failed(client: openai.AsyncOpenAI) -> None:
    script = 'begun\n/fail {"kind": "EngineCrashed", "message": "It ended."}'
    events = [event async for event in await client.responses.create(model="chat", input=script, stream=True)]
    error, failed = events[-2:]
    assert error.type == "error"
    assert (error.code, error.message) == ("engine_crashed", "It ended.")
    assert failed.type == "response.failed"
    assert failed.response.output_text == "begun"
    assert (await refused(client.responses.retrieve(failed.response.id))).status_code == 404


async def test_a_failure_before_the_first_event_is_a_real_http_error(client: openai.AsyncOpenAI) -> None:
    script = '/fail {"kind": "RateLimited", "message": "Slow down.", "retry_after": 1}'
    error = await refused(client.responses.create(model="chat", input=script, stream=True))
    assert error.status_code == 429
    assert error.response.headers["retry-after"] == "1"


async def test_a_profile_that_does_not_chat_is_refused(client: openai.AsyncOpenAI, server: Served) -> None:
    assert (await refused(client.responses.create(model="nobody", input="Hi"))).code == "model_not_found"


async def test_background_is_refused_by_name_and_cancel_too(client: openai.AsyncOpenAI) -> None:
    error = await refused(client.responses.create(model="chat", input="Hi", background=True))
    assert (error.status_code, error.code, error.param) == (400, "unsupported_parameter", "background")
    response = await client.responses.create(model="chat", input="Hi")
    assert (await refused(client.responses.cancel(response.id))).status_code == 400
    assert (await refused(client.responses.cancel("resp_nowhere"))).status_code == 404


# --- What is remembered --------------------------------------------------------------------------------
async def test_a_response_is_stored_unless_the_client_says_no(client: openai.AsyncOpenAI) -> None:
    kept = await client.responses.create(model="chat", input="Hello")
    unkept = await client.responses.create(model="chat", input="Hello", store=False)
    assert await client.responses.retrieve(kept.id) == kept
    error = await refused(client.responses.retrieve(unkept.id))
    assert (error.status_code, error.type, error.code) == (404, "invalid_request_error", "not_found")


async def test_a_response_is_stored_before_the_stream_says_that_it_is_complete(client: openai.AsyncOpenAI) -> None:
    async for event in await client.responses.create(model="chat", input="Hello", stream=True):
        if event.type == "response.completed":
            assert (await client.responses.retrieve(event.response.id)) == event.response


async def test_a_deleted_response_is_gone(client: openai.AsyncOpenAI, server: Served) -> None:
    response = await client.responses.create(model="chat", input="Hello")
    async with httpx.AsyncClient(headers={"authorization": "Bearer my key"}) as http:
        answer = await http.delete(f"{server.url}/v1/responses/{response.id}")
    assert answer.json() == {"id": response.id, "object": "response", "deleted": True}
    assert (await refused(client.responses.delete(response.id))).status_code == 404


async def test_another_key_sees_nothing(server: Served, client: openai.AsyncOpenAI, connect: Connect) -> None:
    other = connect(server, "your key")
    response = await client.responses.create(model="chat", input="Hello")
    conversation = await client.conversations.create(items=[{"role": "user", "content": "Hi"}])
    own = [item async for item in client.conversations.items.list(conversation.id)]
    reference = [{"type": "item_reference", "id": own[0].id}]
    for call in (
        other.responses.retrieve(response.id),
        other.responses.delete(response.id),
        other.responses.cancel(response.id),
        other.conversations.retrieve(conversation.id),
        other.conversations.delete(conversation.id),
        other.conversations.items.retrieve(str(own[0].id), conversation_id=conversation.id),
        other.responses.create(model="chat", input="Hi", conversation=conversation.id),
        other.responses.create(model="chat", input=reference),
    ):
        assert (await refused(call)).status_code == 404
    error = await refused(other.responses.create(model="chat", input="Hi", previous_response_id=response.id))
    assert (error.status_code, error.code) == (400, "previous_response_not_found")


async def test_a_chain_continues_without_old_instructions(client: openai.AsyncOpenAI, heard: Heard) -> None:
    first = await client.responses.create(model="chat", input="One", instructions="Old.")
    second = await client.responses.create(model="chat", input="Two", previous_response_id=first.id, store=True)
    await client.responses.create(model="chat", input="Three", previous_response_id=second.id, instructions="New.")
    assert second.previous_response_id == first.id
    assert texts(heard[-1]) == [
        ("system", "New."),
        ("user", "One"),
        ("assistant", "One"),
        ("user", "Two"),
        ("assistant", "Two"),
        ("user", "Three"),
    ]


async def test_a_chain_with_a_missing_link_is_refused_not_cut(client: openai.AsyncOpenAI) -> None:
    first = await client.responses.create(model="chat", input="One")
    second = await client.responses.create(model="chat", input="Two", previous_response_id=first.id)
    await client.responses.delete(first.id)
    error = await refused(client.responses.create(model="chat", input="Three", previous_response_id=second.id))
    assert (error.code, error.param) == ("previous_response_not_found", "previous_response_id")
    assert first.id in error.message


async def test_a_tool_is_called_and_its_output_read(client: openai.AsyncOpenAI, heard: Heard) -> None:
    first = await client.responses.create(model="chat", input='/call look {"at": 1}', tools=[LOOK])
    (call,) = first.output
    assert call.type == "function_call"
    second = await client.responses.create(
        model="chat",
        previous_response_id=first.id,
        input=[{"type": "function_call_output", "call_id": call.call_id, "output": "It is red."}],
    )
    assert second.output_text == "It is red."
    asked, answered = heard[-1].messages[-2:]
    assert [(each.id, each.name, each.arguments) for each in asked.tool_calls] == [
        (call.call_id, "look", '{"at": 1}')
    ]
    assert (answered.role, answered.tool_call_id) == ("tool", call.call_id)


async def test_output_can_be_sent_back_without_a_store(client: openai.AsyncOpenAI, heard: Heard) -> None:
    first = await client.responses.create(model="chat", input="/think Hm\nOne", store=False)
    again = [{"role": "user", "content": "One"}, *(item.to_dict() for item in first.output)]
    again.append({"role": "user", "content": "Two"})
    await client.responses.create(model="chat", input=again, store=False)
    assert texts(heard[-1]) == [("user", "One"), ("assistant", "One"), ("user", "Two")]


async def test_a_reference_stands_for_the_item(client: openai.AsyncOpenAI, heard: Heard) -> None:
    first = await client.responses.create(model="chat", input="One")
    items = [{"id": first.output[0].id}, {"role": "user", "content": "Two"}]
    await client.responses.create(model="chat", input=items)
    assert texts(heard[-1]) == [("assistant", "One"), ("user", "Two")]
    error = await refused(client.responses.create(model="chat", input=[{"type": "item_reference", "id": "msg_0"}]))
    assert (error.status_code, error.param) == (404, "input")


async def test_an_item_that_is_already_there_is_refused(client: openai.AsyncOpenAI) -> None:
    first = await client.responses.create(model="chat", input="One")
    items = [{"type": "item_reference", "id": first.output[0].id}]
    error = await refused(client.responses.create(model="chat", input=items, previous_response_id=first.id))
    assert (error.status_code, error.param) == (400, "input[0].id")


async def test_input_items_come_in_pages(client: openai.AsyncOpenAI, server: Served) -> None:
    items = [{"role": "user", "content": str(number)} for number in range(5)]
    response = await client.responses.create(model="chat", input=items)
    raw = await client.responses.input_items.with_raw_response.list(response.id, limit=2)
    ResponseItemList.model_validate_json(raw.content, strict=True)
    newest = [
        item.to_dict()["content"][0]["text"] async for item in client.responses.input_items.list(response.id, limit=2)
    ]
    oldest = [
        item.to_dict()["content"][0]["text"]
        async for item in client.responses.input_items.list(response.id, limit=2, order="asc")
    ]
    assert newest == ["4", "3", "2", "1", "0"]
    assert oldest == newest[::-1]


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("responses/{id}?stream=true", "stream"),
        ("responses/{id}?starting_after=3", "starting_after"),
        ("responses/{id}?include_obfuscation=true", "include_obfuscation"),
        ("responses/{id}?include[]=reasoning.encrypted_content", "include[0]"),
        ("responses/{id}?include=songs", "include[0]"),
        ("responses/{id}?colour=red", "colour"),
        ("responses/{id}/input_items?limit=0", "limit"),
        ("responses/{id}/input_items?limit=101", "limit"),
        ("responses/{id}/input_items?limit=many", "limit"),
        ("responses/{id}/input_items?order=random", "order"),
        ("responses/{id}/input_items?after=msg_nowhere", "after"),
    ],
)
async def test_a_query_is_honoured_or_refused_by_name(
    server: Served, client: openai.AsyncOpenAI, path: str, param: str
) -> None:
    response = await client.responses.create(model="chat", input="Hello")
    async with httpx.AsyncClient(headers={"authorization": "Bearer my key"}) as http:
        answer = await http.get(f"{server.url}/v1/{path.format(id=response.id)}")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_includes_that_ask_for_nothing_special_are_honoured(client: openai.AsyncOpenAI) -> None:
    response = await client.responses.create(model="chat", input="Hello")
    assert (
        await client.responses.retrieve(response.id, include=["file_search_call.results"], stream=False) == response
    )


# --- Conversations -------------------------------------------------------------------------------------
async def test_a_conversation_remembers_every_turn(client: openai.AsyncOpenAI, heard: Heard) -> None:
    conversation = await client.conversations.create(items=[{"role": "developer", "content": "Rules."}])
    first = await client.responses.create(model="chat", input="One", conversation=conversation.id)
    second = await client.responses.create(
        model="chat", input="Two", conversation={"id": conversation.id}, store=False
    )
    assert first.conversation is not None
    assert first.conversation.id == conversation.id
    assert second.output_text == "Two"
    assert texts(heard[-1]) == [("system", "Rules."), ("user", "One"), ("assistant", "One"), ("user", "Two")]
    kinds = [item.type async for item in client.conversations.items.list(conversation.id, order="asc")]
    assert kinds == ["message"] * 5


async def test_a_failed_answer_leaves_no_trace_in_its_conversation(client: openai.AsyncOpenAI) -> None:
    conversation = await client.conversations.create()
    script = 'begun\n/fail {"kind": "EngineCrashed", "message": "It ended."}'
    stream = await client.responses.create(model="chat", input=script, conversation=conversation.id, stream=True)
    assert [event.type async for event in stream][-1] == "response.failed"
    assert [item async for item in client.conversations.items.list(conversation.id)] == []


async def test_a_response_of_a_conversation_is_continued_there_only(client: openai.AsyncOpenAI) -> None:
    conversation = await client.conversations.create()
    first = await client.responses.create(model="chat", input="One", conversation=conversation.id)
    error = await refused(client.responses.create(model="chat", input="Two", previous_response_id=first.id))
    assert (error.status_code, error.param) == (400, "previous_response_id")
    assert conversation.id in error.message


async def test_a_conversation_is_created_changed_and_deleted(client: openai.AsyncOpenAI) -> None:
    created = await client.conversations.create(metadata={"a": "b"})
    assert created.id.startswith("conv_")
    assert await client.conversations.retrieve(created.id) == created
    changed = await client.conversations.update(created.id, metadata={"c": "d"})
    assert changed.metadata == {"c": "d"}
    assert changed.created_at == created.created_at
    assert (await client.conversations.delete(created.id)).deleted
    for call in (
        client.conversations.retrieve(created.id),
        client.conversations.delete(created.id),
        client.conversations.update(created.id, metadata=None),
        client.conversations.items.create(created.id, items=[{"role": "user", "content": "Hi"}]),
    ):
        assert (await refused(call)).status_code == 404
    with pytest.raises(openai.NotFoundError):
        await client.conversations.items.list(created.id)


async def test_items_of_a_conversation_are_added_found_and_deleted(client: openai.AsyncOpenAI) -> None:
    conversation = await client.conversations.create()
    added = await client.conversations.items.create(
        conversation.id,
        items=[
            {"role": "user", "content": "Hi"},
            {"type": "function_call", "call_id": "a", "name": "look", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "a", "output": "red"},
        ],
        include=["message.output_text.logprobs"],
    )
    assert [item.type for item in added.data] == ["message", "function_call", "function_call_output"]
    first = str(added.data[0].id)
    assert (added.first_id, added.last_id, added.has_more) == (first, added.data[2].id, False)
    assert await client.conversations.items.retrieve(first, conversation_id=conversation.id) == added.data[0]
    assert (await client.conversations.items.delete(first, conversation_id=conversation.id)).id == conversation.id
    for call in (
        client.conversations.items.retrieve(first, conversation_id=conversation.id),
        client.conversations.items.delete(first, conversation_id=conversation.id),
    ):
        assert (await refused(call)).status_code == 404
    twin = await refused(client.conversations.items.create(conversation.id, items=[added.data[1].to_dict()]))
    assert (twin.status_code, twin.param) == (400, "items[0].id")


async def test_more_items_than_allowed_are_refused(client: openai.AsyncOpenAI) -> None:
    error = await refused(client.conversations.create(items=[{"role": "user", "content": "Hi"}] * 21))
    assert (error.status_code, error.param) == (400, "items")


# --- Routes, failures, the store off -------------------------------------------------------------------
async def test_a_wrong_method_is_told_all_the_right_ones(server: Served) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.put(f"{server.url}/v1/conversations/conv_1")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"DELETE", "GET", "HEAD", "POST"}


async def test_a_missing_prefix_and_a_slash_too_many_are_forgiven(server: Served) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{server.url}/responses/", json={"model": "chat", "input": "Hi"})
    assert answer.json()["status"] == "completed"


async def test_leniency_reaches_into_fields_and_items(server: Served, heard: Heard) -> None:
    body = {
        "model": "chat",
        "input": [{"role": "user", "content": "Hi", "mood": "good"}],
        "include": ["file_search_call.results", "reasoning.encrypted_content"],
        "reasoning": {"effort": None, "summary": "auto"},
        "text": {"verbosity": "low"},
        "tools": [LOOK | {"async": True}],
        "truncation": "auto",
    }
    async with httpx.AsyncClient() as http:
        refused = await http.post(f"{server.url}/v1/responses", json=body)
        answer = await http.post(f"{server.url}/v1/responses", json=body, headers={"x-alive-lenient": "1"})
    assert refused.status_code == 400
    assert answer.json()["output"][0]["content"][0]["text"] == "Hi"
    assert set(answer.headers["x-alive-ignored"].split(",")) == {
        "input[0].mood",
        "include[1]",
        "reasoning.summary",
        "text.verbosity",
        "tools[0].async",
        "truncation",
    }
    assert [tool.name for tool in heard[-1].tools] == ["look"]


async def test_what_can_be_asked_for_stands_in_the_api_document(server: Served) -> None:
    async with httpx.AsyncClient() as http:
        document = (await http.get(f"{server.url}/openapi.json")).json()
        page = await http.get(f"{server.url}/docs")
    operation = document["paths"]["/v1/responses"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["examples"]["chat"]["value"]["input"]
    streamed = operation["responses"]["200"]["content"]["text/event-stream"]["schema"]["anyOf"]
    assert {"$ref": "#/components/schemas/ResponseCompleted"} in streamed
    listed = document["paths"]["/v1/responses/{response_id}/input_items"]["get"]["parameters"]
    assert {each["name"] for each in listed} == {"response_id", "after", "include", "limit", "order"}
    assert all("." not in name for name in document["components"]["schemas"])
    assert page.status_code == 200


async def test_an_answer_is_not_lost_when_it_cannot_be_stored(
    client: openai.AsyncOpenAI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(store: SqliteStore, owner: str, response: StoredResponse) -> None:
        raise StoreFailed("The disk is full.")

    monkeypatch.setattr(SqliteStore, "save_response", fail)
    response = await client.responses.create(model="chat", input="Hello")
    assert response.output_text == "Hello"
    assert response.to_dict()["store"] is False
    assert "The disk is full." in caplog.text
    assert (await refused(client.responses.retrieve(response.id))).status_code == 404


async def test_an_answer_is_not_lost_when_its_conversation_is_gone_meanwhile(
    client: openai.AsyncOpenAI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    conversation = await client.conversations.create()

    async def gone(store: SqliteStore, owner: str, conversation_id: str, items: object) -> bool:
        return False

    monkeypatch.setattr(SqliteStore, "add_items", gone)
    response = await client.responses.create(model="chat", input="Hello", conversation=conversation.id)
    assert response.output_text == "Hello"
    assert "could not be continued" in caplog.text


async def test_a_server_whose_store_is_off_answers_and_keeps_nothing(
    forgetful: Served, connect: Connect, tmp_path: Path
) -> None:
    client = connect(forgetful)
    response = await client.responses.create(model="chat", input="Hello")
    assert response.output_text == "Hello"
    assert response.to_dict()["store"] is False
    assert (await refused(client.responses.retrieve(response.id))).status_code == 404
    assert (await refused(client.conversations.create())).status_code == 404
    assert not (tmp_path / "state" / FILE_NAME).exists()


@pytest.mark.parametrize(
    ("fields", "status", "param"),
    [
        ({"store": True}, 400, "store"),
        ({"previous_response_id": "resp_1"}, 400, "previous_response_id"),
        ({"conversation": "conv_1"}, 400, "conversation"),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, 404, "input"),
    ],
)
async def test_what_needs_the_store_is_refused_where_it_is_off(
    forgetful: Served, fields: dict[str, object], status: int, param: str
) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{forgetful.url}/v1/responses", json={"model": "chat", "input": "Hi"} | fields)
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)
    assert "store is off" in answer.text or "ALIVE_STORE=off" in answer.text


async def test_what_one_server_stored_the_next_one_knows(service: Service, connect: Connect, tmp_path: Path) -> None:
    async with serving(service, state=tmp_path / "state") as first:
        response = await connect(first).responses.create(model="chat", input="Hello")
    async with serving(service, state=tmp_path / "state") as second:
        assert await connect(second).responses.retrieve(response.id) == response
