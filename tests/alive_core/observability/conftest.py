"""A real server around an adapter that logs and fails, in this process and in a child."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import pytest

from alive_core import Service
from alive_core.settings import Settings
from alive_core.testing.server import TEST_SETTINGS, serving
from support.watched import Log, Watch, Watched, telltale


@pytest.fixture
def log() -> Iterator[Log]:
    root = logging.getLogger()
    handler, level = Log(), root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return telltale(tmp_path)


@pytest.fixture
def watch(service: Service, log: Log) -> Watch:
    """Serve with these settings while a block runs."""

    @asynccontextmanager
    async def watch(**settings: object) -> AsyncIterator[Watched]:
        chosen: Settings = msgspec.structs.replace(TEST_SETTINGS, **settings)
        async with serving(service, settings=chosen) as served, httpx.AsyncClient(base_url=served.url) as http:
            yield Watched(served, http, log)

    return watch


@pytest.fixture
async def watched(watch: Watch) -> AsyncIterator[Watched]:
    async with watch() as watched:
        yield watched
