"""Small real models with random weights, made once per test run."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from alive_core.engines.engine import Engine
from alive_core.engines.start import start_engine
from alive_core.profiles.profile import Target
from command_server.adapters.llamacpp import LlamaCppAdapter
from support.random_model import PLAIN_TEMPLATE, SLOW, SMALL, THINKING_TEMPLATE, ModelShape, write_random_model

Loaded = Callable[..., AbstractAsyncContextManager[LlamaCppAdapter]]
InChild = Callable[[Path], AbstractAsyncContextManager[Engine]]

# The machine decides how long an example takes; a slow one is no failure.
settings.register_profile("alive", deadline=None)
settings.load_profile("alive")


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random_model(tmp_path_factory.mktemp("models") / "small.gguf", SMALL)


@pytest.fixture(scope="session")
def slow_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random_model(tmp_path_factory.mktemp("models") / "slow.gguf", SLOW)


@pytest.fixture(scope="session")
def plain_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its chat template knows no tools."""
    shape = ModelShape(template=PLAIN_TEMPLATE)
    return write_random_model(tmp_path_factory.mktemp("models") / "plain.gguf", shape)


@pytest.fixture(scope="session")
def thinking_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It may think before it acts."""
    shape = ModelShape(template=THINKING_TEMPLATE)
    return write_random_model(tmp_path_factory.mktemp("models") / "thinking.gguf", shape)


@pytest.fixture(scope="session")
def text_marker_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its segment markers are ordinary tokens, as in some conversions of Command R7B."""
    shape = ModelShape(markers_are_control=False)
    return write_random_model(tmp_path_factory.mktemp("models") / "text-markers.gguf", shape)


@pytest.fixture
def loaded() -> Loaded:
    """`async with loaded(path) as adapter`: a model that is loaded here and closed afterwards."""

    @asynccontextmanager
    async def load(path: Path, *, parallel: int = 2, context: int = 2048) -> AsyncIterator[LlamaCppAdapter]:
        adapter = await LlamaCppAdapter.load(_target(path, parallel=parallel, context=context))
        try:
            yield adapter
        finally:
            await adapter.close()

    return load


@pytest.fixture
def in_child() -> InChild:
    """`async with in_child(path) as engine`: the same in a process of its own, which may have any vocabulary."""

    @asynccontextmanager
    async def start(path: Path) -> AsyncIterator[Engine]:
        engine = await start_engine(LlamaCppAdapter, _target(path, engine="child", parallel=2, context=2048))
        try:
            yield engine
        finally:
            await engine.close()

    return start


def _target(path: Path, **fields: Any) -> Target:
    options = {"threads": 1}  # tests share the machine with each other
    return Target(adapter="llamacpp", name="test", path=str(path), options=options, **fields)
