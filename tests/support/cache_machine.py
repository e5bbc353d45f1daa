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
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from alive_core.adapters.events import Event, Finished, Usage
from alive_core.adapters.jobs import Job
from alive_core.cache.book import Holder
from alive_core.cache.cache import ModelCache, OnProgress
from alive_core.cache.ledger import Ledger
from alive_core.cache.plan import LoadWish, WaiterView, plan
from alive_core.constants import LOAD_COOLDOWN_S
from alive_core.errors import AliveError, LoadFailed
from alive_core.profiles.profile import Target

BUDGET = 100
SIZES = (0, 20, 30, 30, 45, 60, 101)
"""Of the models, in bytes: one takes none, most fit together in some ways, one never fits."""
PARALLEL = (3, 1, 2, 3, 1, 2, 1)
KEEP_ALIVE_S = (30.0, 0.0, 5.0, 30.0, 5.0, 30.0, 30.0)
CALLERS = 12
SETTLING_TURNS = 60
WAITS = (None, None, None, 0.0)
WISHES: tuple[LoadWish, ...] = ("load", "load", "load", "wait", "if_loaded")


class FakeEngine:
    """An engine that lives until it is closed or crashes; closing takes as long as the machine likes."""

    def __init__(self, size: int) -> None:
        self.size = size
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

    def memory_bytes(self) -> int | None:
        return self.size if self.is_alive else None

    async def close(self) -> None:
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
        self.ledger = Ledger(BUDGET)
        self.cache = ModelCache(self._start, self.ledger, lambda: self.now)
        self.targets = [
            Target(adapter="fake", name=f"m{number}", parallel=PARALLEL[number], keep_alive_s=KEEP_ALIVE_S[number])
            for number in range(len(SIZES))
        ]
        for target, size in zip(self.targets, SIZES, strict=True):
            self.ledger.record(target, size)
        self.loads: list[Load] = []
        self.engines: list[tuple[Target, FakeEngine]] = []
        self.callers: list[Caller] = []
        self.started = 0

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
        if is_short and SIZES[model] and caller.engine is not None and before.keys() == after.keys():
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
                engine = FakeEngine(size + min(grows, max(self.ledger.room - self.cache_size(), 0)) if size else 0)
                self.engines.append((load.target, engine))
                load.outcome.set_result(engine)
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

    async def end(self) -> None:
        """The server stops: whoever waits is refused, whoever holds gives back, and nothing is left."""
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
        assert self.cache_size() <= self.ledger.room, "the budget is exceeded"
        held: list[Holder] = self.ledger.holders()
        assert {holder.target: holder.bytes for holder in held} == {
            name: entry.size for name, entry in entries.items()
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
        assert len(waiting) == len(self.cache._waiters), "a waiter was lost"
        assert {name: list(line) for name, line in self.cache._lines.items()} == self.lines(), "a line is wrong"
        self.check_nothing_is_left_to_do()

    def check_nothing_is_left_to_do(self) -> None:
        """What the policy would do now has been done: nobody waits for a place that is free."""
        todo = plan(
            [entry.view() for entry in self.cache._entries.values()],
            [
                WaiterView(w.id, w.target.name, self.ledger.expected_size(w.target), w.overtaken, w.wish)
                for w in self.cache._waiters.values()
            ],
            self.ledger.room,
            self.now,
            cooling={name: until for name, (until, _) in self.cache._cooling.items()},
        )
        assert not todo.grant, "somebody waits beside a free place"
        assert not todo.load, "somebody waits for a load that could begin"
        assert not todo.refuse, "somebody waits in vain"
        assert not todo.evict, "an idle model stays in the way"

    def lines(self) -> dict[str, list[int]]:
        """The waiters of each model, in order."""
        found: dict[str, list[int]] = {}
        for waiter in self.cache._waiters.values():
            found.setdefault(waiter.target.name, []).append(waiter.id)
        return found

    def overtaken(self) -> dict[int, int]:
        """How often each of those who wait has been overtaken."""
        return {number: waiter.overtaken for number, waiter in self.cache._waiters.items()}

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
    match draw.randrange(20):
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
            if draw.random() < 0.3:
                await machine.other_programs_take(draw.randrange(BUDGET))
            else:
                await machine.pass_time(draw.choice((1.0, 5.0, LOAD_COOLDOWN_S, 60.0)))


async def soak(operations: int, seed: int) -> CacheMachine:
    """`operations` random operations on one cache, and its end."""
    machine, draw = CacheMachine(), random.Random(seed)
    for number in range(operations):
        try:
            await operate(machine, draw)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, operation {number}: {error}") from error
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
