"""A real server whose engine is a fake, and its own description of itself."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from alive_core.testing.server import Served
from support.described import Described
from support.fake_server import fake_server


@pytest.fixture
async def fake(tmp_path: Path) -> AsyncIterator[Served]:
    async with fake_server(tmp_path) as running:
        yield running


@pytest.fixture
async def client(fake: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=fake.url, timeout=20) as http:
        yield http


@pytest.fixture
def threaded(fake: Served) -> Iterator[httpx.Client]:
    """A client for a thread beside the test, which the fake server shares its own with."""
    with httpx.Client(base_url=fake.url, timeout=20) as http:
        yield http


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A server that wants the key `secret`, and a client that does not send it by itself."""
    async with (
        fake_server(tmp_path, "secret") as running,
        httpx.AsyncClient(base_url=running.url, timeout=20) as http,
    ):
        yield http


@pytest.fixture
async def described(client: httpx.AsyncClient) -> Described:
    """What the server says about itself."""
    return Described((await client.get("/openapi.json")).json())
