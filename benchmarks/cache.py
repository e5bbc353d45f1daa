"""What the cache adds: to a switch between models, to a load, to a crash, and to a place on a loaded model.

Each figure stands beside its peer in the same run: the same requests without switching, the same engine loaded
without the cache. Weights are random; the embedding model is the one that serves.
"""

import asyncio
import contextlib
import itertools
import os
import signal
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Iterator
from pathlib import Path

import msgspec
import uvloop

from alive_core.adapters.events import ChoiceFinished, Event, Finished, TextDelta, Usage
from alive_core.adapters.jobs import CompleteJob, Job, Sampling
from alive_core.adapters.protocols import Adapter
from alive_core.cache.cache import ModelCache, OnProgress
from alive_core.cache.ledger import Ledger
from alive_core.catalog.entry import load_catalogue
from alive_core.catalog.store import Store
from alive_core.constants import GIB
from alive_core.engines.child.host import ChildEngine
from alive_core.engines.engine import Engine
from alive_core.engines.start import start_engine
from alive_core.profiles.profile import Target
from alive_core.utils.paths import cache_dir
from benchmarks.figure import Figure, spread
from command_server.adapters.llamacpp import LlamaCppAdapter
from providers_server.adapters.onnx_embed import OnnxEmbedAdapter
from providers_server.main import SERVICE as PROVIDERS
from support.random_model import BENCHMARK, SLOW, write_random_model

ROUNDS = 7
SWITCHES = 100
ACQUIRES = 100_000
MODELS = 8
PLACES = 4
WAITERS = 1000
EMBED_MODEL = "all-minilm-l6-v2"


def figures() -> Iterator[Figure]:
    """From the smallest cost to the largest."""
    yield from uvloop.run(_places())
    with tempfile.TemporaryDirectory() as folder:
        slow = _llama(write_random_model(Path(folder) / "slow.gguf", SLOW), "slow")
        large = _llama(write_random_model(Path(folder) / "large.gguf", BENCHMARK), "large")
        yield uvloop.run(_switching(slow, msgspec.structs.replace(slow, name="other")))
        yield uvloop.run(_loading(LlamaCppAdapter, large, "llama.cpp, 400 M parameters", add_ms=150))
        yield uvloop.run(_loading(OnnxEmbedAdapter, _embed(), "ONNX", add_ms=400))
        yield uvloop.run(_cancelling(slow))
        yield uvloop.run(_crashing(large))


# --- A place on a loaded model -----------------------------------------------------------------------------


class _Instant:
    """An engine that costs nothing, so that only the cache is measured."""

    is_alive = True

    async def run(self, job: Job) -> AsyncGenerator[Event, None]:
        yield Finished(Usage(0))

    async def wait_ended(self) -> None:
        await asyncio.Event().wait()

    def gpu_bytes(self) -> int | None:
        return None

    def memory_bytes(self) -> int | None:
        return 1

    async def close(self) -> None:
        """Nothing to free."""


async def _places() -> list[Figure]:
    """Many callers share a few places of several loaded models; then one caller beside many who wait for a load."""
    never = asyncio.Event()

    async def start(target: Target, on_progress: OnProgress) -> Engine:
        if target.name == "loading":
            await never.wait()
        return _Instant()

    targets = [Target(adapter="none", name=f"model-{number}", parallel=PLACES) for number in range(MODELS)]
    async with ModelCache(start, Ledger(GIB), time.monotonic) as cache:
        for target in targets:
            async with cache.acquire(target):
                pass
        shared = await _rate_of_many(cache, targets)
        beside = await _rate_beside_waiters(cache, targets[0])
    return [
        Figure(f"acquires of loaded models, {WAITERS} callers in line", shared, "1/s", 50_000, "at least"),
        Figure(f"acquires beside {WAITERS // 4} who come, wait and leave", beside, "1/s", 50_000, "at least"),
    ]


async def _rate_of_many(cache: ModelCache, targets: list[Target]) -> float:
    """Every caller holds its place over a turn of the loop, so that the others really queue."""
    left = itertools.count(ACQUIRES, -1)

    async def churn(target: Target) -> None:
        while next(left) > 0:
            async with cache.acquire(target):
                await asyncio.sleep(0)

    began = time.perf_counter()
    await asyncio.gather(*(churn(targets[number % len(targets)]) for number in range(WAITERS)))
    return ACQUIRES / (time.perf_counter() - began)


async def _rate_beside_waiters(cache: ModelCache, target: Target) -> float:
    """One waiter for a model that never loads leaves, and another comes, for every hundred acquires."""
    absent = Target(adapter="none", name="loading")

    async def wait() -> None:
        async with cache.acquire(absent):
            pass

    waiting = [asyncio.create_task(wait()) for _ in range(WAITERS // 4)]
    await asyncio.sleep(0)
    began = time.perf_counter()
    for number in range(ACQUIRES):
        if not number % 100:
            waiting.pop(0).cancel()
            waiting.append(asyncio.create_task(wait()))
            await asyncio.sleep(0)
        async with cache.acquire(target):
            pass
    rate = ACQUIRES / (time.perf_counter() - began)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    return rate


# --- Real engines ------------------------------------------------------------------------------------------


def _llama(path: Path, name: str) -> Target:
    return Target(adapter="llamacpp", name=name, path=str(path), engine="child", context=2048)


def _embed() -> Target:
    path = Store(cache_dir(os.environ)).find(load_catalogue(PROVIDERS.catalogue)[EMBED_MODEL])
    assert path is not None, "run `task install` first"
    return Target(adapter="onnx-embed", name="embed", path=str(path), engine="child")


def _cache(adapter: type[Adapter], started: list[Engine] | None = None) -> ModelCache:
    async def start(target: Target, on_progress: OnProgress) -> Engine:
        engine = await start_engine(adapter, target, on_progress=on_progress)
        if started is not None:
            started.append(engine)
        return engine

    return ModelCache(start, Ledger(8 * GIB), time.monotonic)


async def _switching(one: Target, two: Target) -> Figure:
    """Two short completions on one loaded model, then two on another: the first of a pair against the second."""
    firsts, seconds = [], []
    async with _cache(LlamaCppAdapter) as cache:
        for target in (one, two):
            await _complete(cache, target)
        for number in range(SWITCHES):
            for times in (firsts, seconds):
                times.append(1000 * await _seconds(_complete(cache, (one, two)[number % 2])))
    later = statistics.median(firsts) - statistics.median(seconds)
    note = f"{statistics.median(seconds):.3g} ms without"
    return Figure("a request after a switch of loaded models, later", later, "ms", 1, note=note)


async def _loading(adapter: type[Adapter], target: Target, name: str, *, add_ms: float) -> Figure:
    """From an empty cache to a lease, against the adapter alone in this process; the model's files are warm."""

    async def bare() -> None:
        await (await adapter.load(target)).close()

    async def through_cache() -> None:
        async with _cache(adapter) as cache:
            began = time.perf_counter()
            async with cache.acquire(target):
                took.append(time.perf_counter() - began)

    took: list[float] = []
    direct: list[float] = []
    await bare()
    for _ in range(ROUNDS):  # by turns, so that whatever else the machine does meets both
        direct.append(await _seconds(bare()))
        await through_cache()
    alone, ours = statistics.median(direct), statistics.median(took)
    goal = 1.1 * alone * 1000 + add_ms
    note = f"alone {alone * 1000:.0f} ms; {spread([seconds * 1000 for seconds in took])}"
    return Figure(f"load through the cache, {name}", ours * 1000, "ms", round(goal), note=note)


async def _cancelling(target: Target) -> Figure:
    """From leaving in the middle of an answer to an engine that takes the next job at once."""
    times = []
    async with _cache(LlamaCppAdapter) as cache:
        for _ in range(ROUNDS):
            async with cache.acquire(target) as engine:
                events = engine.run(_job(tokens=500))
                async for event in events:
                    if isinstance(event, TextDelta):
                        break
                began = time.perf_counter()
                await events.aclose()
            times.append((time.perf_counter() - began) * 1000)
    return Figure("cancel in mid-answer to engine idle", statistics.median(times), "ms", 100, note=spread(times))


async def _crashing(target: Target) -> Figure:
    """From `kill -9` of the engine to a lease on the next one, against the adapter's load alone."""
    started: list[Engine] = []
    times, direct = [], []
    async with _cache(LlamaCppAdapter, started) as cache:
        for _ in range(ROUNDS):
            await _complete(cache, target)
            engine = started[-1]
            assert isinstance(engine, ChildEngine)
            os.kill(engine.pid, signal.SIGKILL)
            began = time.perf_counter()
            await engine.wait_ended()
            async with cache.acquire(target):
                times.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            adapter = await LlamaCppAdapter.load(target)
            direct.append((time.perf_counter() - began) * 1000)
            await adapter.close()
    alone = statistics.median(direct)
    note = f"bare load {alone:.0f} ms; {spread(times)}"
    return Figure("crash to serving again", statistics.median(times), "ms", round(alone + 400), note=note)


async def _complete(cache: ModelCache, target: Target) -> None:
    async with cache.acquire(target) as engine, contextlib.aclosing(engine.run(_job(tokens=1))) as events:
        async for event in events:
            assert not isinstance(event, ChoiceFinished) or event.reason


def _job(*, tokens: int) -> CompleteJob:
    return CompleteJob(id="bench", prompts=("The sea is",), sampling=Sampling(max_tokens=tokens, temperature=0.0))


async def _seconds(work: Awaitable[None]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began
