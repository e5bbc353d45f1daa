"""The cache carries out its policy: loads once, lends exactly, gives everything back."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, suppress

import pytest
from msgspec.structs import replace

from alive_core.adapters.events import Event, Progress
from alive_core.adapters.jobs import Job
from alive_core.cache.cache import ModelCache
from alive_core.cache.ledger import Ledger
from alive_core.constants import (
    CRASH_COOLDOWN_S,
    CRASHES_FORGIVEN,
    LOAD_COOLDOWN_S,
    QUEUE_LIMIT,
    QUEUE_TOTAL_LIMIT,
    SETBACK_QUIET_S,
)
from alive_core.errors import Busy, EngineCrashed, LoadFailed, ModelInUse, ModelUnavailable, OutOfMemory
from alive_core.profiles.profile import Target

KEEP_ALIVE_S = 60.0


class FakeEngine:
    """An engine that does nothing, and counts being closed."""

    def __init__(self, size: int) -> None:
        self.size, self.closed = size, 0
        self.ended = asyncio.Event()

    @property
    def is_alive(self) -> bool:
        return not self.ended.is_set()

    async def run(self, job: Job) -> AsyncGenerator[Event, None]:
        yield Progress("batch", 1)

    async def wait_ended(self) -> None:
        await self.ended.wait()

    def gpu_bytes(self) -> int | None:
        return None

    def memory_bytes(self) -> int | None:
        return self.size

    async def close(self) -> None:
        self.closed += 1
        self.ended.set()


class Workshop:
    """Loads fake engines when the test says so, on a clock that the test turns."""

    def __init__(self, budget: int = 100) -> None:
        self.now = 0.0
        self.sizes: dict[str, int] = {}
        self.loads: list[str] = []
        self.engines: dict[str, FakeEngine] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Exception | None = None
        self.cancelled_loads: list[str] = []
        self.progress: dict[str, Callable[[Progress], None]] = {}
        self.ledger = Ledger(budget)
        self.cache = ModelCache(self.start, self.ledger, lambda: self.now)

    def target(self, name: str, *, size: int = 10, parallel: int = 1) -> Target:
        self.sizes[name] = size
        self.ledger.record(Target(adapter="fake", name=name), size)
        return Target(adapter="fake", name=name, parallel=parallel, keep_alive_s=KEEP_ALIVE_S, min_loaded_s=0.0)

    async def start(self, target: Target, on_progress: Callable[[Progress], None]) -> FakeEngine:
        self.loads.append(target.name)
        self.progress[target.name] = on_progress
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled_loads.append(target.name)
            raise
        if self.failure is not None:
            raise self.failure
        self.engines[target.name] = FakeEngine(self.sizes[target.name])
        return self.engines[target.name]

    async def use(self, target: Target, **wish: object) -> None:
        async with self.cache.acquire(target, **wish):  # type: ignore[arg-type]  # passed on as it is
            pass


async def settle() -> None:
    """Let every task that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def shop() -> Workshop:
    return Workshop()


async def test_a_model_is_loaded_once_for_all_who_wait(shop: Workshop) -> None:
    shop.gate.clear()
    target = shop.target("a", parallel=8)
    waiting = [asyncio.create_task(shop.use(target)) for _ in range(8)]
    await settle()
    assert repr(shop.cache) == "<ModelCache 0 ready, 1 loading | 0 leases, 8 waiting>"
    shop.gate.set()
    await asyncio.gather(*waiting)
    assert shop.loads == ["a"]
    assert repr(shop.cache) == "<ModelCache 1 ready, 0 loading | 0 leases, 0 waiting>"


async def test_leases_never_exceed_what_the_target_takes_at_once(shop: Workshop) -> None:
    target = shop.target("a", parallel=2)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(shop.cache.acquire(target))
        third = asyncio.create_task(shop.use(target))
        await settle()
        assert repr(shop.cache) == "<ModelCache 1 ready, 0 loading | 2 leases, 1 waiting>"
    await third
    assert repr(shop.cache) == "<ModelCache 1 ready, 0 loading | 0 leases, 0 waiting>"


async def test_a_cancelled_waiter_leaves_no_trace_and_ends_a_load_nobody_else_wants(shop: Workshop) -> None:
    shop.gate.clear()
    waiter = asyncio.create_task(shop.use(shop.target("a")))
    await settle()
    waiter.cancel()
    await settle()
    assert shop.cancelled_loads == ["a"]
    assert repr(shop.cache) == "<ModelCache 0 ready, 0 loading | 0 leases, 0 waiting>"


async def test_a_load_goes_on_while_someone_else_still_wants_it(shop: Workshop) -> None:
    shop.gate.clear()
    target = shop.target("a")
    leaver, stayer = (asyncio.create_task(shop.use(target)) for _ in range(2))
    await settle()
    leaver.cancel()
    await settle()
    shop.gate.set()
    await stayer
    assert shop.loads == ["a"]
    assert not shop.cancelled_loads


async def test_a_caller_cancelled_in_the_moment_of_its_grant_gives_the_place_back(shop: Workshop) -> None:
    target = shop.target("a")
    async with shop.cache.acquire(target):
        waiter = asyncio.create_task(shop.use(target))
        await settle()
    waiter.cancel()  # the grant is made, but the waiter has not run yet
    await asyncio.wait((waiter,))
    assert repr(shop.cache) == "<ModelCache 1 ready, 0 loading | 0 leases, 0 waiting>"


async def test_an_exception_in_the_block_gives_the_place_back(shop: Workshop) -> None:
    with pytest.raises(ZeroDivisionError):
        async with shop.cache.acquire(shop.target("a")):
            raise ZeroDivisionError
    assert repr(shop.cache) == "<ModelCache 1 ready, 0 loading | 0 leases, 0 waiting>"


async def test_a_failed_load_reaches_every_waiter_cools_down_and_heals(shop: Workshop) -> None:
    shop.gate.clear()
    shop.failure = LoadFailed("The file is corrupt.")
    target = shop.target("a")
    waiting = [asyncio.create_task(shop.use(target)) for _ in range(3)]
    await settle()
    shop.gate.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [LoadFailed] * 3
    shop.now += LOAD_COOLDOWN_S / 2
    with pytest.raises(LoadFailed, match="corrupt") as refusal:
        await shop.use(target)
    assert refusal.value.retry_after == LOAD_COOLDOWN_S / 2
    assert shop.loads == ["a"]
    shop.failure = None
    shop.now += LOAD_COOLDOWN_S / 2
    await shop.use(target)
    assert shop.loads == ["a", "a"]


async def test_a_foreign_error_in_a_load_becomes_a_sentence(shop: Workshop) -> None:
    shop.failure = RuntimeError("secret detail")
    with pytest.raises(LoadFailed, match="RuntimeError") as failure:
        await shop.use(shop.target("a"))
    assert "secret detail" not in str(failure.value)


async def test_an_idle_model_makes_room_for_another(shop: Workshop) -> None:
    await shop.use(shop.target("a", size=60))
    await shop.use(shop.target("b", size=60))
    assert shop.engines["a"].closed == 1
    assert repr(shop.cache) == "<ModelCache 1 ready, 0 loading | 0 leases, 0 waiting>"


async def test_a_busy_model_is_not_evicted_and_the_other_waits_for_it(shop: Workshop) -> None:
    first, second = shop.target("a", size=60), shop.target("b", size=60)
    async with shop.cache.acquire(first):
        waiter = asyncio.create_task(shop.use(second))
        await settle()
        assert shop.engines["a"].closed == 0
        assert shop.loads == ["a"]
    await waiter
    assert shop.loads == ["a", "b"]


async def test_a_model_larger_than_the_budget_is_refused_with_what_is_missing(shop: Workshop) -> None:
    with pytest.raises(OutOfMemory, match="20 B more"):
        await shop.use(shop.target("a", size=120))


async def test_an_idle_model_is_unloaded_after_its_keep_alive(shop: Workshop) -> None:
    await shop.use(shop.target("a"))
    shop.now += KEEP_ALIVE_S - 1
    shop.cache.tick()
    await settle()
    assert shop.engines["a"].closed == 0
    shop.now += 1
    shop.cache.tick()
    await settle()
    assert shop.engines["a"].closed == 1
    assert repr(shop.cache) == "<ModelCache 0 ready, 0 loading | 0 leases, 0 waiting>"


async def test_a_crashed_engine_is_replaced_for_the_next_request(shop: Workshop) -> None:
    target = shop.target("a")
    await shop.use(target)
    shop.engines["a"].ended.set()
    await shop.use(target)  # at once: a dead engine is never lent, though its end was not heard yet
    assert shop.loads == ["a", "a"]


async def test_the_queue_of_one_model_is_bounded(shop: Workshop) -> None:
    shop.gate.clear()
    target = shop.target("a")
    waiting = [asyncio.create_task(shop.use(target)) for _ in range(QUEUE_LIMIT)]
    await settle()
    with pytest.raises(Busy) as refusal:
        await shop.use(target)
    assert refusal.value.retry_after is not None
    shop.gate.set()
    await asyncio.gather(*waiting)


async def test_closing_refuses_who_waits_and_ends_every_engine(shop: Workshop) -> None:
    await shop.use(shop.target("a"))
    shop.gate.clear()
    waiter = asyncio.create_task(shop.use(shop.target("b")))
    await settle()
    await shop.cache.close()
    with pytest.raises(ModelUnavailable):
        await waiter
    assert shop.engines["a"].closed == 1
    assert shop.cancelled_loads == ["b"]
    assert repr(shop.cache) == "<ModelCache 0 ready, 0 loading | 0 leases, 0 waiting>"


async def test_a_load_cancelled_before_it_ran_a_line_is_forgotten(shop: Workshop) -> None:
    waiter = asyncio.create_task(shop.use(shop.target("a")))
    waiter.cancel()
    await settle()
    closing = asyncio.create_task(shop.use(shop.target("b")))
    await asyncio.sleep(0)
    await shop.cache.close()
    await asyncio.wait((closing,))
    assert closing.exception() is not None
    assert repr(shop.cache) == "<ModelCache 0 ready, 0 loading | 0 leases, 0 waiting>"


async def test_the_measured_size_replaces_the_estimate(shop: Workshop) -> None:
    target = shop.target("a", size=30)
    shop.sizes["a"] = 90
    await shop.use(target)
    assert shop.ledger.expected_size(target) == 90


async def test_a_request_for_a_loaded_model_only_causes_no_load(shop: Workshop) -> None:
    target = shop.target("a")
    with pytest.raises(ModelUnavailable) as refusal:
        await shop.use(target, wish="if_loaded")
    assert refusal.value.param == "alive.load"
    assert refusal.value.retry_after is not None
    assert shop.loads == []
    await shop.use(target)
    await shop.use(target, wish="if_loaded")
    assert shop.loads == ["a"]


async def test_a_request_that_waits_is_served_by_a_load_that_others_cause(shop: Workshop) -> None:
    target = shop.target("a")
    waiting = asyncio.create_task(shop.use(target, wish="wait"))
    await settle()
    assert shop.loads == []
    await shop.use(target)
    await waiting
    assert shop.loads == ["a"]


async def test_who_waits_too_long_is_refused_and_the_load_goes_on(shop: Workshop) -> None:
    shop.gate.clear()
    target = shop.target("a")
    with pytest.raises(ModelUnavailable, match=r"within 0\.01 seconds"):
        await shop.use(target, max_wait_s=0.01)
    assert repr(shop.cache) == "<ModelCache 0 ready, 1 loading | 0 leases, 0 waiting>"
    shop.gate.set()
    await settle()
    await shop.use(target, wish="if_loaded")
    assert shop.loads == ["a"]


# --- what operators see and do -----------------------------------------------------------------------------


async def test_an_operator_sees_a_load_from_its_beginning_to_the_idle_model(shop: Workshop) -> None:
    shop.gate.clear()
    target = shop.target("a", size=40, parallel=2)
    waiting = [asyncio.create_task(shop.use(target)) for _ in range(3)]
    await settle()
    shop.now += 2.0
    shop.progress["a"](Progress("load", 1, 5))
    (loading,) = shop.cache.snapshot()
    assert (loading.target, loading.state, loading.bytes, loading.is_measured) == ("a", "loading", 40, False)
    assert (loading.leases, loading.waiting, loading.progress, loading.idle_s) == (0, 3, 0.2, None)
    assert loading.expected_s == pytest.approx(8.0)
    shop.gate.set()
    await asyncio.gather(*waiting)
    shop.now += 3.0
    ready = shop.cache.status_of(target)
    assert (ready.state, ready.is_measured, ready.waiting) == ("ready", True, 0)
    assert (ready.load_s, ready.idle_s, ready.expected_s) == (2.0, 3.0, None)


async def test_an_operator_sees_why_and_how_long_a_target_cools_down_and_how_often_it_crashed(shop: Workshop) -> None:
    target = shop.target("a")
    assert shop.cache.status_of(target).state == "absent"
    await shop.use(target)
    shop.engines["a"].ended.set()
    await settle()
    shop.failure = LoadFailed("The file is corrupt.")
    with pytest.raises(LoadFailed):
        await shop.use(target)
    shop.now += 1.0
    status = shop.cache.status_of(target)
    assert (status.state, status.error, status.restarts) == ("cooling", "The file is corrupt.", 1)
    assert status.cooling_s == LOAD_COOLDOWN_S - 1.0


async def test_an_operator_loads_a_model_though_it_cools_down(shop: Workshop) -> None:
    shop.failure = LoadFailed("The file is corrupt.")
    target = shop.target("a")
    with pytest.raises(LoadFailed):
        await shop.cache.load(target)
    shop.failure = None
    await shop.cache.load(target)
    async with shop.cache.acquire(target):
        await shop.cache.load(target)  # it is loaded, though every place is taken
    assert shop.loads == ["a", "a"]
    assert repr(shop.cache) == "<ModelCache 1 ready, 0 loading | 0 leases, 0 waiting>"


async def test_an_idle_model_is_unloaded_at_once(shop: Workshop) -> None:
    target = shop.target("a")
    await shop.use(target)
    shop.cache.unload(target)
    assert shop.cache.state_of(target) == "closing"
    await settle()
    assert shop.engines["a"].closed == 1
    shop.cache.unload(target)  # there is nothing to do


async def test_a_model_in_use_is_not_unloaded_and_the_refusal_says_so(shop: Workshop) -> None:
    target = shop.target("a")
    async with shop.cache.acquire(target):
        with pytest.raises(ModelInUse, match="1 requests use it and 0 wait"):
            shop.cache.unload(target)
    shop.gate.clear()
    other = shop.target("b")
    waiter = asyncio.create_task(shop.use(other))
    await settle()
    with pytest.raises(ModelInUse, match="0 requests use it and 1 wait"):
        shop.cache.unload(other)
    shop.gate.set()
    await waiter


async def test_a_pinned_model_is_neither_evicted_nor_expired_nor_unloaded(shop: Workshop) -> None:
    target, other = shop.target("a", size=60), shop.target("b", size=60)
    await shop.use(target)
    shop.cache.pin(target)
    shop.now += 10 * KEEP_ALIVE_S
    shop.cache.tick()
    with pytest.raises(OutOfMemory, match=r"20 B more .* of which 60 B are pinned"):
        await shop.use(other)
    with pytest.raises(ModelInUse, match="Unpin"):
        shop.cache.unload(target)
    assert shop.engines["a"].closed == 0
    shop.cache.unpin(target)
    await shop.use(other)
    assert shop.engines["a"].closed == 1


async def test_a_pin_holds_for_a_model_that_is_loaded_later(shop: Workshop) -> None:
    target = shop.target("a")
    shop.cache.pin(target)
    assert shop.cache.status_of(target).pinned
    await shop.use(target)
    shop.now += KEEP_ALIVE_S
    shop.cache.tick()
    assert shop.cache.state_of(target) == "ready"


async def test_a_lease_tells_how_long_it_waited_and_how_much_of_that_was_the_load(shop: Workshop) -> None:
    shop.gate.clear()
    target = shop.target("a")
    first, second = shop.cache.acquire(target), shop.cache.acquire(target)
    waiting = asyncio.create_task(first.__aenter__())
    await settle()
    shop.now += 1.0
    late = asyncio.create_task(second.__aenter__())
    await settle()
    shop.now += 2.0
    shop.gate.set()
    await waiting
    assert (first.waited_s, first.load_s) == (3.0, 3.0)
    shop.now += 4.0
    await first.__aexit__()
    await late
    await second.__aexit__()
    assert (second.waited_s, second.load_s) == (6.0, 2.0)
    async with shop.cache.acquire(target) as _:
        pass
    third = shop.cache.acquire(target)
    async with third:
        assert (third.waited_s, third.load_s) == (0.0, 0.0)


# --- what should stay loaded -----------------------------------------------------------------------------------


async def test_preloaded_and_warm_models_are_loaded_at_the_start_and_nothing_else(shop: Workshop) -> None:
    targets = [shop.target("a"), shop.target("b"), shop.target("c")]
    shop.cache.keep([targets[0], replace(targets[1], preload=True), replace(targets[2], warm=True)])
    await settle()
    assert shop.loads == ["b", "c"]
    assert [status.state for status in shop.cache.snapshot()] == ["absent", "ready", "ready"]
    assert repr(shop.cache) == "<ModelCache 2 ready, 0 loading | 0 leases, 0 waiting>"


async def test_a_preload_that_fails_cools_down_and_is_not_tried_again(shop: Workshop) -> None:
    shop.failure = LoadFailed("The file is corrupt.")
    target = replace(shop.target("a"), preload=True)
    shop.cache.keep([target])
    await settle()
    assert shop.cache.state_of(target) == "cooling"
    shop.failure = None
    shop.now += LOAD_COOLDOWN_S
    shop.cache.tick()
    await settle()
    assert shop.loads == ["a"]
    await shop.use(target)


async def test_a_preload_goes_on_when_the_request_that_joined_it_leaves(shop: Workshop) -> None:
    shop.gate.clear()
    target = replace(shop.target("a"), preload=True)
    shop.cache.keep([target])
    waiter = asyncio.create_task(shop.use(target))
    await settle()
    waiter.cancel()
    await settle()
    assert repr(shop.cache) == "<ModelCache 0 ready, 1 loading | 0 leases, 0 waiting>"
    shop.cache.unload(target)
    await settle()
    assert shop.cancelled_loads == ["a"]
    assert repr(shop.cache) == "<ModelCache 0 ready, 0 loading | 0 leases, 0 waiting>"


async def test_a_warm_model_comes_back_after_a_crash_and_does_not_hibernate(shop: Workshop) -> None:
    target = replace(shop.target("a"), warm=True)
    shop.cache.keep([target])
    await settle()
    shop.engines["a"].ended.set()
    await settle()
    assert shop.loads == ["a", "a"]
    shop.now += 10 * KEEP_ALIVE_S
    shop.cache.tick()
    await settle()
    assert shop.cache.state_of(target) == "ready"


async def test_a_warm_model_comes_back_once_the_memory_it_was_evicted_for_is_free(shop: Workshop) -> None:
    target, other = replace(shop.target("a", size=60), warm=True), shop.target("b", size=60)
    shop.cache.keep([target])
    await settle()
    await shop.use(other)
    await settle()
    assert shop.loads == ["a", "b"]
    shop.now += KEEP_ALIVE_S
    shop.cache.tick()
    await settle()
    assert shop.loads == ["a", "b", "a"]


async def test_a_warm_model_that_an_operator_unloaded_stays_away_until_it_is_asked_for(shop: Workshop) -> None:
    target = replace(shop.target("a"), warm=True)
    shop.cache.keep([target])
    await settle()
    shop.cache.unload(target)
    await settle()
    assert shop.cache.state_of(target) == "absent"
    await shop.use(target)
    shop.engines["a"].ended.set()
    await settle()
    assert shop.loads == ["a", "a", "a"]


async def test_a_model_just_loaded_gives_way_only_after_its_minimum_time(shop: Workshop) -> None:
    first, second = replace(shop.target("a", size=60), min_loaded_s=5.0), shop.target("b", size=60)
    await shop.use(first)
    waiter = asyncio.create_task(shop.use(second))
    await settle()
    assert shop.loads == ["a"]
    shop.now += 5.0
    shop.cache.tick()
    await waiter
    assert shop.loads == ["a", "b"]


# --- trouble that comes again --------------------------------------------------------------------------------------


async def crash(shop: Workshop, target: Target) -> None:
    """One request, and the end of its engine."""
    await shop.use(target)
    shop.engines[target.name].ended.set()
    await settle()


async def test_an_engine_that_crashes_again_and_again_gets_longer_and_longer_pauses_and_heals(shop: Workshop) -> None:
    target = shop.target("a")
    for _ in range(CRASHES_FORGIVEN):
        await crash(shop, target)
    await crash(shop, target)  # no pause before it
    with pytest.raises(EngineCrashed, match="3 times in a row") as refusal:
        await shop.use(target)
    assert refusal.value.retry_after == CRASH_COOLDOWN_S
    shop.now += CRASH_COOLDOWN_S
    await crash(shop, target)
    with pytest.raises(EngineCrashed) as refusal:
        await shop.use(target)
    assert refusal.value.retry_after == 2 * CRASH_COOLDOWN_S
    shop.now += SETBACK_QUIET_S
    await crash(shop, target)
    await shop.use(target)
    assert shop.cache.status_of(target).restarts == CRASHES_FORGIVEN + 3


async def test_loads_that_fail_again_get_longer_pauses_and_a_success_ends_the_row(shop: Workshop) -> None:
    target = shop.target("a")
    pauses = []
    for outcome in (LoadFailed("No."), LoadFailed("No."), None, LoadFailed("No.")):
        shop.failure = outcome
        with suppress(LoadFailed):
            await shop.use(target)
        pauses.append(shop.cache.status_of(target).cooling_s)
        if outcome is None:
            shop.cache.unload(target)
            await settle()
        shop.now += pauses[-1] or 0.0
    assert pauses == [LOAD_COOLDOWN_S, 2 * LOAD_COOLDOWN_S, None, LOAD_COOLDOWN_S]


# --- what those who wait hear ---------------------------------------------------------------------------------------


async def test_a_lease_describes_its_wait_from_the_line_to_the_work(shop: Workshop) -> None:
    shop.gate.clear()
    target = shop.target("a")
    shop.ledger.record(target, 10, 20.0)
    first, second = shop.cache.acquire(target), shop.cache.acquire(target)
    assert first.describe() == "waiting"
    entering = [asyncio.create_task(lease.__aenter__()) for lease in (first, second)]
    await settle()
    shop.now += 8.0
    assert first.describe() == "loading, about 12 s left"
    shop.progress["a"](Progress("load", 1, 2))
    assert first.describe() == "loading 50 %, about 10 s left"
    assert second.describe() == "loading 50 %, about 10 s left, position 2"
    shop.gate.set()
    await entering[0]
    assert (first.describe(), second.describe()) == ("working", "waiting, position 1")
    await first.__aexit__()
    await entering[1]
    await second.__aexit__()


async def test_who_waits_for_memory_is_told_so(shop: Workshop) -> None:
    async with shop.cache.acquire(shop.target("a", size=60)):
        lease = shop.cache.acquire(shop.target("b", size=60))
        entering = asyncio.create_task(lease.__aenter__())
        await settle()
        assert lease.describe() == "waiting for memory, position 1"
    await entering
    await lease.__aexit__()


async def test_a_refusal_tells_how_long_a_load_takes_and_when_to_come_back(shop: Workshop) -> None:
    target = shop.target("a")
    shop.ledger.record(target, 10, 20.0)
    with pytest.raises(ModelUnavailable, match=r"Loading it takes about 20 s\.") as refusal:
        await shop.use(target, wish="if_loaded")
    assert refusal.value.retry_after == 20.0
    shop.gate.clear()
    with pytest.raises(ModelUnavailable, match=r"It is being loaded, about 20 s are left\.") as refusal:
        await shop.use(target, max_wait_s=0.0)
    assert refusal.value.retry_after == 20.0


async def test_a_full_line_tells_when_a_place_will_be_free(shop: Workshop) -> None:
    target = replace(shop.target("a"), queue_limit=1)
    async with shop.cache.acquire(target):
        shop.now += 6.0
    async with shop.cache.acquire(target):
        waiter = asyncio.create_task(shop.use(target))
        await settle()
        with pytest.raises(Busy, match="1 requests are already waiting for this model") as refusal:
            await shop.use(target)
        assert refusal.value.retry_after == 12.0
    await waiter


async def test_all_lines_together_are_bounded(shop: Workshop) -> None:
    shop.gate.clear()
    targets = [shop.target(name, size=0) for name in "abcde"]
    rest = QUEUE_TOTAL_LIMIT
    waiting = []
    for target in targets:
        count = min(rest, QUEUE_LIMIT)
        waiting += [asyncio.create_task(shop.use(target)) for _ in range(count)]
        rest -= count
    await settle()
    with pytest.raises(Busy, match=f"{QUEUE_TOTAL_LIMIT} requests are already waiting on this server, 0 of them"):
        await shop.use(targets[-1])
    shop.gate.set()
    await asyncio.gather(*waiting)
