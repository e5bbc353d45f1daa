"""Engines around the scripted adapter: what a message says is what the engine does."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from alive_core.adapters.protocols import Adapter
from alive_core.engines.child.host import ChildEngine
from alive_core.engines.child.supervision import Patience
from alive_core.engines.engine import Engine
from alive_core.engines.start import start_engine
from alive_core.profiles.profile import EnginePlace, Target
from alive_core.testing.scripted import ScriptedAdapter

StartEngine = Callable[..., Awaitable[Engine]]
StartChild = Callable[..., Awaitable[ChildEngine]]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """What the adapter saw, a line each."""
    return tmp_path / "journal"


@pytest.fixture(params=["inline", "child"])
def place(request: pytest.FixtureRequest) -> EnginePlace:
    """Each test that asks for it runs twice: everything must be the same in both places."""
    place: EnginePlace = request.param
    return place


@pytest.fixture
async def start(place: EnginePlace, journal: Path) -> AsyncIterator[StartEngine]:
    """Start an engine in `place`, with options for the script; it is closed after the test."""
    async with AsyncExitStack() as stack:

        async def start(adapter: type[Adapter] = ScriptedAdapter, **options: str | int) -> Engine:
            if adapter is ScriptedAdapter:
                options = {"journal": str(journal), **options}
            target = Target("scripted", name="actor", engine=place, options=dict(options))
            engine = await start_engine(adapter, target)
            stack.push_async_callback(engine.close)
            return engine

        yield start


@pytest.fixture
async def start_child(journal: Path) -> AsyncIterator[StartChild]:
    """Start a child engine that counts as hung after `stall_s`; it is closed after the test."""
    async with AsyncExitStack() as stack:

        async def start(stall_s: float = 60.0, **options: str | float) -> ChildEngine:
            target = Target("scripted", name="actor", options={"journal": str(journal), **options})
            engine = await ChildEngine.start(ScriptedAdapter, target, patience=Patience(stall_s=stall_s, close_s=2.0))
            stack.push_async_callback(engine.close)
            return engine

        yield start
