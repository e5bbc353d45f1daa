"""Whoever keeps failing is left alone for longer and longer, but never for good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.cache.backoff import NO_SETBACKS, Setbacks, after_crashes, after_failed_loads
from alive_core.constants import (
    COOLDOWN_LONGEST_S,
    CRASH_COOLDOWN_S,
    CRASHES_FORGIVEN,
    LOAD_COOLDOWN_S,
    SETBACK_QUIET_S,
)


def test_the_first_crashes_are_followed_by_a_restart_at_once() -> None:
    assert [after_crashes(count) for count in range(CRASHES_FORGIVEN + 1)] == [0.0] * (CRASHES_FORGIVEN + 1)


def test_each_further_crash_doubles_the_pause() -> None:
    pauses = [after_crashes(CRASHES_FORGIVEN + extra) for extra in (1, 2, 3)]
    assert pauses == [CRASH_COOLDOWN_S, 2 * CRASH_COOLDOWN_S, 4 * CRASH_COOLDOWN_S]


def test_each_failed_load_doubles_the_pause() -> None:
    assert [after_failed_loads(count) for count in (1, 2)] == [LOAD_COOLDOWN_S, 2 * LOAD_COOLDOWN_S]


@pytest.mark.parametrize("pause_after", [after_crashes, after_failed_loads])
@given(count=st.integers(1, 10**9))
def test_no_pause_shrinks_or_is_longer_than_the_longest(pause_after: object, count: int) -> None:
    assert callable(pause_after)
    assert 0 <= pause_after(count) <= pause_after(count + 1) <= COOLDOWN_LONGEST_S


def test_setbacks_in_a_row_are_counted_and_a_quiet_time_ends_the_row() -> None:
    row = NO_SETBACKS.another(1000.0).another(1001.0)
    assert row == Setbacks(2, 1001.0)
    assert row.another(1000.9 + SETBACK_QUIET_S).count == 3
    assert row.another(1001.0 + SETBACK_QUIET_S).count == 1
