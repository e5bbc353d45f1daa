"""The circuit breaker of one target, as a pure state machine: states are data, every transition a function.

    Closed ──(enough failures)──▶ Open ──(time is over, one request)──▶ HalfOpen ──(it is answered)──▶ Closed
                                   ▲                                       │
                                   └──────(it fails: spared for longer)────┘

Only the one request that was let through while half-open, the probe, decides there; what others report that began
earlier is old news. A target that asks for rest (`Retry-After`) is spared for as long as it says. Times are seconds
of one clock that never goes back.
"""

from typing import Literal

import msgspec

from alive_core.constants import BREAKER_OPEN_LONGEST_S, BREAKER_OUTCOMES
from alive_core.profiles.profile import BreakerLimits

_DOUBLINGS_MAX = 32  # far beyond every limit, and no overflow

Phase = Literal["closed", "open", "half_open"]


class Outcome(msgspec.Struct, frozen=True):
    """How one attempt went, and when that was known."""

    time: float
    is_failure: bool


class Closed(msgspec.Struct, frozen=True):
    """Everybody may pass. `recent` begins with a failure: while nothing fails, nothing is remembered."""

    recent: tuple[Outcome, ...] = ()


class Open(msgspec.Struct, frozen=True):
    """Nobody may pass before `until`. `openings` counts how often in a row, without an answer in between."""

    until: float
    openings: int = 1


class HalfOpen(msgspec.Struct, frozen=True):
    """One request is probing the target; nobody else may pass."""

    openings: int


State = Closed | Open | HalfOpen
CLOSED = Closed()


def phase_of(state: State, now: float) -> Phase:
    """What an operator sees. An open breaker whose time is over is half-open, though nobody has come yet."""
    if isinstance(state, Closed):
        return "closed"
    return "open" if isinstance(state, Open) and now < state.until else "half_open"


def is_refusing(state: State, now: float) -> bool:
    """Whether a request that came now would not be let through."""
    return isinstance(state, HalfOpen) or (isinstance(state, Open) and now < state.until)


def admit(state: State, now: float) -> tuple[State, bool]:
    """Let a request through that is not refused; returns whether it is the probe."""
    assert not is_refusing(state, now), "ask first"
    if isinstance(state, Open):
        return HalfOpen(state.openings), True
    return state, False


def succeeded(state: State, now: float, limits: BreakerLimits, *, is_probe: bool) -> State:
    """The target began to answer."""
    match state:
        case HalfOpen() if is_probe:
            return CLOSED
        case Closed(recent) if recent:
            return Closed(_remember(recent, Outcome(now, is_failure=False), limits))
        case _:
            return state


def failed(state: State, now: float, limits: BreakerLimits, *, is_probe: bool) -> State:
    """The target is broken, as far as one request could see."""
    match state:
        case HalfOpen(openings) if is_probe:
            return Open(now + rest_s(limits.open_s, openings), openings + 1)
        case Closed(recent) if limits.failures:
            recent = _remember(recent, Outcome(now, is_failure=True), limits)
            return Open(now + limits.open_s) if _is_too_much(recent, limits) else Closed(recent)
        case _:
            return state


def left(state: State, now: float, *, is_probe: bool) -> State:
    """The request ended without telling anything about the target; the next one may probe in its place."""
    return Open(now, state.openings) if is_probe and isinstance(state, HalfOpen) else state


def rested(state: State, now: float, rest: float, limits: BreakerLimits) -> State:
    """The target asked to be left alone for `rest` seconds."""
    if not limits.failures:
        return state
    until = now + min(rest, BREAKER_OPEN_LONGEST_S)
    match state:
        case Open(earlier, openings):
            return Open(max(until, earlier), openings)
        case HalfOpen(openings):
            return Open(until, openings)
        case _:
            return Open(until, openings=0)


def rest_s(first: float, openings: int) -> float:
    """How long to spare a target that was opened so often in a row: twice as long each time, within reason."""
    return max(first, min(BREAKER_OPEN_LONGEST_S, first * 2.0 ** min(openings, _DOUBLINGS_MAX)))


def _is_too_much(recent: tuple[Outcome, ...], limits: BreakerLimits) -> bool:
    failures = sum(outcome.is_failure for outcome in recent)
    return failures >= limits.failures and failures * 2 >= len(recent)


def _remember(recent: tuple[Outcome, ...], latest: Outcome, limits: BreakerLimits) -> tuple[Outcome, ...]:
    """The outcomes that still count, the oldest failure first."""
    kept = [outcome for outcome in (*recent, latest) if outcome.time > latest.time - limits.window_s]
    first = next((place for place, outcome in enumerate(kept) if outcome.is_failure), len(kept))
    return tuple(kept[first:][-BREAKER_OUTCOMES:])
