"""How much a key may use, in requests and in tokens: pure decisions over counted windows.

A window opens with the first use and ends a minute, or a day, later; within it the sum never exceeds the limit.
"""

from typing import Final, Literal, NamedTuple

import msgspec

from alive_core.constants import DAY_S, MINUTE_S

Kind = Literal["requests", "tokens"]


class Limits(msgspec.Struct, frozen=True):
    """What one key may use. Each is at least 1; `None` means without limit."""

    requests_per_minute: int | None = None
    requests_per_day: int | None = None
    tokens_per_minute: int | None = None
    tokens_per_day: int | None = None

    @property
    def amounts(self) -> tuple[int | None, ...]:
        """One for each of WINDOWS, in its order."""
        return (self.requests_per_minute, self.requests_per_day, self.tokens_per_minute, self.tokens_per_day)


class Window(NamedTuple):
    """What is counted, and for how long."""

    kind: Kind
    length_s: float
    word: str


WINDOWS: Final = (
    Window("requests", MINUTE_S, "minute"),
    Window("requests", DAY_S, "day"),
    Window("tokens", MINUTE_S, "minute"),
    Window("tokens", DAY_S, "day"),
)


class Count(NamedTuple):
    """What was used since a window opened, in Unix seconds; a window that never opened began at 0."""

    start: float = 0.0
    used: int = 0


Counts = tuple[Count, ...]
"""One for each of WINDOWS, in its order."""

UNUSED: Final[Counts] = (Count(),) * len(WINDOWS)


class Cost(NamedTuple):
    """What somebody wants to use."""

    requests: int = 0
    tokens: int = 0


class Refusal(NamedTuple):
    """Why something may not be used now: the window that has no room, and how long until it ends."""

    window: Window
    limit: int
    cost: int
    wait_s: float


class Balance(NamedTuple):
    """What is left of a kind, and how long until all of it is there again."""

    limit: int
    remaining: int
    reset_s: float


def current(counts: Counts, now: float) -> Counts:
    """The counts of the windows that are open at `now`; those without use, or that are over, begin now.

    So do those of the future, which a clock that was set back has left.
    """
    return tuple(
        count if count.used and 0 <= now - count.start < window.length_s else Count(now)
        for count, window in zip(counts, WINDOWS, strict=True)
    )


def spend(counts: Counts, limits: Limits, cost: Cost, now: float) -> Counts | Refusal:
    """The counts after `cost`; or why it is too much, and then nothing is used.

    Of several windows without room, the one that opens last is named.
    """
    counts = current(counts, now)
    refusals = [
        Refusal(window, limit, amount, count.start + window.length_s - now)
        for count, window, limit in zip(counts, WINDOWS, limits.amounts, strict=True)
        if limit is not None and (amount := getattr(cost, window.kind)) > 0 and count.used + amount > limit
    ]
    return max(refusals, key=lambda refusal: refusal.wait_s) if refusals else _added(counts, cost)


def correct(counts: Counts, reserved: Counts, by: int, now: float) -> Counts:
    """The counts after the tokens that were `reserved` turned out to be `by` more, or fewer where negative.

    `reserved` are the counts from then. What a window that is over had too much is not given to the next one.
    """
    found = []
    for count, then, window in zip(current(counts, now), reserved, WINDOWS, strict=True):
        is_counted = window.kind == "tokens" and (by > 0 or count.start == then.start)
        found.append(Count(count.start, max(0, count.used + by)) if is_counted else count)
    return tuple(found)


def balances(counts: Counts, limits: Limits, now: float) -> dict[Kind, Balance]:
    """What is left of each kind that is limited, in the window that has the least left."""
    found: dict[Kind, Balance] = {}
    for count, window, limit in zip(current(counts, now), WINDOWS, limits.amounts, strict=True):
        if limit is None:
            continue
        left = Balance(limit, max(0, limit - count.used), count.start + window.length_s - now if count.used else 0.0)
        if window.kind not in found or left.remaining < found[window.kind].remaining:
            found[window.kind] = left
    return found


def _added(counts: Counts, cost: Cost) -> Counts:
    return tuple(
        Count(count.start, count.used + getattr(cost, window.kind))
        for count, window in zip(counts, WINDOWS, strict=True)
    )
