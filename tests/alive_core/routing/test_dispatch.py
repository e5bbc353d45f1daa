"""One request among several targets, with targets that do what a test says and a clock that it holds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.constants import RETRY_LONGEST_S, RETRY_RESERVE
from alive_core.errors import (
    AliveError,
    Busy,
    ContextLengthExceeded,
    EngineCrashed,
    InvalidRequest,
    LoadFailed,
    RateLimited,
    UpstreamFailed,
)
from alive_core.profiles.profile import CONDITIONS, BreakerLimits, Condition, Profile, Routing, Target
from alive_core.routing.conditions import condition_of
from alive_core.routing.counters import Failover, Hedge
from alive_core.routing.dispatch import Begin, Dispatch
from alive_core.routing.roster import Route
from alive_core.routing.router import Router
from alive_core.routing.strategies.strategy import Presence
from alive_core.testing.clock import FakeClock
from support.routes import profile, route

A, B, C = route("a"), route("b"), route("c")
Act = Callable[[Begin], Awaitable[None]]


def nowhere(_: Target) -> Presence:
    return "absent"


def fails(error: AliveError) -> Act:
    async def act(_: Begin) -> None:
        raise error

    return act


async def answers(begin: Begin) -> None:
    begin()


async def hangs(_: Begin) -> None:
    await asyncio.Event().wait()


def breaks(error: AliveError) -> Act:
    """Begins to answer, then fails."""

    async def act(begin: Begin) -> None:
        begin()
        raise error

    return act


class Stage:
    """Targets that play their acts one after another, the last one again and again; and what was seen of them."""

    def __init__(self, **acts: list[Act]) -> None:
        self.acts = acts
        self.tried: list[str] = []
        self.left: list[str] = []
        self.clock = FakeClock()
        self.router = Router(nowhere, self.clock.now)
        self.deadline = self.clock.now() + 1000.0

    async def attempt(self, route: Route, begin: Begin) -> None:
        name = route.target.name
        self.tried.append(name)
        acts = self.acts[name]
        act = acts.pop(0) if len(acts) > 1 else acts[0]
        try:
            await act(begin)
        except asyncio.CancelledError:
            self.left.append(name)
            raise

    def dispatch(self, served: Profile) -> Dispatch:
        return Dispatch(
            self.router,
            served,
            self.attempt,
            time_left=lambda: self.deadline - self.clock.now(),
            request_id="req_1",
            sleep=self.clock.sleep,
        )

    async def run(self, *routes: Route, routing: Routing | None = None) -> Dispatch:
        dispatch = self.dispatch(profile(routing=routing))
        await dispatch.run(routes)
        return dispatch

    async def refused(self, *routes: Route, routing: Routing | None = None) -> AliveError:
        """The error of a request that nobody answers. Time passes by itself."""
        running = asyncio.ensure_future(self.run(*routes, routing=routing))
        while not running.done():
            await self.clock.advance(1.0)
        with pytest.raises(AliveError) as caught:
            await running
        return caught.value


DOWN = fails(LoadFailed("It is broken."))


# --- in turn --------------------------------------------------------------------------------------------------
async def test_the_first_target_answers_and_nobody_else_is_asked() -> None:
    stage = Stage(a=[answers], b=[answers])
    dispatch = await stage.run(A, B)
    assert (stage.tried, dispatch.failovers) == (["a"], 0)
    assert not stage.router.counters.failovers


async def test_a_target_that_fails_is_followed_by_the_next_which_is_logged_and_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = Stage(a=[DOWN], b=[fails(Busy("Full."))], c=[answers])
    with caplog.at_level(logging.WARNING):
        dispatch = await stage.run(A, B, C)
    assert (stage.tried, dispatch.failovers) == (["a", "b", "c"], 2)
    assert stage.router.counters.failovers == {
        Failover("chat", "a", "b", "down"): 1,
        Failover("chat", "b", "c", "busy"): 1,
    }
    logged = [(each.from_target, each.to_target, each.reason, each.request_id) for each in caplog.records]  # type: ignore[attr-defined]  # `extra`
    assert logged == [("a", "b", "down", "req_1"), ("b", "c", "busy", "req_1")]


@pytest.mark.parametrize("condition", CONDITIONS)
async def test_a_condition_that_the_profile_does_not_name_ends_the_search(condition: Condition) -> None:
    errors: dict[Condition, AliveError] = {
        "down": LoadFailed("Broken."),
        "busy": Busy("Full."),
        "rate_limited": RateLimited("Slow down."),
        "too_long": ContextLengthExceeded("Long."),
        "refused": InvalidRequest("No."),
    }
    assert condition_of(errors[condition]) == condition
    only = Routing(fallback_on=(condition,), retries=0)
    others = Routing(fallback_on=tuple(each for each in CONDITIONS if each != condition), retries=0)
    stage = Stage(a=[fails(errors[condition])], b=[answers])
    await stage.run(A, B, routing=only)
    assert stage.tried == ["a", "b"]
    stage = Stage(a=[fails(errors[condition])], b=[answers])
    assert await stage.refused(A, B, routing=others) is errors[condition]
    assert stage.tried == ["a"]


async def test_an_engine_that_crashes_is_tried_once_more_before_the_next_target() -> None:
    crash = fails(EngineCrashed("It ended."))
    stage = Stage(a=[crash, answers], b=[answers])
    dispatch = await stage.run(A, B)
    assert (stage.tried, dispatch.failovers) == (["a", "a"], 0)
    stage = Stage(a=[crash], b=[answers])
    dispatch = await stage.run(A, B)
    assert (stage.tried, dispatch.failovers) == (["a", "a", "b"], 1)


@pytest.mark.parametrize("strategy", ["ordered", "hedged"])
@pytest.mark.parametrize("error", [EngineCrashed("It ended."), UpstreamFailed("It broke off.")])
async def test_once_an_answer_has_begun_nothing_is_tried_again(strategy: str, error: AliveError) -> None:
    stage = Stage(a=[breaks(error)], b=[answers])
    routing = Routing(strategy=strategy)  # type: ignore[arg-type]  # one of the names
    assert await stage.refused(A, B, routing=routing) is error
    assert stage.tried == ["a"]


async def test_where_all_fail_the_client_hears_what_helps_most() -> None:
    stage = Stage(a=[fails(ContextLengthExceeded("Long."))], b=[fails(Busy("Full.", retry_after=5))], c=[DOWN])
    error = await stage.refused(A, B, C)
    assert (error.message, error.retry_after) == ("Full.", 5)


OUTCOMES: list[Act] = [answers, DOWN, fails(Busy("Full.")), fails(InvalidRequest("No.")), breaks(EngineCrashed("!"))]


@given(
    st.lists(st.sampled_from(range(len(OUTCOMES))), min_size=1, max_size=5),
    st.lists(st.sampled_from(CONDITIONS), unique=True),
)
def test_whatever_happens_targets_are_tried_in_order_and_none_after_a_beginning(
    plays: list[int], conditions: list[Condition]
) -> None:
    routes = [route(str(place)) for place in range(len(plays))]
    stage = Stage(**{str(place): [OUTCOMES[play]] for place, play in enumerate(plays)})
    begun: list[str] = []

    async def story() -> None:
        dispatch = stage.dispatch(profile(routing=Routing(fallback_on=tuple(conditions), retries=0)))
        try:
            await dispatch.run(routes)
            begun.append(stage.tried[-1])
        except AliveError:
            pass
        assert dispatch.failovers == len(stage.tried) - 1

    asyncio.run(story())
    assert stage.tried == [str(place) for place in range(len(stage.tried))]
    goes_on = {1: "down" in conditions, 2: "busy" in conditions, 3: "refused" in conditions}
    expected = next((place for place, play in enumerate(plays) if not goes_on.get(play, False)), len(plays) - 1)
    assert len(stage.tried) == expected + 1
    assert bool(begun) == (plays[expected] == 0)


# --- trying again ---------------------------------------------------------------------------------------------
async def test_a_failure_that_passes_is_tried_again_after_a_pause() -> None:
    stage = Stage(a=[fails(UpstreamFailed("502.")), answers])
    running = asyncio.ensure_future(stage.run(A))
    await stage.clock.advance()
    assert stage.tried == ["a"]
    await stage.clock.advance(1.0)
    await running
    assert stage.tried == ["a", "a"]
    assert sum(stage.router.counters.retries.values()) == 1


async def test_everyone_is_tried_before_anyone_is_tried_again() -> None:
    stage = Stage(a=[fails(UpstreamFailed("502.")), answers], b=[DOWN])
    running = asyncio.ensure_future(stage.run(A, B))
    await stage.clock.advance(1.0)
    await running
    assert stage.tried == ["a", "b", "a"]


async def test_the_rest_that_an_upstream_asks_for_is_given_to_it() -> None:
    stage = Stage(a=[fails(RateLimited("Slow down.", retry_after=7)), answers])
    running = asyncio.ensure_future(stage.run(A))
    await stage.clock.advance(6.9)
    assert stage.tried == ["a"]
    await stage.clock.advance(1.0)
    await running
    assert stage.tried == ["a", "a"]


@pytest.mark.parametrize("left_s", [5.0, 1000.0])
async def test_nobody_is_held_up_for_a_rest_that_ends_too_late(left_s: float) -> None:
    stage = Stage(a=[fails(RateLimited("Slow down.", retry_after=min(left_s, RETRY_LONGEST_S) + 1))])
    stage.deadline = stage.clock.now() + left_s
    error = await stage.refused(A)
    assert (stage.tried, error.message) == (["a"], "Slow down.")
    assert error.retry_after is not None


async def test_retries_end_where_the_profile_says() -> None:
    stage = Stage(a=[fails(UpstreamFailed("502."))])
    assert (await stage.refused(A)).message == "502."
    assert stage.tried == ["a"] * 3
    stage = Stage(a=[fails(UpstreamFailed("502."))])
    await stage.refused(A, routing=Routing(retries=0))
    assert stage.tried == ["a"]


async def test_retries_end_where_the_budget_does() -> None:
    stage = Stage(a=[fails(UpstreamFailed("502."))])
    patient = route("a")
    patient = Route(Target("scripted", name="a", breaker=BreakerLimits(failures=0)), patient.abilities)
    requests = 40
    for _ in range(requests):
        await stage.refused(patient)
    assert requests + RETRY_RESERVE <= len(stage.tried) <= requests * 1.1 + RETRY_RESERVE + 1


async def test_a_queue_here_that_is_full_is_not_asked_again() -> None:
    stage = Stage(a=[fails(Busy("Full.", retry_after=1))])
    await stage.refused(A)
    assert stage.tried == ["a"]


# --- breakers -------------------------------------------------------------------------------------------------
async def test_a_target_that_keeps_failing_is_spared_then_probed_then_used_again() -> None:
    stage = Stage(a=[*[DOWN] * 6, answers], b=[answers])
    for _ in range(5):
        await stage.run(A, B)
    assert stage.tried == ["a", "b"] * 5
    assert stage.router.phase_of(A.target) == "open"
    stage.tried.clear()
    dispatch = await stage.run(A, B)
    assert (stage.tried, dispatch.failovers) == (["b"], 1)
    assert stage.router.counters.failovers[Failover("chat", "a", "b", "open")] == 1
    await stage.clock.advance(A.target.breaker.open_s)
    assert stage.router.phase_of(A.target) == "half_open"
    await stage.run(A, B)  # the probe fails
    assert (stage.tried, stage.router.phase_of(A.target)) == (["b", "a", "b"], "open")
    await stage.clock.advance(2 * A.target.breaker.open_s)
    await stage.run(A, B)
    assert (stage.tried[-1], stage.router.phase_of(A.target)) == ("a", "closed")


async def test_only_one_request_probes() -> None:
    stage = Stage(a=[*[DOWN] * 5, hangs], b=[answers])
    for _ in range(5):
        await stage.run(A, B)
    await stage.clock.advance(A.target.breaker.open_s)
    stage.tried.clear()
    probe = asyncio.ensure_future(stage.run(A, B))
    await stage.clock.advance()
    await stage.run(A, B)
    assert stage.tried == ["a", "b"]
    probe.cancel()
    await asyncio.wait((probe,))
    stage.acts["a"] = [answers]
    await stage.run(A, B)  # a probe that left makes way for the next
    assert stage.tried == ["a", "b", "a"]


async def test_an_engine_here_that_nobody_can_stand_in_for_is_tried_even_when_spared() -> None:
    stage = Stage(a=[*[fails(EngineCrashed("It ended."))] * 10, answers])
    for _ in range(5):
        await stage.refused(A)
    assert stage.router.phase_of(A.target) == "open"
    await stage.run(A)
    assert len(stage.tried) == 11


async def test_an_upstream_that_is_spared_is_not_asked_even_where_nobody_else_is_left() -> None:
    stage = Stage(a=[fails(UpstreamFailed("502."))])
    for _ in range(5):
        await stage.refused(A, routing=Routing(retries=0))
    stage.tried.clear()
    error = await stage.refused(A, routing=Routing(retries=0))
    assert (stage.tried, type(error), error.message) == ([], UpstreamFailed, "502.")
    assert error.retry_after is not None
    assert 0 < error.retry_after <= A.target.breaker.open_s


async def test_a_spared_target_is_no_way_to_a_target_that_the_profile_does_not_want_then() -> None:
    stage = Stage(a=[fails(UpstreamFailed("502."))], b=[answers])
    routing = Routing(fallback_on=("busy",), retries=0)
    for _ in range(6):
        await stage.refused(A, B, routing=routing)
    assert "b" not in stage.tried
    assert len(stage.tried) == 5


# --- hedging --------------------------------------------------------------------------------------------------
HEDGED = Routing(strategy="hedged", hedge_after_s=0.01)


async def test_a_slow_target_gets_a_rival_and_the_first_answer_wins() -> None:
    stage = Stage(a=[hangs], b=[answers])
    async with asyncio.timeout(5):
        dispatch = await stage.run(A, B, routing=HEDGED)
    assert (stage.tried, stage.left, dispatch.failovers) == (["a", "b"], ["a"], 0)
    assert stage.router.counters.hedges == stage.router.counters.hedges_won == {Hedge("chat", "a", "b"): 1}


async def test_a_quick_target_gets_no_rival() -> None:
    stage = Stage(a=[answers], b=[answers])
    await stage.run(A, B, routing=HEDGED)
    assert stage.tried == ["a"]


async def test_the_slow_target_may_still_win() -> None:
    late = asyncio.Event()

    async def answers_late(begin: Begin) -> None:
        await late.wait()
        begin()

    async def lets_it(_: Begin) -> None:
        late.set()
        await asyncio.Event().wait()

    stage = Stage(a=[answers_late], b=[lets_it])
    async with asyncio.timeout(5):
        await stage.run(A, B, routing=HEDGED)
    assert stage.left == ["b"]
    assert not stage.router.counters.hedges_won


async def test_two_run_at_once_and_never_three() -> None:
    stage = Stage(a=[hangs], b=[hangs], c=[answers])
    running = asyncio.ensure_future(stage.run(A, B, C, routing=HEDGED))
    while stage.tried != ["a", "b"]:
        await asyncio.sleep(0)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(running), 0.05)
    assert stage.tried == ["a", "b"]
    running.cancel()
    await asyncio.wait((running,))
    assert sorted(stage.left) == ["a", "b"]


async def test_a_target_that_fails_is_followed_at_once_and_its_rival_goes_on() -> None:
    slow = Routing(strategy="hedged", hedge_after_s=60.0)
    stage = Stage(a=[DOWN], b=[answers])
    dispatch = await stage.run(A, B, routing=slow)
    assert (stage.tried, dispatch.failovers) == (["a", "b"], 1)


async def test_a_rival_that_fails_leaves_the_first_alone() -> None:
    seen = asyncio.Event()

    async def answers_then(begin: Begin) -> None:
        await seen.wait()
        begin()

    async def fails_seen(_: Begin) -> None:
        seen.set()
        raise InvalidRequest("No.")

    stage = Stage(a=[answers_then], b=[fails_seen])
    async with asyncio.timeout(5):
        await stage.run(A, B, routing=Routing(strategy="hedged", hedge_after_s=0.01, fallback_on=("down",)))
    assert stage.left == []


async def test_where_all_rivals_fail_the_client_hears_of_it() -> None:
    stage = Stage(a=[DOWN], b=[fails(Busy("Full.", retry_after=3))])
    error = await stage.refused(A, B, routing=Routing(strategy="hedged", hedge_after_s=60.0))
    assert (error.message, error.retry_after) == ("It is broken.", 3)


async def test_a_mistake_of_ours_is_not_hidden_by_a_race() -> None:
    async def stumbles(_: Begin) -> None:
        raise ZeroDivisionError

    stage = Stage(a=[stumbles], b=[answers])
    with pytest.raises(ZeroDivisionError):
        await stage.run(A, B, routing=Routing(strategy="hedged", hedge_after_s=60.0))
