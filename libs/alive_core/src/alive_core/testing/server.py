"""A real server on a free port, inside the test's own event loop: real sockets, gone at the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from alive_core.assembly import assemble, assemble_roster
from alive_core.constants import DEFAULT_HOST, GIB
from alive_core.http.app import create_app
from alive_core.http.context import Context
from alive_core.server import open_socket, serve_until, url_of
from alive_core.service import Service
from alive_core.settings import Settings

TEST_SETTINGS = Settings(memory_budget=GIB)
CLIENT_TIMEOUT_S = 30.0  # a test's request that takes longer hangs


class Served:
    """A running server: where clients reach it, and its insides for assertions."""

    def __init__(self, url: str, context: Context) -> None:
        self.url, self.context = url, context

    @property
    def api(self) -> str:
        """What an OpenAI client takes as `base_url`."""
        return f"{self.url}/v1"


@asynccontextmanager
async def serving(
    service: Service, *, settings: Settings = TEST_SETTINGS, state: Path | None = None
) -> AsyncIterator[Served]:
    """Serve `service` on a free port while the block runs; leaving it drains and unloads everything.

    What it stores lies in `state`; without one, in a folder that is gone at the end, never in the user's own.
    """
    with closing(open_socket(DEFAULT_HOST, 0)) as listener, TemporaryDirectory() as own:
        folder = state or Path(own)
        roster = assemble_roster(service, service.profiles, state=folder)
        async with assemble(service, roster, settings, state=folder) as context:
            drain = asyncio.Event()
            work = asyncio.ensure_future(serve_until(create_app(context), listener, drain))
            try:
                yield Served(url_of(listener), context)
            finally:
                context.drain()
                drain.set()
                await work


@asynccontextmanager
async def client(service: Service, *, settings: Settings = TEST_SETTINGS) -> AsyncIterator[httpx.AsyncClient]:
    """Serve `service` on a free port and yield an HTTP client of it: `await http.get("/v1/models")`.

    The first key of `settings`, where there is one, goes with every request.
    """
    headers = {"authorization": f"Bearer {settings.api_keys[0]}"} if settings.api_keys else {}
    async with (
        serving(service, settings=settings) as served,
        httpx.AsyncClient(base_url=served.url, headers=headers, timeout=CLIENT_TIMEOUT_S) as http,
    ):
        yield http
