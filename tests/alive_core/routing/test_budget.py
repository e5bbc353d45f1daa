"""The retry budget: whatever the mix of requests and retries."""

from hypothesis import given
from hypothesis import strategies as st

from alive_core.constants import RETRY_RESERVE, RETRY_SHARE
from alive_core.routing.budget import FULL, Budget, deposit, withdraw


def test_a_quiet_profile_has_its_reserve_and_no_more() -> None:
    budget: Budget | None = FULL
    granted = 0
    while budget is not None:
        budget = withdraw(budget)
        granted += budget is not None
    assert granted == RETRY_RESERVE


def test_a_full_budget_stays_full() -> None:
    assert deposit(FULL) is FULL
    assert deposit(Budget(RETRY_RESERVE - RETRY_SHARE / 2)).left == RETRY_RESERVE


@given(st.lists(st.booleans(), max_size=2000))
def test_retries_never_exceed_the_reserve_and_their_share_of_the_requests(wants_retry: list[bool]) -> None:
    budget, requests, retries = FULL, 0, 0
    for wants in wants_retry:
        if not wants:
            budget, requests = deposit(budget), requests + 1
        elif (left := withdraw(budget)) is not None:
            budget, retries = left, retries + 1
        assert 0 <= budget.left <= RETRY_RESERVE
        assert retries <= RETRY_RESERVE + RETRY_SHARE * requests + 1e-6
