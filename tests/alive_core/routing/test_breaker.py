"""The breaker as a state machine: whatever happens, in whatever order, its promises hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from alive_core.constants import BREAKER_OPEN_LONGEST_S, BREAKER_OUTCOMES
from alive_core.profiles.profile import BreakerLimits
from alive_core.routing import breaker
from alive_core.routing.breaker import CLOSED, Closed, HalfOpen, Open

LIMITS = BreakerLimits(failures=3, window_s=10.0, open_s=5.0)


def failing(times: int, *, start: float = 0.0, state: breaker.State = CLOSED) -> breaker.State:
    """`state` after that many failures, a second apart."""
    for second in range(times):
        state = breaker.failed(state, start + second, LIMITS, is_probe=False)
    return state


def test_enough_failures_within_the_window_open_it() -> None:
    assert isinstance(failing(2), Closed)
    assert failing(3) == Open(2.0 + 5.0, openings=1)


def test_failures_that_are_far_apart_do_not() -> None:
    state = failing(2)
    assert isinstance(breaker.failed(state, 11.0, LIMITS, is_probe=False), Closed)


def test_failures_that_are_few_among_successes_do_not() -> None:
    state = failing(2)
    for _ in range(4):
        state = breaker.succeeded(state, 2.0, LIMITS, is_probe=False)
    assert isinstance(breaker.failed(state, 3.0, LIMITS, is_probe=False), Closed)


def test_while_nothing_fails_nothing_is_remembered() -> None:
    assert breaker.succeeded(CLOSED, 1.0, LIMITS, is_probe=False) is CLOSED


def test_successes_after_the_last_failure_has_left_the_window_are_forgotten() -> None:
    state = breaker.failed(CLOSED, 0.0, LIMITS, is_probe=False)
    assert breaker.succeeded(state, 10.0, LIMITS, is_probe=False) == CLOSED


def test_open_refuses_until_its_time_is_over_then_lets_one_through() -> None:
    state = failing(3)
    assert breaker.is_refusing(state, 6.9)
    assert breaker.phase_of(state, 6.9) == "open"
    assert not breaker.is_refusing(state, 7.0)
    assert breaker.phase_of(state, 7.0) == "half_open"
    state, is_probe = breaker.admit(state, 7.0)
    assert is_probe
    assert breaker.is_refusing(state, 1000.0)
    assert breaker.phase_of(state, 1000.0) == "half_open"


def test_closed_lets_everyone_through() -> None:
    assert breaker.admit(CLOSED, 0.0) == (CLOSED, False)
    assert not breaker.is_refusing(CLOSED, 0.0)
    assert breaker.phase_of(CLOSED, 0.0) == "closed"


def test_a_probe_that_is_answered_closes_it() -> None:
    assert breaker.succeeded(HalfOpen(2), 8.0, LIMITS, is_probe=True) == CLOSED


def test_a_probe_that_fails_opens_it_for_twice_as_long() -> None:
    assert breaker.failed(HalfOpen(1), 8.0, LIMITS, is_probe=True) == Open(8.0 + 10.0, openings=2)
    assert breaker.failed(HalfOpen(2), 8.0, LIMITS, is_probe=True) == Open(8.0 + 20.0, openings=3)


def test_a_probe_whose_client_leaves_makes_way_for_the_next() -> None:
    state = breaker.left(HalfOpen(2), 8.0, is_probe=True)
    assert state == Open(8.0, openings=2)
    assert not breaker.is_refusing(state, 8.0)
    assert breaker.left(HalfOpen(2), 8.0, is_probe=False) == HalfOpen(2)


@pytest.mark.parametrize("state", [Open(9.0), HalfOpen(1)])
def test_what_began_before_it_opened_changes_nothing(state: breaker.State) -> None:
    assert breaker.failed(state, 8.0, LIMITS, is_probe=False) == state
    assert breaker.succeeded(state, 8.0, LIMITS, is_probe=False) == state


def test_a_target_that_asks_for_rest_gets_it() -> None:
    assert breaker.rested(CLOSED, 1.0, 30.0, LIMITS) == Open(31.0, openings=0)
    assert breaker.rested(HalfOpen(2), 1.0, 30.0, LIMITS) == Open(31.0, openings=2)
    assert breaker.rested(Open(50.0, openings=3), 1.0, 30.0, LIMITS) == Open(50.0, openings=3)
    assert breaker.rested(CLOSED, 1.0, 1e9, LIMITS) == Open(1.0 + BREAKER_OPEN_LONGEST_S, openings=0)


def test_a_breaker_that_is_switched_off_never_opens() -> None:
    off = BreakerLimits(failures=0)
    state: breaker.State = CLOSED
    for second in range(50):
        state = breaker.failed(state, float(second), off, is_probe=False)
    assert state == CLOSED
    assert breaker.rested(CLOSED, 1.0, 30.0, off) == CLOSED


@given(st.floats(0.01, 10_000.0), st.integers(0, 10_000))
def test_a_rest_grows_and_stays_within_reason(first: float, openings: int) -> None:
    assert first <= breaker.rest_s(first, openings) <= breaker.rest_s(first, openings + 1)
    assert breaker.rest_s(first, openings) <= max(first, BREAKER_OPEN_LONGEST_S)


class LifeOfABreaker(RuleBasedStateMachine):
    """Requests come, go, fail and leave in any order; the clock runs."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.state: breaker.State = CLOSED
        self.under_way: list[bool] = []
        """For each request, whether it is the probe."""

    @rule(seconds=st.floats(0.0, 30.0))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def a_request_comes(self) -> None:
        if not breaker.is_refusing(self.state, self.now):
            self.state, is_probe = breaker.admit(self.state, self.now)
            self.under_way.append(is_probe)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def one_is_answered(self, data: st.DataObject) -> None:
        is_probe = self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))
        self.state = breaker.succeeded(self.state, self.now, LIMITS, is_probe=is_probe)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def one_fails(self, data: st.DataObject) -> None:
        is_probe = self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))
        self.state = breaker.failed(self.state, self.now, LIMITS, is_probe=is_probe)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def one_leaves(self, data: st.DataObject) -> None:
        is_probe = self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))
        self.state = breaker.left(self.state, self.now, is_probe=is_probe)

    @rule(rest=st.floats(0.0, 1000.0))
    def it_asks_for_rest(self, rest: float) -> None:
        self.state = breaker.rested(self.state, self.now, rest, LIMITS)

    @invariant()
    def it_never_hangs(self) -> None:
        """Half-open has a probe under way, which will end it; open ends by itself."""
        if isinstance(self.state, HalfOpen):
            assert any(self.under_way)
        if isinstance(self.state, Open):
            assert self.state.until <= self.now + BREAKER_OPEN_LONGEST_S

    @invariant()
    def what_it_remembers_is_bounded_and_begins_with_a_failure(self) -> None:
        if isinstance(self.state, Closed) and self.state.recent:
            assert self.state.recent[0].is_failure
            assert len(self.state.recent) <= BREAKER_OUTCOMES


TestLifeOfABreaker = LifeOfABreaker.TestCase
TestLifeOfABreaker.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
