"""The answer owns what it acquires: whatever happens, the model comes back and the client hears the truth."""

import asyncio
from pathlib import Path

import httpx
import pytest

from alive_core.http import stream as stream_module
from alive_core.testing.server import Served

WITHIN_S = 5.0


def chat(script: str, model: str = "chat", **more: object) -> dict[str, object]:
    return {"model": model, "messages": [{"role": "user", "content": script}], **more}


async def data_of(response: httpx.Response) -> list[str]:
    return [line.removeprefix("data: ") async for line in response.aiter_lines() if line.startswith("data:")]


async def until_idle(server: Served) -> None:
    """Return when every lease is back."""
    async with asyncio.timeout(WITHIN_S):
        while "| 0 leases, 0 waiting" not in repr(server.context.cache):
            await asyncio.sleep(0.005)


async def test_a_whole_answer_is_the_sum_of_its_stream(client: httpx.AsyncClient) -> None:
    whole = (await client.post("/v1/chat/completions", json=chat("one two three"))).json()
    async with client.stream("POST", "/v1/chat/completions", json=chat("one two three", stream=True)) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        data = await data_of(response)
    assert data[-1] == "[DONE]"
    assert whole["choices"][0]["message"]["content"] == "one two three"
    assert sum('"content":' in chunk for chunk in data) == 4  # the role, and three words


async def test_a_client_that_leaves_a_stream_ends_the_job(
    client: httpx.AsyncClient, server: Served, journal: Path
) -> None:
    async with client.stream("POST", "/v1/chat/completions", json=chat("begun\n/wait", stream=True)) as response:
        await anext(response.aiter_lines())
        assert "1 leases" in repr(server.context.cache)
    await until_idle(server)
    assert "leave" in journal.read_text()


async def test_a_client_that_leaves_a_plain_request_ends_the_job(
    client: httpx.AsyncClient, server: Served, journal: Path
) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await client.post("/v1/chat/completions", json=chat("/wait"), timeout=0.3)
    await until_idle(server)
    assert "leave" in journal.read_text()


async def test_an_error_before_the_first_byte_is_a_real_http_error(client: httpx.AsyncClient) -> None:
    script = '/fail {"kind": "RateLimited", "message": "Slow down.", "retry_after": 1.5}'
    for stream in (False, True):
        response = await client.post("/v1/chat/completions", json=chat(script, stream=stream))
        assert response.status_code == 429
        assert response.headers["retry-after"] == "2"
        assert response.json()["error"] == {
            "message": "Slow down.",
            "type": "rate_limit_error",
            "param": None,
            "code": "rate_limit_exceeded",
        }


async def test_an_error_after_the_first_byte_is_one_typed_event_and_no_done(client: httpx.AsyncClient) -> None:
    script = 'begun\n/fail {"kind": "EngineCrashed", "message": "It ended."}'
    async with client.stream("POST", "/v1/chat/completions", json=chat(script, stream=True)) as response:
        assert response.status_code == 200
        data = await data_of(response)
    assert '"code":"engine_crashed"' in data[-1]
    assert "[DONE]" not in data


async def test_a_long_silence_is_broken_by_comments(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "COMMENT_INTERVAL_S", 0.05)
    async with client.stream("POST", "/v1/chat/completions", json=chat("/wait", stream=True)) as response:
        lines = response.aiter_lines()
        assert [await anext(lines) for _ in range(4)] == [": working", "", ": working", ""]


async def test_an_answer_over_its_deadline_is_stopped(client: httpx.AsyncClient, server: Served) -> None:
    late = await client.post("/v1/chat/completions", json=chat("/wait", model="hasty"))
    assert late.status_code == 504
    assert late.json()["error"]["code"] == "deadline_exceeded"
    async with client.stream("POST", "/v1/chat/completions", json=chat("a\n/wait", "hasty", stream=True)) as response:
        data = await data_of(response)
    assert '"code":"deadline_exceeded"' in data[-1]
    await until_idle(server)


async def test_a_crash_before_the_answer_began_is_tried_once_more(client: httpx.AsyncClient, journal: Path) -> None:
    response = await client.post("/v1/chat/completions", json=chat("/exit 3", model="child"))
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "engine_crashed"
    assert journal.read_text().count("start ") == 2
    assert (await client.post("/v1/chat/completions", json=chat("well", model="child"))).status_code == 200


async def test_a_crash_after_the_answer_began_is_not_tried_again(client: httpx.AsyncClient, journal: Path) -> None:
    body = chat("begun\n/exit 3", model="child", stream=True)
    async with client.stream("POST", "/v1/chat/completions", json=body) as response:
        data = await data_of(response)
    assert '"code":"engine_crashed"' in data[-1]
    assert journal.read_text().count("start ") == 1


async def test_a_server_that_drains_takes_nothing_new(client: httpx.AsyncClient, server: Served) -> None:
    server.context.drain()
    response = await client.post("/v1/chat/completions", json=chat("hello"))
    assert response.status_code == 503
    assert response.headers["retry-after"]
    assert (await client.get("/health/ready")).status_code == 503
    assert (await client.get("/health/live")).status_code == 200


async def test_answers_name_the_profile_and_never_the_model(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/chat/completions", json=chat("hello", model="child"))
    assert response.json()["model"] == "child"
    assert response.headers["x-alive-fingerprint"] == response.json()["system_fingerprint"] == "scripted"
    assert "inline" not in response.text


async def test_an_error_nobody_foresaw_is_a_500_without_details(
    client: httpx.AsyncClient, server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.context, "roster", None)
    response = await client.get("/v1/models")
    assert response.status_code == 500
    assert response.json()["error"]["type"] == "server_error"
    assert "Traceback" not in response.text
    assert "NoneType" not in response.text


async def test_a_request_that_relies_on_another_model_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/chat/completions", json=chat("hello", alive={"fingerprint": "another"}))
    assert response.status_code == 412
    assert response.json()["error"]["code"] == "fingerprint_mismatch"
    assert response.json()["error"]["param"] == "alive.fingerprint"
    agreed = await client.post("/v1/chat/completions", json=chat("hello", alive={"fingerprint": "scripted"}))
    assert agreed.status_code == 200


async def test_a_request_may_ask_for_a_loaded_model_only(client: httpx.AsyncClient) -> None:
    body = chat("hello", alive={"load": "if_loaded"})
    refused = await client.post("/v1/chat/completions", json=body)
    assert refused.status_code == 503
    assert refused.headers["retry-after"]
    assert (await client.post("/v1/chat/completions", json=chat("hello"))).status_code == 200
    assert (await client.post("/v1/chat/completions", json=body)).status_code == 200
