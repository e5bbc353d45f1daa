"""Whatever happens to the cache, in any order: no budget exceeded, no lease lost, nobody left waiting in vain."""

import asyncio
import logging
from collections.abc import Coroutine

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from alive_core.cache.plan import LoadWish
from alive_core.constants import LOAD_COOLDOWN_S
from support.cache_machine import BUDGET, SIZES, WAITS, WISHES, CacheMachine, soak

OPERATIONS = 10_000
someone = st.integers(0, 20)
models = st.integers(0, len(SIZES) - 1)


class CacheLife(RuleBasedStateMachine):
    """Hypothesis chooses what happens next, and finds the shortest story of a violation."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.machine = CacheMachine()
        self.do(self.machine.start())

    def do(self, work: Coroutine[None, None, None]) -> None:
        self.runner.run(work)

    def teardown(self) -> None:
        self.do(self.machine.calm_down())
        self.do(self.machine.end())
        self.runner.close()

    @rule(model=models, wish=st.sampled_from(WISHES), max_wait_s=st.sampled_from(WAITS))
    def request(self, model: int, wish: LoadWish, max_wait_s: float | None) -> None:
        self.do(self.machine.request(model, wish, max_wait_s))

    @rule(who=someone)
    def leave(self, who: int) -> None:
        self.do(self.machine.leave(who))

    @rule(who=someone)
    def finish(self, who: int) -> None:
        self.do(self.machine.finish(who))

    @rule(who=someone, other=someone)
    def finish_and_leave(self, who: int, other: int) -> None:
        self.do(self.machine.finish_and_leave(who, other))

    @rule(which=someone, fails=st.booleans(), grows=st.sampled_from((0, 5)))
    def end_load(self, which: int, fails: bool, grows: int) -> None:
        self.do(self.machine.end_load(which, fails=fails, grows=grows))

    @rule(which=someone)
    def crash(self, which: int) -> None:
        self.do(self.machine.crash(which))

    @rule(model=models)
    def pin(self, model: int) -> None:
        self.do(self.machine.pin(model))

    @rule(model=models)
    def unload(self, model: int) -> None:
        self.do(self.machine.unload(model))

    @rule(model=models)
    def load(self, model: int) -> None:
        self.do(self.machine.load(model))

    @rule(which=someone)
    def close_engine(self, which: int) -> None:
        self.do(self.machine.close_engine(which))

    @rule(seconds=st.sampled_from((1.0, 5.0, LOAD_COOLDOWN_S, 60.0)))
    def pass_time(self, seconds: float) -> None:
        self.do(self.machine.pass_time(seconds))

    @rule(size=st.integers(0, BUDGET))
    def other_programs_take(self, size: int) -> None:
        self.do(self.machine.other_programs_take(size))


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="alive_core.cache.cache")


def test_no_short_story_violates_anything() -> None:
    run_state_machine_as_test(CacheLife, settings=settings(max_examples=100, stateful_step_count=100, deadline=None))


@pytest.mark.parametrize("seed", range(4))
async def test_ten_thousand_operations_violate_nothing(seed: int) -> None:
    machine = await soak(OPERATIONS // 4, seed)
    assert machine.started > 100  # it was no idle life
