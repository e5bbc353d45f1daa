"""Windows of use: what fits, what is refused, what is given back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.access.limits import UNUSED, Balance, Cost, Counts, Limits, Refusal, balances, correct, spend

NOW = 1_800_000_000.0
TEN = Limits(requests_per_minute=10)


def spent(counts: Counts, limits: Limits, cost: Cost, now: float = NOW) -> Counts:
    """What was spent; fails where it was refused."""
    after = spend(counts, limits, cost, now)
    assert not isinstance(after, Refusal)
    return after


def test_exactly_the_limit_fits_into_a_minute() -> None:
    counts = UNUSED
    for second in range(10):
        counts = spent(counts, TEN, Cost(requests=1), NOW + second)
    refused = spend(counts, TEN, Cost(requests=1), NOW + 10)
    assert isinstance(refused, Refusal)
    assert (refused.window.word, refused.limit, refused.wait_s) == ("minute", 10, 50.0)


def test_a_minute_begins_with_the_first_use_and_is_whole_again_after_it() -> None:
    counts = spent(UNUSED, TEN, Cost(requests=10))
    assert isinstance(spend(counts, TEN, Cost(requests=1), NOW + 59.9), Refusal)
    assert balances(spent(counts, TEN, Cost(requests=1), NOW + 60), TEN, NOW + 60).get("requests") == Balance(
        10, 9, 60.0
    )


def test_of_a_minute_and_a_day_the_one_that_lasts_longer_is_named() -> None:
    limits = Limits(requests_per_minute=1, requests_per_day=1)
    refused = spend(spent(UNUSED, limits, Cost(requests=1)), limits, Cost(requests=1), NOW)
    assert isinstance(refused, Refusal)
    assert refused.window.word == "day"


def test_what_is_refused_is_not_counted() -> None:
    limits = Limits(tokens_per_minute=100)
    counts = spent(UNUSED, limits, Cost(tokens=60))
    assert isinstance(spend(counts, limits, Cost(tokens=41), NOW), Refusal)
    assert balances(counts, limits, NOW).get("tokens") == Balance(100, 40, 60.0)


def test_requests_do_not_open_the_tokens_window() -> None:
    limits = Limits(requests_per_minute=5, tokens_per_minute=100)
    counts = spent(UNUSED, limits, Cost(requests=1))
    counts = spent(counts, limits, Cost(tokens=1), NOW + 30)
    assert balances(counts, limits, NOW + 30).get("tokens") == Balance(100, 99, 60.0)


def test_what_was_reserved_too_much_comes_back() -> None:
    limits = Limits(tokens_per_minute=100)
    reserved = spent(UNUSED, limits, Cost(tokens=90))
    assert balances(correct(reserved, reserved, -80, NOW + 1), limits, NOW + 1).get("tokens") == Balance(
        100, 90, 59.0
    )


def test_what_was_reserved_too_little_counts_even_over_the_limit() -> None:
    limits = Limits(tokens_per_minute=100)
    reserved = spent(UNUSED, limits, Cost(tokens=90))
    counts = correct(reserved, reserved, 500, NOW)
    assert balances(counts, limits, NOW).get("tokens") == Balance(100, 0, 60.0)
    assert isinstance(spend(counts, limits, Cost(tokens=1), NOW), Refusal)


def test_what_the_last_minute_had_too_much_is_no_gift_to_the_next() -> None:
    limits = Limits(tokens_per_minute=100)
    reserved = spent(UNUSED, limits, Cost(tokens=90))
    later = spent(reserved, limits, Cost(tokens=50), NOW + 61)
    assert balances(correct(later, reserved, -90, NOW + 62), limits, NOW + 62).get("tokens") == Balance(100, 50, 59.0)


def test_a_clock_that_was_set_back_locks_nobody_out() -> None:
    counts = spent(UNUSED, TEN, Cost(requests=10), NOW + 3600)
    spent(counts, TEN, Cost(requests=1), NOW)


def test_without_a_limit_there_is_no_balance_and_no_refusal() -> None:
    limits = Limits(tokens_per_day=5)
    counts = spent(UNUSED, limits, Cost(requests=10**9))
    assert balances(counts, limits, NOW).get("requests") is None
    assert balances(UNUSED, limits, NOW).get("tokens") == Balance(5, 5, 0.0)


@given(
    st.integers(1, 20),
    st.lists(st.tuples(st.floats(0, 30), st.integers(1, 5)), max_size=60),
)
@pytest.mark.parametrize("kind", ["requests", "tokens"])
def test_within_any_window_the_sum_never_exceeds_the_limit(
    kind: str, limit: int, steps: list[tuple[float, int]]
) -> None:
    limits = Limits(**{f"{kind}_per_minute": limit})
    counts, now, in_window = UNUSED, NOW, 0
    start = -1.0
    for pause, amount in steps:
        now += pause
        if start < 0 or now - start >= 60:
            start, in_window = -1.0, 0
        after = spend(counts, limits, Cost(**{kind: amount}), now)
        if isinstance(after, Refusal):
            assert in_window + amount > limit
            assert 0 < after.wait_s <= 60
        else:
            counts, in_window = after, in_window + amount
            start = now if start < 0 else start
            assert in_window <= limit


@pytest.mark.parametrize(("per_minute", "per_day", "limit"), [(10, 100, 10), (10, 5, 5)])
def test_of_a_minute_and_a_day_the_one_with_less_left_is_told(per_minute: int, per_day: int, limit: int) -> None:
    limits = Limits(requests_per_minute=per_minute, requests_per_day=per_day)
    assert balances(UNUSED, limits, NOW) == {"requests": Balance(limit, limit, 0.0)}
