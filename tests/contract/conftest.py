"""What contract tests talk to.

A server whose engine is a fake, with its own description of itself; and the official clients of the real servers,
each with a witness who judges every answer it gets.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import httpx2
import pytest
from openai import AsyncOpenAI, OpenAI

from alive_core.testing.server import Served
from support.described import Described
from support.fake_server import fake_server
from support.servers import Server
from support.witness import Watched, WatchedAsync, Witness


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


@pytest.fixture
def witness() -> Iterator[Witness]:
    """Judges every answer of the official clients; what was wrong fails the test at its end."""
    witness = Witness()
    yield witness
    assert not witness.complaints, "\n".join(witness.complaints)
    assert witness.judged, "no answer was seen"


@pytest.fixture
def command(command_server: Server, witness: Witness) -> Iterator[OpenAI]:
    with official(command_server, witness) as openai:
        yield openai


@pytest.fixture
def scripted(scripted_server: Server, witness: Witness) -> Iterator[OpenAI]:
    with official(scripted_server, witness) as openai:
        yield openai


@pytest.fixture
def providers(providers_server: Server, witness: Witness) -> Iterator[OpenAI]:
    with official(providers_server, witness) as openai:
        yield openai


@pytest.fixture
async def scripted_async(scripted_server: Server, witness: Witness) -> AsyncIterator[AsyncOpenAI]:
    http = httpx2.AsyncClient(transport=WatchedAsync(witness))
    async with AsyncOpenAI(base_url=scripted_server.api, api_key="any", max_retries=0, http_client=http) as openai:
        yield openai


@pytest.fixture
async def command_async(command_server: Server, witness: Witness) -> AsyncIterator[AsyncOpenAI]:
    http = httpx2.AsyncClient(transport=WatchedAsync(witness))
    async with AsyncOpenAI(base_url=command_server.api, api_key="any", max_retries=0, http_client=http) as openai:
        yield openai


def official(server: Server, witness: Witness) -> OpenAI:
    """The official client of a server, with a witness; it does not retry unless told to."""
    http = httpx2.Client(transport=Watched(witness))
    return OpenAI(base_url=server.api, api_key="any", max_retries=0, http_client=http)
