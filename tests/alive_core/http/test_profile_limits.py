"""Limits of a profile, through the front door."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from alive_core.service import Service
from alive_core.testing.server import client
from support.fake_server import FakeAdapter

PROFILES = """
[profiles.chat]
task = "chat"
description = "Talks, in short."
targets = ["able"]
limits = { max_tokens = 100, body_bytes = 2000, schema_bytes = 300 }

[profiles.free]
task = "chat"
description = "Talks."
targets = ["able"]

[targets.able]
adapter = "fake"
"""


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    (tmp_path / "profiles.toml").write_text(PROFILES)
    async with client(Service("short_server", "1.0.0", 0, {"fake": FakeAdapter}, tmp_path)) as http:
        yield http


async def ask(http: httpx.AsyncClient, model: str, words: str = "hello", **more: object) -> httpx.Response:
    messages = [{"role": "user", "content": words}]
    return await http.post("/v1/chat/completions", json={"model": model, "messages": messages, **more})


@pytest.mark.parametrize("lenient", [False, True], ids=["strict", "lenient"])
async def test_what_is_over_a_limit_is_refused_and_never_cut(http: httpx.AsyncClient, lenient: bool) -> None:
    more: dict[str, object] = {"unknown": 1, "alive": {"lenient": True}} if lenient else {}
    tools = [{"type": "function", "function": {"name": "f", "description": "x" * 400}}]
    for over, status, param in (
        ({"max_tokens": 101}, 400, "max_tokens"),
        ({"words": "a" * 2000}, 413, None),
        ({"tools": tools}, 400, "tools"),
    ):
        answer = await ask(http, "chat", **(more | over))  # type: ignore[arg-type]  # one of them is the words
        assert answer.status_code == status
        assert answer.json()["error"]["param"] == param
        assert (await ask(http, "free", **(more | over))).status_code == 200  # type: ignore[arg-type]
    assert (await ask(http, "chat", max_tokens=100, **more)).status_code == 200


async def test_a_response_is_held_to_the_same_limits(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/responses", json={"model": "chat", "input": "hello", "max_output_tokens": 101})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "max_output_tokens")
