"""The real ModelCache under every kind of event, in any order, held against what must always be true.

Hypothesis drives `CacheMachine` in the tests; `task soak:cache` drives it with a million random operations.
The engines are fakes, the clock is turned by hand, and loads end when the machine says so. Between two operations
everything that can run has run.
"""

import asyncio
import logging
import random
import sys
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from functools import partial

from alive_core.adapters.events import Event, Finished, Usage
from alive_core.adapters.jobs import Job
from alive_core.cache.book import Holder
from alive_core.cache.cache import ModelCache, OnProgress
from alive_core.cache.ledger import Ledger
from alive_core.cache.plan import LoadWish
from alive_core.constants import LOAD_COOLDOWN_S
from alive_core.errors import AliveError, LoadFailed, ModelInUse
from alive_core.profiles.profile import Target

BUDGET = 100
GPU_BUDGET = 50
SIZES = (0, 20, 30, 30, 45, 60, 101)
"""Of the models, in bytes: one takes none, most fit together in some ways, one never fits."""
GPU_SIZES = (0, 0, 40, 0, 30, 20, 0)
PARALLEL = (3, 1, 2, 3, 1, 2, 1)
KEEP_ALIVE_S = (30.0, 0.0, 5.0, 30.0, 5.0, 30.0, 30.0)
MIN_LOADED_S = (0.0, 0.0, 5.0, 0.0, 1.0, 5.0, 0.0)
WARM = (False, False, False, True, False, False, False)
PRELOAD = (False, True, False, False, False, False, True)
"""One of them can never be loaded."""
CALLERS = 12
SETTLING_TURNS = 60
WAITS = (None, None, None, 0.0)
WISHES: tuple[LoadWish, ...] = ("load", "load", "load", "wait", "if_loaded")


class FakeEngine:
    """An engine that lives until it is closed or crashes; closing takes as long as the machine likes."""

    def __init__(self, size: int, ready_since: float, on_close: Callable[["FakeEngine"], None]) -> None:
        self.size, self.ready_since, self._on_close = size, ready_since, on_close
        self.ended = asyncio.Event()
        self.may_close = asyncio.Event()
        self.is_closed = False

    @property
    def is_alive(self) -> bool:
        return not self.ended.is_set()

    async def run(self, job: Job) -> AsyncGenerator[Event, None]:
        yield Finished(Usage(0))

    async def wait_ended(self) -> None:
        await self.ended.wait()

    def gpu_bytes(self) -> int | None:
        return None

    def memory_bytes(self) -> int | None:
        return self.size if self.is_alive else None

    async def close(self) -> None:
        if self.is_alive:
            self._on_close(self)
        self.ended.set()
        await self.may_close.wait()
        self.is_closed = True


@dataclass(eq=False)
class Load:
    """A load under way."""

    target: Target
    outcome: "asyncio.Future[FakeEngine]"


@dataclass(eq=False)
class Caller:
    """Somebody who wants a model, holds it until told to let go, and remembers how it ended."""

    target: Target
    task: "asyncio.Task[None] | None" = None
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    engine: FakeEngine | None = None
    error: AliveError | None = None

    @property
    def is_waiting(self) -> bool:
        return self.task is not None and not self.task.done() and self.engine is None


class CacheMachine:
    """One cache, and everything that may happen to it. Every operation leaves it settled and checked."""

    def __init__(self) -> None:
        self.now = 0.0
        self.ledger = Ledger(BUDGET, gpu=lambda: None)
        self.ledger.gpu_room = GPU_BUDGET
        self.cache = ModelCache(self._start, self.ledger, lambda: self.now)
        self.targets = [
            Target(
                adapter="fake",
                name=f"m{number}",
                parallel=PARALLEL[number],
                keep_alive_s=KEEP_ALIVE_S[number],
                min_loaded_s=MIN_LOADED_S[number],
                warm=WARM[number],
                preload=PRELOAD[number],
                gpu_bytes=GPU_SIZES[number] or None,
            )
            for number in range(len(SIZES))
        ]
        for target, size in zip(self.targets, SIZES, strict=True):
            self.ledger.record(target, size)
        self.loads: list[Load] = []
        self.engines: list[tuple[Target, FakeEngine]] = []
        self.callers: list[Caller] = []
        self.started = 0
        self.pinned: set[str] = set()
        self.unloaded: set[str] = set()
        """What an operator has just unloaded."""
        self.evicted_wrongly: list[str] = []
        self.is_ending = False

    # --- What may happen ---------------------------------------------------------------------------------

    async def request(self, model: int, wish: LoadWish = "load", max_wait_s: float | None = None) -> None:
        """Somebody asks for a model."""
        if len(self.callers) == CALLERS:
            return
        is_short, before = self.cache._is_memory_short, self.overtaken()
        caller = Caller(self.targets[model])
        caller.task = asyncio.ensure_future(self._call(caller, wish, max_wait_s))
        self.callers.append(caller)
        await self.settle()
        after = self.overtaken()
        delays = SIZES[model] and f"m{model}" not in self.pinned
        if is_short and delays and caller.engine is not None and before.keys() == after.keys():
            assert before != after, "somebody who waits for memory was overtaken, and it was not counted"

    async def leave(self, who: int) -> None:
        """A caller is cancelled, wherever it stands."""
        if self.callers:
            task = self.callers[who % len(self.callers)].task
            assert task is not None
            task.cancel()
        await self.settle()

    async def finish(self, who: int) -> None:
        """A caller that holds a model gives it back."""
        holding = [caller for caller in self.callers if caller.engine is not None]
        if holding:
            holding[who % len(holding)].let_go.set()
        await self.settle()

    async def finish_and_leave(self, who: int, other: int) -> None:
        """Both in the same turn: a place is handed on to somebody who is being cancelled."""
        holding = [caller for caller in self.callers if caller.engine is not None]
        waiting = [caller for caller in self.callers if caller.is_waiting]
        if holding and waiting:
            holding[who % len(holding)].let_go.set()
            await asyncio.sleep(0)
            task = waiting[other % len(waiting)].task
            assert task is not None
            task.cancel()
        await self.settle()

    async def end_load(self, which: int, *, fails: bool = False, grows: int = 0) -> None:
        """A load ends well, with some more memory than was expected, or fails."""
        if self.loads:
            load = self.loads[which % len(self.loads)]
            if fails:
                load.outcome.set_exception(LoadFailed("It failed."))
            else:
                size = SIZES[int(load.target.name[1:])]
                size += min(grows, max(self.ledger.room - self.cache_size(), 0)) if size else 0
                load.outcome.set_result(self._engine(load.target, size))
        await self.settle()

    async def crash(self, which: int) -> None:
        """An engine ends on its own."""
        living = [engine for _, engine in self.engines if engine.is_alive]
        if living:
            living[which % len(living)].ended.set()
        await self.settle()

    async def close_engine(self, which: int) -> None:
        """An engine that was asked to end is gone."""
        ending = [engine for _, engine in self.engines if not engine.is_alive and not engine.may_close.is_set()]
        if ending:
            ending[which % len(ending)].may_close.set()
        await self.settle()

    async def pass_time(self, seconds: float) -> None:
        """The clock goes on, and the cache looks at it."""
        self.now += seconds
        self.cache.tick()
        await self.settle()

    async def other_programs_take(self, size: int) -> None:
        """Memory gets short, or plenty again, for reasons outside."""
        self.ledger.room = self.ledger.budget = max(BUDGET - size, self.cache_size())
        self.cache.tick()
        await self.settle()

    async def start(self) -> None:
        """The server starts, and wishes some models loaded."""
        self.cache.keep(self.targets)
        await self.settle()

    async def pin(self, model: int) -> None:
        """An operator pins a model, or unpins it where it is pinned; never so many that nothing else fits."""
        target = self.targets[model]
        if target.name in self.pinned:
            self.pinned.remove(target.name)
            self.cache.unpin(target)
        elif not self.pinned:
            self.pinned.add(target.name)
            self.cache.pin(target)
        await self.settle()

    async def unload(self, model: int) -> None:
        """An operator unloads a model, which is refused where it is in use."""
        target, status = self.targets[model], self.cache.status_of(self.targets[model])
        self.unloaded.add(target.name)
        try:
            self.cache.unload(target)
        except ModelInUse:
            assert status.leases or status.waiting or status.pinned, "an unload was refused without a reason"
        else:
            assert not status.leases, "a model in use was unloaded"
        await self.settle()
        self.unloaded.clear()

    async def load(self, model: int) -> None:
        """An operator wants a model loaded, and waits for it."""
        if len(self.callers) < CALLERS:
            caller = Caller(self.targets[model])
            caller.task = asyncio.ensure_future(self._load(caller))
            self.callers.append(caller)
        await self.settle()

    async def calm_down(self) -> None:
        """Nothing new comes, and everything under way ends: then nobody may be left waiting for a load."""
        for _ in range(4 * CALLERS):
            for load in list(self.loads):
                load.outcome.set_result(self._engine(load.target, SIZES[int(load.target.name[1:])]))
            for _, engine in self.engines:
                if not engine.is_alive:
                    engine.may_close.set()
            for caller in self.callers:
                caller.let_go.set()
            await self.pass_time(max(MIN_LOADED_S))
        starving = [waiter for waiter in self.cache._queue if waiter.wish == "load"]
        assert not starving, f"somebody starves: {starving}"

    async def end(self) -> None:
        """The server stops: whoever waits is refused, whoever holds gives back, and nothing is left."""
        self.is_ending = True
        closing = asyncio.ensure_future(self.cache.close())
        for _ in range(3):
            await self._turn()
            for _, engine in self.engines:
                engine.may_close.set()
            for caller in self.callers:
                caller.let_go.set()
        await closing
        await self.settle()
        assert repr(self.cache) == "<ModelCache 0 ready, 0 loading | 0 leases, 0 waiting>"
        assert not self.callers
        assert not self.loads
        assert all(engine.is_closed for _, engine in self.engines)
        assert self.ledger.holders() == []

    # --- What must always be true ------------------------------------------------------------------------

    async def settle(self) -> None:
        """Let everything run that can, then check."""
        await self._turn()
        self.loads = [load for load in self.loads if not load.outcome.done()]
        self.engines = [(target, engine) for target, engine in self.engines if not engine.is_closed]
        self.callers = [caller for caller in self.callers if caller.task is not None and not caller.task.done()]
        self.check()

    def check(self) -> None:
        """Every invariant."""
        entries = self.cache._entries
        assert not self.evicted_wrongly, self.evicted_wrongly
        assert self.cache_size() <= self.ledger.room, "the budget is exceeded"
        assert sum(entry.gpu for entry in entries.values()) <= GPU_BUDGET, "the GPU's budget is exceeded"
        held: list[Holder] = self.ledger.holders()
        assert {holder.target: (holder.bytes, holder.gpu_bytes) for holder in held} == {
            name: (entry.size, entry.gpu) for name, entry in entries.items()
        }, "ledger and cache disagree"
        for name, entry in entries.items():
            holding = sum(caller.engine is not None and caller.engine is entry.engine for caller in self.callers)
            assert entry.leases == holding, f"the lease count of {name} is wrong"
            assert entry.leases <= entry.target.parallel, f"{name} is lent too often"
        loading = [load.target.name for load in self.loads]
        assert len(loading) == len(set(loading)), "a model is loaded twice"
        living = [target.name for target, engine in self.engines if not engine.is_closed] + loading
        assert len(living) == len(set(living)), "a model is in memory twice"
        assert set(living) == set(entries), "the cache forgot a model, or made one up"
        waiting = [caller for caller in self.callers if caller.is_waiting]
        assert len(waiting) == len(self.cache._queue), "a waiter was lost"
        assert {name: list(line) for name, line in self.cache._queue.lines.items()} == self.lines(), "a line is wrong"
        self.check_nothing_is_left_to_do()

    def check_nothing_is_left_to_do(self) -> None:
        """What the policy would do now has been done: nobody waits for a place that is free."""
        todo = self.cache._plan()
        assert not todo.grant, "somebody waits beside a free place"
        assert not todo.load, "somebody waits for a load that could begin"
        assert not todo.refuse, "somebody waits in vain"
        assert not todo.evict, "an idle model stays in the way"

    def check_close(self, target: Target, engine: FakeEngine) -> None:
        """A living engine is being closed; remember it where nothing allows that."""
        if self.is_ending or target.name in self.unloaded:
            return
        if target.name in self.pinned:
            self.evicted_wrongly.append(f"{target.name} is pinned and was evicted")
        is_old = self.now - engine.ready_since >= target.min_loaded_s
        is_idle = not target.warm and self.now - engine.ready_since >= target.keep_alive_s
        if not (is_old or is_idle):
            self.evicted_wrongly.append(f"{target.name} was loaded a moment ago and was evicted")

    def lines(self) -> dict[str, list[int]]:
        """The waiters of each model, in order."""
        found: dict[str, list[int]] = {}
        for waiter in self.cache._queue:
            found.setdefault(waiter.target.name, []).append(waiter.id)
        return found

    def overtaken(self) -> dict[int, int]:
        """How often each of those who wait has been overtaken."""
        return {waiter.id: waiter.overtaken for waiter in self.cache._queue}

    def cache_size(self) -> int:
        """Bytes of everything that the cache has in memory."""
        return sum(entry.size for entry in self.cache._entries.values())

    # --- Inside ------------------------------------------------------------------------------------------

    async def _turn(self) -> None:
        for _ in range(SETTLING_TURNS):
            await asyncio.sleep(0)
            if not asyncio.get_running_loop()._ready:  # type: ignore[attr-defined]  # nothing can run: settled
                return

    async def _start(self, target: Target, on_progress: OnProgress) -> FakeEngine:
        self.started += 1
        load = Load(target, asyncio.get_running_loop().create_future())
        self.loads.append(load)
        try:
            return await load.outcome
        finally:
            if load in self.loads:
                self.loads.remove(load)

    def _engine(self, target: Target, size: int) -> FakeEngine:
        engine = FakeEngine(size, self.now, partial(self.check_close, target))
        self.engines.append((target, engine))
        return engine

    async def _load(self, caller: Caller) -> None:
        try:
            await self.cache.load(caller.target)
        except AliveError as error:
            caller.error = error

    async def _call(self, caller: Caller, wish: LoadWish, max_wait_s: float | None) -> None:
        try:
            async with self.cache.acquire(caller.target, wish=wish, max_wait_s=max_wait_s) as engine:
                assert isinstance(engine, FakeEngine)
                assert engine.is_alive, "a dead engine was lent"
                caller.engine = engine
                await caller.let_go.wait()
        except AliveError as error:
            caller.error = error


async def operate(machine: CacheMachine, draw: random.Random) -> None:
    """One random operation; requests and ends of loads are the most frequent, as in life."""
    model, any_one = draw.randrange(len(SIZES)), draw.randrange(1000)
    match draw.randrange(21):
        case 0 | 1 | 2 | 3 | 4 | 5:
            await machine.request(model, draw.choice(WISHES), draw.choice(WAITS))
        case 6 | 7 | 8 | 9:
            await machine.finish(any_one)
        case 10 | 11 | 12:
            await machine.end_load(any_one, fails=draw.random() < 0.2, grows=draw.choice((0, 0, 5)))
        case 13 | 14 | 15:
            await machine.close_engine(any_one)
        case 16:
            await machine.leave(any_one)
        case 17:
            await machine.finish_and_leave(any_one, draw.randrange(1000))
        case 18:
            await machine.crash(any_one)
        case _:
            await operate_rarely(machine, draw, model)


async def operate_rarely(machine: CacheMachine, draw: random.Random, model: int) -> None:
    """What the clock, other programs and operators do."""
    match draw.randrange(10):
        case 0 | 1:
            await machine.other_programs_take(draw.randrange(BUDGET))
        case 2 | 3:
            await machine.pin(model)
        case 4:
            await machine.load(model)
        case 5:
            await machine.unload(model)
        case _:
            await machine.pass_time(draw.choice((1.0, 5.0, LOAD_COOLDOWN_S, 60.0)))


async def soak(operations: int, seed: int) -> CacheMachine:
    """`operations` random operations on one cache, and its end."""
    machine, draw = CacheMachine(), random.Random(seed)
    await machine.start()
    for number in range(operations):
        try:
            await operate(machine, draw)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, operation {number}: {error}") from error
    await machine.calm_down()
    await machine.end()
    return machine


def main() -> int:
    """Soak with the number of operations and the seed of the command line; prints how it goes."""
    logging.disable(logging.CRITICAL)  # a failed load is an event like any other here
    operations = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
    seed = int(sys.argv[2]) if sys.argv[2:] else random.randrange(2**32)
    began, piece, done = time.monotonic(), 50_000, 0
    while done < operations:
        count = min(piece, operations - done)
        machine = asyncio.run(soak(count, seed + done))
        done += count
        speed = done / (time.monotonic() - began)
        print(f"{done} operations, {machine.started} loads in the last {count}, {speed:.0f}/s", flush=True)  # noqa: T201
    print(f"nothing violated; seed {seed}")  # noqa: T201  # a command for people
    return 0


if __name__ == "__main__":
    sys.exit(main())
