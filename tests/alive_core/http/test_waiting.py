"""Waiting for a model, through the front door: who leaves cancels what they caused, who stays hears how long."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from alive_core import Service
from alive_core.constants import MIB
from alive_core.http import stream as stream_module
from alive_core.operations.processes import identity
from alive_core.settings import Settings
from alive_core.testing.scripted import ScriptedAdapter
from alive_core.testing.server import Served, serving

WITHIN_S = 10.0
STEADY_LOAD_MS = 100.0
PROFILES = """
[profiles.quick]
task = "chat"
description = "Answers."
targets = ["quick"]

[profiles.single]
task = "chat"
description = "One after another, and one in line."
targets = ["single"]

[profiles.endless]
task = "chat"
description = "Loads for ever."
targets = ["endless"]

[profiles.steady]
task = "chat"
description = "Takes its time to load."
targets = ["steady"]

[profiles.early]
task = "chat"
description = "Loads for ever, from the start."
targets = ["early"]

[profiles.broken]
task = "chat"
description = "Should be there from the start, and cannot."
targets = ["broken"]

[profiles.pinned]
task = "chat"
description = "Stays."
targets = ["pinned"]

[profiles.large]
task = "chat"
description = "Needs the memory that another one keeps."
targets = ["large"]

[targets.quick]
adapter = "scripted"

[targets.single]
adapter = "scripted"
queue_limit = 1

[targets.endless]
adapter = "scripted"
engine = "child"
options = { load = "wait", load_steps = 1 }

[targets.steady]
adapter = "scripted"
options = { load_steps = 1, load_s = 0.11 }

[targets.early]
adapter = "scripted"
preload = true
options = { load = "wait", load_steps = 1 }

[targets.broken]
adapter = "scripted"
warm = true
options = { load = "fail" }

[targets.pinned]
adapter = "scripted"
pinned = true
preload = true
memory_bytes = 419430400

[targets.large]
adapter = "scripted"
memory_bytes = 419430400
"""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    (tmp_path / "profiles.toml").write_text(PROFILES)
    service = Service("scripted", "1.2.3", 0, {"scripted": ScriptedAdapter}, tmp_path)
    async with serving(service, settings=Settings(memory_budget=700 * MIB)) as served:
        yield served


@pytest.fixture
async def client(server: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{server.url}/v1", timeout=20) as http:
        yield http


def chat(model: str, script: str = "hello", **more: object) -> dict[str, object]:
    return {"model": model, "messages": [{"role": "user", "content": script}], **more}


def status(server: Served, target: str) -> tuple[str, int, int]:
    """State, leases and waiting requests of a target."""
    found = next(each for each in server.context.cache.snapshot() if each.target == target)
    return found.state, found.leases, found.waiting


async def until(server: Served, target: str, wanted: tuple[str, int, int]) -> None:
    """Return when `target` is as wanted."""
    async with asyncio.timeout(WITHIN_S):
        while status(server, target) != wanted:
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def asking(client: httpx.AsyncClient, body: dict[str, object]) -> AsyncIterator[None]:
    """A request under way while the block runs; its end is a client that hangs up."""
    request = asyncio.create_task(client.post("/chat/completions", json=body))
    try:
        yield
    finally:
        request.cancel()
        await asyncio.wait((request,))


@pytest.mark.parametrize("stream", [False, True])
async def test_p22_a_load_whose_only_client_left_is_cancelled_and_its_process_is_gone(
    client: httpx.AsyncClient, server: Served, stream: bool
) -> None:
    async with asking(client, chat("endless", stream=stream)):
        await until(server, "endless", ("loading", 0, 1))
        async with asyncio.timeout(WITHIN_S):
            while not (pids := _children()):
                await asyncio.sleep(0.005)
    await until(server, "endless", ("absent", 0, 0))
    assert [identity(pid) for pid in pids] == [None] * len(pids)


@pytest.mark.parametrize("stream", [False, True])
async def test_p22_a_client_that_leaves_the_line_frees_its_place_at_once(
    client: httpx.AsyncClient, server: Served, stream: bool
) -> None:
    async with asking(client, chat("single", "/wait")):
        await until(server, "single", ("ready", 1, 0))
        async with asking(client, chat("single", stream=stream)):
            await until(server, "single", ("ready", 1, 1))
            full = await client.post("/chat/completions", json=chat("single", stream=stream))
            assert (full.status_code, full.json()["error"]["code"]) == (429, "queue_full")
            assert int(full.headers["retry-after"]) >= 1
        await until(server, "single", ("ready", 1, 0))
    await until(server, "single", ("ready", 0, 0))


async def test_p17_a_stream_that_waits_tells_how_far_the_load_is_and_which_place_is_its_own(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "COMMENT_INTERVAL_S", 0.05)
    async with client.stream("POST", "/chat/completions", json=chat("early", stream=True)) as response:
        assert await anext(response.aiter_lines()) == ": loading 100 %, about 1 s left"
    async with (
        client.stream("POST", "/chat/completions", json=chat("single", "begun\n/wait", stream=True)) as first,
        client.stream("POST", "/chat/completions", json=chat("single", stream=True)) as second,
    ):
        assert first.status_code == 200
        assert await anext(second.aiter_lines()) == ": waiting, position 1"


async def test_a_server_answers_while_its_preloads_go_on_or_have_failed(
    client: httpx.AsyncClient, server: Served
) -> None:
    assert (await client.post("/chat/completions", json=chat("quick"))).status_code == 200
    await until(server, "early", ("loading", 0, 0))
    await until(server, "broken", ("cooling", 0, 0))
    refusal = await client.post("/chat/completions", json=chat("broken"))
    assert refusal.json()["error"]["code"] == "load_failed"
    assert int(refusal.headers["retry-after"]) >= 1


async def test_p14_memory_that_is_pinned_is_refused_with_what_is_missing_and_what_holds_it(
    client: httpx.AsyncClient, server: Served
) -> None:
    await until(server, "pinned", ("ready", 0, 0))
    refusal = await client.post("/chat/completions", json=chat("large"))
    error = refusal.json()["error"]
    assert (refusal.status_code, error["code"]) == (503, "insufficient_memory")
    assert "needs 228 MiB more memory" in error["message"]
    assert "464 MiB are pinned" in error["message"]
    assert int(refusal.headers["retry-after"]) >= 1


def _children() -> list[int]:
    return [int(pid) for task in Path("/proc/self/task").glob("*") for pid in (task / "children").read_text().split()]


async def test_the_log_line_of_a_request_tells_how_long_it_waited_and_how_much_of_that_was_a_load(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    lines: list[dict[str, float]] = []
    for count in (1, 2):
        await client.post("/chat/completions", json=chat("steady"))
        async with asyncio.timeout(WITHIN_S):
            while len(lines) < count:  # the line is written once the client has its answer
                await asyncio.sleep(0.005)
                lines = [vars(line) for line in caplog.records if "queue_ms" in vars(line)]
    first, second = lines
    assert STEADY_LOAD_MS <= first["load_ms"] <= first["queue_ms"]
    assert (second["load_ms"], second["queue_ms"]) == (0.0, 0.0)
