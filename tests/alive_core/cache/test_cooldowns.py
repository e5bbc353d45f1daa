"""Pauses after trouble: when they begin, what is told meanwhile, and what ends a row of setbacks."""

import pytest

from alive_core.cache.cooldowns import Cooldowns
from alive_core.constants import CRASH_COOLDOWN_S, CRASHES_FORGIVEN, LOAD_COOLDOWN_S
from alive_core.errors import LoadFailed

ERROR = LoadFailed("There is no such file.")


def crashed(cooldowns: Cooldowns, times: int, *, has_worked: bool = False) -> float:
    return [cooldowns.crashed("a", 10.0, has_worked=has_worked) for _ in range(times)][-1]


def test_a_failed_load_is_followed_by_a_pause_that_tells_its_error() -> None:
    cooldowns = Cooldowns()
    cooldowns.load_failed("a", ERROR, now=10.0)
    present = cooldowns.present("a", 10.0 + LOAD_COOLDOWN_S - 1)
    assert present is cooldowns["a"]
    assert present.error is ERROR
    assert cooldowns.ends() == {"a": 10.0 + LOAD_COOLDOWN_S}
    assert cooldowns.present("a", 10.0 + LOAD_COOLDOWN_S) is None
    assert cooldowns.present("b", 10.0) is None


def test_failed_loads_in_a_row_pause_for_longer_until_one_succeeds() -> None:
    cooldowns = Cooldowns()
    for _ in range(2):
        cooldowns.load_failed("a", ERROR, now=10.0)
    assert cooldowns["a"].until == 10.0 + 2 * LOAD_COOLDOWN_S
    cooldowns.loaded("a")
    cooldowns.load_failed("a", ERROR, now=10.0)
    assert cooldowns["a"].until == 10.0 + LOAD_COOLDOWN_S


def test_crashes_pause_once_too_many_came_in_a_row() -> None:
    cooldowns = Cooldowns()
    assert crashed(cooldowns, CRASHES_FORGIVEN) == 0.0
    assert cooldowns.ends() == {}
    assert crashed(cooldowns, 1) == CRASH_COOLDOWN_S
    assert str(CRASHES_FORGIVEN + 1) in cooldowns["a"].error.message


def test_an_engine_that_worked_before_its_crash_begins_a_new_row() -> None:
    cooldowns = Cooldowns()
    crashed(cooldowns, CRASHES_FORGIVEN + 2)
    assert crashed(cooldowns, 1, has_worked=True) == 0.0


def test_what_an_operator_forgives_is_forgotten() -> None:
    cooldowns = Cooldowns()
    crashed(cooldowns, CRASHES_FORGIVEN + 2)
    cooldowns.load_failed("a", ERROR, now=10.0)
    cooldowns.forgive("a")
    assert cooldowns.ends() == {}
    assert crashed(cooldowns, CRASHES_FORGIVEN) == 0.0
    with pytest.raises(KeyError):
        cooldowns["a"]
