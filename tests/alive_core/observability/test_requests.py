"""One line per request that says what became of it, and one id that goes wherever the request goes."""

import asyncio
import json
import re

import httpx
import pytest

from alive_core.constants import LOG_PATH_MAX_CHARS
from support.telltale import GREETING
from support.watched import Watch, Watched

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def asking(words: str) -> dict[str, object]:
    return {"model": "chat", "messages": [{"role": "user", "content": words}]}


async def test_the_line_of_an_answer_says_what_it_took(watched: Watched) -> None:
    response = await watched.chat("hello")
    (entry,) = await watched.log.requests()
    assert entry["request_id"] == response.headers["x-request-id"]
    assert {name: entry[name] for name in ("method", "path", "status", "profile", "target")} == {
        "method": "POST",
        "path": "/v1/chat/completions",
        "status": 200,
        "profile": "chat",
        "target": "inline",
    }
    tokens = {name: entry[name] for name in ("prompt_tokens", "cached_tokens", "completion_tokens")}
    assert tokens == {"prompt_tokens": 7, "cached_tokens": 3, "completion_tokens": 5}
    queue, first, whole = (entry[name] for name in ("queue_ms", "first_event_ms", "duration_ms"))
    assert isinstance(queue, float) and isinstance(first, float) and isinstance(whole, float)
    assert 0 <= queue <= first <= whole + 0.1
    assert "error" not in entry


async def test_the_first_request_waits_for_the_load_and_the_next_does_not(watched: Watched) -> None:
    await watched.chat("hello", "child")
    await watched.chat("hello", "child")
    first, second = await watched.log.requests(2)
    load, queue = first["load_ms"], first["queue_ms"]
    assert isinstance(load, float) and isinstance(queue, float)
    assert 0 < load <= queue + 0.1
    assert "load_ms" not in second
    assert second["queue_ms"] == 0.0


async def test_the_line_names_the_key_by_its_public_id(watch: Watch) -> None:
    async with watch(api_keys=("sk-hidden",)) as watched:
        await watched.chat("hello", headers={"authorization": "Bearer sk-hidden"})
        await watched.chat("hello", headers={"authorization": "Bearer sk-foreign"})
        known, unknown = await watched.log.requests(2)
    assert known["key_id"] == "env-1"
    assert (unknown["status"], unknown["error"]) == (401, "invalid_api_key")
    assert "key_id" not in unknown
    assert not any("sk-" in line for line in watched.log.lines)


async def test_the_line_of_a_refused_request_names_the_error(watched: Watched) -> None:
    await watched.chat("hello", "nobody")
    (entry,) = await watched.log.requests()
    assert (entry["status"], entry["error"]) == (404, "model_not_found")


async def test_an_answer_that_breaks_is_an_error_though_its_status_was_sent(watched: Watched) -> None:
    response = await watched.chat("break", stream=True)
    assert response.status_code == 200
    (entry,) = await watched.log.requests()
    assert (entry["status"], entry["error"], entry["target"]) == (200, "engine_crashed", "inline")


async def test_a_failover_is_told_with_the_target_that_answered(watched: Watched) -> None:
    response = await watched.chat("hello", "careful")
    assert response.status_code == 200
    (entry,) = await watched.log.requests()
    assert (entry["profile"], entry["target"], entry["failovers"]) == ("careful", "inline", 1)


async def test_a_client_that_leaves_before_the_answer_has_a_status_of_its_own(watched: Watched) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await watched.http.post("/v1/chat/completions", json=asking("linger"), timeout=0.3)
    (entry,) = await watched.log.requests()
    assert (entry["status"], entry["target"]) == (499, "inline")


async def test_long_paths_are_cut_and_queries_are_not_logged(watched: Watched) -> None:
    await watched.http.get("/" + "x" * 5000 + "?key=hidden")
    (entry,) = await watched.log.requests()
    assert entry["path"] == "/" + "x" * (LOG_PATH_MAX_CHARS - 1)
    assert "hidden" not in watched.log.lines[-1]


@pytest.mark.parametrize("profile", ["chat", "child"])
async def test_the_clients_own_id_goes_to_the_engine_to_other_servers_and_back(
    watched: Watched, profile: str
) -> None:
    headers = {"x-request-id": "mine-1", "traceparent": TRACE}
    response = await watched.chat("hello", profile, headers=headers)
    assert response.headers["x-request-id"] == "mine-1"
    assert json.loads(response.json()["choices"][0]["message"]["content"]) == headers
    (said,) = [entry for entry in map(json.loads, watched.log.lines) if GREETING in entry["message"]]
    assert said["request_id"] == "mine-1"


@pytest.mark.parametrize("sent", ["", "two words", "x" * 129, 'say "hi"'])
async def test_an_id_that_could_break_a_log_is_replaced(watched: Watched, sent: str) -> None:
    response = await watched.chat("hello", headers={"x-request-id": sent})
    assert re.fullmatch("req_[0-9a-f]{32}", response.headers["x-request-id"])


async def test_a_trace_that_is_none_goes_nowhere(watched: Watched) -> None:
    response = await watched.chat("hello", headers={"traceparent": "00-secret-words-01"})
    assert list(json.loads(response.json()["choices"][0]["message"]["content"])) == ["x-request-id"]


async def test_requests_side_by_side_keep_their_ids_apart_in_one_child(watched: Watched) -> None:
    await asyncio.gather(*(watched.chat("hello", "child", headers={"x-request-id": f"r{n}"}) for n in range(20)))
    said = [entry for entry in map(json.loads, watched.log.lines) if GREETING in entry["message"]]
    assert sorted(str(entry["request_id"]) for entry in said) == sorted(f"r{n}" for n in range(20))


async def test_what_the_cache_does_later_belongs_to_no_request(watched: Watched) -> None:
    await watched.chat("hello", "child")
    await watched.chat("die", "child")
    (loaded, *_) = watched.log.entries("alive_core.cache.cache")
    assert "request_id" not in loaded
    assert all("request_id" not in entry for entry in watched.log.entries("alive_core.engines.child.host"))
