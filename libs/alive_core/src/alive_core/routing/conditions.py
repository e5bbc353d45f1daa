"""What a target's error means for the request: whether another target may help, and whether time may."""

from collections.abc import Sequence

from alive_core.errors import (
    AliveError,
    Busy,
    ContextLengthExceeded,
    InvalidRequest,
    ModelUnavailable,
    OutOfMemory,
    PayloadTooLarge,
    RateLimited,
    UpstreamFailed,
)
from alive_core.profiles.profile import Condition


def condition_of(error: AliveError) -> Condition:
    """Which condition of a profile's `fallback_on` it is. What a target raises and nobody foresaw is `down`."""
    match error:
        case ContextLengthExceeded() | PayloadTooLarge():
            return "too_long"
        case InvalidRequest():
            return "refused"
        case RateLimited():
            return "rate_limited"
        case Busy():
            return "busy"
        case _:
            return "down"


def is_passing(error: AliveError) -> bool:
    """Whether the same target may well answer a moment later.

    Only what lies outside this machine: a queue here that is full is made no shorter by asking again, and a model
    that could not be loaded cools down for longer than a client should be held up.
    """
    return isinstance(error, RateLimited | UpstreamFailed)


def is_failure(error: AliveError) -> bool:
    """Whether it shows that the target is broken, rather than busy, full, short of memory, or asked for too much."""
    if isinstance(error, ModelUnavailable):
        # The plain class is a wish of the caller that was not met: `alive.load` or `max_wait_s`.
        return type(error) is not ModelUnavailable and not isinstance(error, OutOfMemory)
    return condition_of(error) == "down"


def is_local(error: AliveError) -> bool:
    """Whether it is about an engine of this machine, which may be tried at no one's expense but this request's."""
    return not isinstance(error, RateLimited | UpstreamFailed)


def rest_of(error: AliveError) -> float | None:
    """Seconds for which the target asked to be left alone (`Retry-After`); None where it did not.

    What this server itself advises its clients is not meant.
    """
    return None if is_local(error) else error.retry_after


def verdict(errors: Sequence[AliveError]) -> AliveError:
    """The one of several targets' errors that the client hears; there is at least one.

    1. Where waiting can help, the first that says so.
    2. Else the first: it is about the target that the profile prefers.
    """
    return next((error for error in errors if not isinstance(error, InvalidRequest | PayloadTooLarge)), errors[0])


def soonest(errors: Sequence[AliveError]) -> float | None:
    """The shortest `Retry-After` of several targets' errors: when asking again may help; None where none says."""
    return min((error.retry_after for error in errors if error.retry_after is not None), default=None)
