"""Errors, and what they mean for the next target, for the same one, and for the client."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.errors import (
    AliveError,
    Busy,
    ContextLengthExceeded,
    EngineCrashed,
    InvalidRequest,
    LoadFailed,
    ModelUnavailable,
    OutOfMemory,
    PayloadTooLarge,
    RateLimited,
    UnsupportedParameter,
    UpstreamFailed,
)
from alive_core.profiles.profile import CONDITIONS
from alive_core.routing.conditions import condition_of, is_failure, is_local, is_passing, rest_of, soonest, verdict
from support.routes import every_error

errors = st.builds(
    lambda kind, after: kind("It failed.", retry_after=after),
    st.sampled_from(every_error()),
    st.none() | st.floats(0.0, 100.0),
)


@pytest.mark.parametrize(
    ("kind", "condition"),
    [
        (ContextLengthExceeded, "too_long"),
        (PayloadTooLarge, "too_long"),
        (InvalidRequest, "refused"),
        (UnsupportedParameter, "refused"),
        (RateLimited, "rate_limited"),
        (Busy, "busy"),
        (EngineCrashed, "down"),
        (LoadFailed, "down"),
        (OutOfMemory, "down"),
        (UpstreamFailed, "down"),
        (AliveError, "down"),
    ],
)
def test_each_error_is_a_condition_that_a_profile_may_name(kind: type[AliveError], condition: str) -> None:
    assert condition_of(kind("It failed.")) == condition


@given(errors)
def test_whatever_a_target_raises_is_one_of_the_conditions(error: AliveError) -> None:
    assert condition_of(error) in CONDITIONS


@given(errors)
def test_only_what_lies_outside_this_machine_passes_by_itself_or_asks_for_rest(error: AliveError) -> None:
    assert is_passing(error) == isinstance(error, RateLimited | UpstreamFailed) == (not is_local(error))
    assert rest_of(error) == (error.retry_after if is_passing(error) else None)


@pytest.mark.parametrize("kind", [EngineCrashed, LoadFailed, UpstreamFailed, AliveError])
def test_what_is_broken_counts_against_a_target(kind: type[AliveError]) -> None:
    assert is_failure(kind("It failed."))


@pytest.mark.parametrize(
    "kind", [ModelUnavailable, OutOfMemory, Busy, RateLimited, InvalidRequest, ContextLengthExceeded]
)
def test_what_is_full_or_asked_for_too_much_does_not_count_against_a_target(kind: type[AliveError]) -> None:
    assert not is_failure(kind("It failed."))


def test_where_waiting_helps_the_client_hears_that_with_the_shortest_time() -> None:
    errors = [ContextLengthExceeded("Long."), Busy("Full.", retry_after=9), RateLimited("Slow.", retry_after=4)]
    assert (verdict(errors).message, soonest(errors)) == ("Full.", 4)


def test_where_waiting_cannot_help_the_client_hears_of_the_first_target() -> None:
    assert verdict([ContextLengthExceeded("Long."), UnsupportedParameter("No tools.")]).message == "Long."


def test_a_failure_without_a_time_stays_without_one() -> None:
    assert soonest([EngineCrashed("It ended.")]) is None


@given(st.lists(errors, min_size=1))
def test_the_verdict_is_one_of_the_errors_and_temporary_where_any_is(all_errors: list[AliveError]) -> None:
    told = verdict(all_errors)
    assert any(told is error for error in all_errors)
    permanent = InvalidRequest | PayloadTooLarge
    assert isinstance(told, permanent) == all(isinstance(error, permanent) for error in all_errors)
