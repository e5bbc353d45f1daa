"""`/alive/status` and what operators do with models, through the front door."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from alive_core import Service
from alive_core.cache.book import Holder
from alive_core.cache.status import MemoryPicture
from alive_core.constants import GIB
from alive_core.http.status import memory_status
from alive_core.schemas.status import MemoryShare, ServerStatus
from alive_core.testing.scripted import ScriptedAdapter
from alive_core.testing.server import Served, serving

PROFILES = """
[profiles.chat]
task = "chat"
description = "Says what it is told."
targets = ["away", "slow", "second"]

[profiles.code]
task = "chat"
description = "The same, first by the second."
targets = ["second"]

[profiles.none]
task = "chat"
description = "Nothing serves it."
targets = ["away"]

[profiles.bad]
task = "chat"
description = "Fails to load."
targets = ["broken"]

[targets.away]
adapter = "scripted"
path = "/nowhere/model.gguf"

[targets.slow]
adapter = "scripted"
engine = "child"
parallel = 2
options = {{ load_steps = 4, load_s = {load_s}, journal = "{journal}" }}

[targets.second]
adapter = "scripted"
keep_alive_s = 60
memory_bytes = 1000

[targets.broken]
adapter = "scripted"
options = {{ load = "fail", load_steps = 2, load_s = {load_s} }}
"""


@pytest.fixture
def load_s() -> float:
    """How long a load takes, where a test watches it."""
    return 0.1


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
async def server(tmp_path: Path, journal: Path, load_s: float) -> AsyncIterator[Served]:
    (tmp_path / "profiles.toml").write_text(PROFILES.format(load_s=load_s, journal=journal))
    async with serving(Service("scripted", "1.2.3", 0, {"scripted": ScriptedAdapter}, tmp_path)) as served:
        yield served


@pytest.fixture
async def client(server: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as http:
        yield http


async def status_of(client: httpx.AsyncClient) -> ServerStatus:
    answer = await client.get("/alive/status")
    assert answer.status_code == 200
    return msgspec.json.decode(answer.content, type=ServerStatus)


async def model(client: httpx.AsyncClient, target: str) -> Any:
    return next(each for each in (await status_of(client)).models if each.target == target)


async def do(client: httpx.AsyncClient, profile: str, action: str, **body: Any) -> httpx.Response:
    return await client.post(f"/alive/models/{profile}/{action}", json=body)


async def talk(client: httpx.AsyncClient, words: str, **more: Any) -> httpx.Response:
    messages = [{"role": "user", "content": words}]
    return await client.post("/v1/chat/completions", json={"model": "chat", "messages": messages} | more)


async def until(client: httpx.AsyncClient, target: str, state: str) -> Any:
    """The model, once it is in this state."""
    async with asyncio.timeout(10):
        while (seen := await model(client, target)).state != state:
            await asyncio.sleep(0.01)
    return seen


def events_of(text: str) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [line if line == "[DONE]" else msgspec.json.decode(line) for line in lines]


async def test_it_names_the_server_its_profiles_and_every_target_once(
    client: httpx.AsyncClient, server: Served
) -> None:
    status = await status_of(client)
    port = int(server.url.rpartition(":")[2])
    assert (status.service, status.version, status.instance) == ("scripted", "1.2.3", f"scripted-{port}")
    assert status.pid == os.getpid()
    assert not status.draining
    assert 0 <= status.uptime_s < 60
    profiles = {each.profile: (each.state, each.serving, each.targets) for each in status.profiles}
    assert profiles["chat"] == ("idle", "slow", ["away", "slow", "second"])
    assert profiles["none"] == ("unavailable", None, ["away"])
    assert [each.target for each in status.models] == ["away", "slow", "second", "broken"]


async def test_a_target_tells_what_it_is_and_why_it_cannot_serve(client: httpx.AsyncClient) -> None:
    away, slow = await model(client, "away"), await model(client, "slow")
    assert (away.state, away.profiles) == ("unavailable", ["chat", "none"])
    assert "no file at /nowhere/model.gguf" in away.reason
    assert away.help
    assert (slow.state, slow.adapter, slow.engine, slow.parallel) == ("idle", "scripted", "child", 2)
    assert (slow.fingerprint, slow.leases, slow.waiting, slow.progress) == ("scripted", 0, 0, None)


async def test_a_load_answers_when_the_model_is_ready_and_is_measured(client: httpx.AsyncClient) -> None:
    answer = await client.post("/alive/models/chat/load")
    assert answer.status_code == 200
    report = answer.json()
    assert report["profile"] == "chat"
    (slow,) = report["models"]
    assert (slow["target"], slow["state"], slow["measured"]) == ("slow", "ready", True)
    assert slow["bytes"] > 0
    assert slow["load_s"] > 0
    status = await status_of(client)
    assert status.memory.used_bytes == slow["bytes"]
    assert status.memory.budget_bytes == GIB


@pytest.mark.parametrize("load_s", [1.5])
@pytest.mark.parametrize(
    "ask", [{"json": {"stream": True}}, {"headers": {"accept": "text/event-stream"}}], ids=["body", "header"]
)
async def test_a_load_tells_how_far_it_is_as_events(client: httpx.AsyncClient, ask: dict[str, Any]) -> None:
    answer = await client.post("/alive/models/chat/load", **ask)
    assert answer.headers["content-type"].startswith("text/event-stream")
    *reports, done = events_of(answer.text)
    assert done == "[DONE]"
    models = [report["models"][0] for report in reports]
    assert [each["state"] for each in models] == ["loading"] * (len(models) - 1) + ["ready"]
    shares = [each["progress"] for each in models if each["progress"] is not None]
    assert shares == sorted(shares)
    assert 0.0 < shares[-1] <= 1.0


async def test_a_model_that_is_loaded_answers_at_once(client: httpx.AsyncClient) -> None:
    await do(client, "code", "load")
    answer = await do(client, "code", "load", stream=True)
    (report, done) = events_of(answer.text)
    assert (report["models"][0]["state"], done) == ("ready", "[DONE]")


async def test_a_load_that_fails_is_an_error_and_the_reason_stands_in_the_status(client: httpx.AsyncClient) -> None:
    for body in ({}, {"stream": True}):
        answer = await do(client, "bad", "load", **body)
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "load_failed"
    broken = await model(client, "broken")
    assert (broken.state, broken.reason) == ("cooling_down", "The script says so.")
    assert 0 < broken.cooling_s <= 10


@pytest.mark.parametrize("load_s", [1.5])
async def test_a_load_that_fails_after_the_first_event_ends_the_stream_with_an_error(
    client: httpx.AsyncClient,
) -> None:
    answer = await do(client, "bad", "load", stream=True)
    assert answer.status_code == 200
    *reports, last = events_of(answer.text)
    assert reports
    assert last["error"]["code"] == "load_failed"


@pytest.mark.parametrize("load_s", [30.0])
async def test_a_client_that_leaves_takes_its_load_along(client: httpx.AsyncClient) -> None:
    for body in ({}, {"stream": True}):
        async with asyncio.TaskGroup() as group:
            load = group.create_task(do(client, "chat", "load", **body))
            loading = await until(client, "slow", "loading")
            assert loading.expected_s is None or loading.expected_s >= 0
            load.cancel()
        await until(client, "slow", "idle")


async def test_an_unload_gives_the_memory_back(client: httpx.AsyncClient, journal: Path) -> None:
    await do(client, "chat", "load")
    answer = await do(client, "chat", "unload")
    assert answer.status_code == 200
    assert [(each["target"], each["state"]) for each in answer.json()["models"]] == [
        ("slow", "closing"),
        ("second", "idle"),
    ]
    gone = await until(client, "slow", "idle")
    assert gone.leases == 0
    assert (await status_of(client)).memory.used_bytes == 0
    assert "close" in journal.read_text()


async def test_what_is_not_loaded_can_be_unloaded_again_and_again(client: httpx.AsyncClient) -> None:
    for _ in range(2):
        assert (await do(client, "code", "unload")).status_code == 200


async def test_a_model_in_use_is_not_unloaded_and_its_request_goes_on(client: httpx.AsyncClient) -> None:
    async with client.stream(
        "POST",
        "/v1/chat/completions",
        json={"model": "chat", "messages": [{"role": "user", "content": "/say here\n/wait"}], "stream": True},
    ) as talking:
        lines = talking.aiter_lines()
        while "here" not in await anext(lines):
            pass
        assert (await model(client, "slow")).leases == 1
        refused = await do(client, "chat", "unload")
        assert refused.status_code == 409
        assert refused.json()["error"]["code"] == "model_in_use"
        assert "1 requests use it" in refused.json()["error"]["message"]
        assert refused.headers["retry-after"]
        assert (await model(client, "slow")).state == "ready"


async def test_a_busy_target_does_not_keep_the_others_of_the_profile(client: httpx.AsyncClient) -> None:
    await do(client, "chat", "load")
    await do(client, "chat", "load", target="second")
    await do(client, "chat", "pin")
    assert (await do(client, "chat", "unload")).status_code == 409
    assert (await until(client, "second", "idle")).target == "second"
    assert (await model(client, "slow")).state == "ready"


async def test_a_pinned_model_stays_until_it_is_unpinned(client: httpx.AsyncClient) -> None:
    await do(client, "code", "load")
    (pinned,) = (await do(client, "code", "pin")).json()["models"]
    assert (pinned["target"], pinned["pinned"]) == ("second", True)
    assert "pinned" in (await do(client, "code", "unload")).json()["error"]["message"]
    (unpinned,) = (await do(client, "code", "unpin")).json()["models"]
    assert not unpinned["pinned"]
    assert (await do(client, "code", "unload")).status_code == 200


async def test_a_named_target_is_the_one_that_is_meant(client: httpx.AsyncClient) -> None:
    (loaded,) = (await do(client, "chat", "load", target="second")).json()["models"]
    assert (loaded["target"], loaded["state"]) == ("second", "ready")
    assert (await model(client, "slow")).state == "idle"


@pytest.mark.parametrize("action", ["load", "unload", "pin", "unpin"])
async def test_unknown_names_are_refused_with_those_that_exist(client: httpx.AsyncClient, action: str) -> None:
    unknown = await do(client, "nobody", action)
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "model_not_found")
    assert "chat, code, none, bad" in unknown.json()["error"]["message"]
    wrong = await do(client, "chat", action, target="away")
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "target")
    assert "Those that can: slow, second" in wrong.json()["error"]["message"]
    odd = await do(client, "chat", action, force=True)
    assert (odd.status_code, odd.json()["error"]["param"]) == (400, "force")


@pytest.mark.parametrize(("action", "status"), [("load", 503), ("pin", 503), ("unload", 200), ("unpin", 200)])
async def test_a_profile_that_nothing_serves(client: httpx.AsyncClient, action: str, status: int) -> None:
    answer = await do(client, "none", action)
    assert answer.status_code == status
    if status == 200:
        assert answer.json() == {"profile": "none", "models": []}
    else:
        assert "no file at" in answer.json()["error"]["message"]


async def test_what_waits_in_line_is_seen(client: httpx.AsyncClient) -> None:
    async with asyncio.TaskGroup() as group:
        talks = [group.create_task(talk(client, "/wait")) for _ in range(3)]
        async with asyncio.timeout(10):
            while (seen := await model(client, "slow")).waiting != 1 or seen.leases != 2:
                await asyncio.sleep(0.01)
        for each in talks:
            each.cancel()
    assert seen.queue_limit > 0


async def test_it_answers_in_a_few_ms_whatever_is_loading(client: httpx.AsyncClient) -> None:
    async with asyncio.TaskGroup() as group:
        load = group.create_task(do(client, "chat", "load"))
        await status_of(client)
        spans = []
        for _ in range(20):
            began = time.perf_counter()
            await status_of(client)
            spans.append(time.perf_counter() - began)
        await load
    assert sorted(spans)[len(spans) // 2] < 0.05


def test_what_other_servers_hold_is_named_with_its_owner() -> None:
    holder = Holder("providers_server", 77, "mini", 30, is_loading=True)
    memory = memory_status(MemoryPicture(budget=100, room=60, used=25, others=(holder,)))
    assert (memory.budget_bytes, memory.used_bytes, memory.others_bytes, memory.available_bytes) == (100, 25, 30, 35)
    assert memory.others == [MemoryShare(service="providers_server", pid=77, target="mini", bytes=30, loading=True)]
    assert memory_status(MemoryPicture(100, 20, 25, ())).available_bytes == 0
