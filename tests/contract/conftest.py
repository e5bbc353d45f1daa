"""A real server whose engine is a fake, and its own description of itself."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.fake_server import fake_server


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with fake_server(tmp_path) as url, httpx.AsyncClient(base_url=url, timeout=20) as http:
        yield http


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A server that wants the key `secret`, and a client that does not send it by itself."""
    async with fake_server(tmp_path, "secret") as url, httpx.AsyncClient(base_url=url, timeout=20) as http:
        yield http


@pytest.fixture
async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    """What the server says about itself."""
    answer = await client.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()
