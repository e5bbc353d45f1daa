"""How long a model that keeps failing is left alone. Pure; times are seconds of one clock.

1. A crash now and then costs only a load: after the first `CRASHES_FORGIVEN` in a row it may be started at once.
2. Each further crash in a row makes the pause twice as long, up to `COOLDOWN_LONGEST_S`.
3. A failed load is followed by `LOAD_COOLDOWN_S`, and each further one in a row by twice as long, up to the same.
4. Whoever caused no trouble for `SETBACK_QUIET_S` begins anew; so does a load that succeeds, for loads.
"""

import math
from dataclasses import dataclass

from alive_core.constants import (
    COOLDOWN_LONGEST_S,
    CRASH_COOLDOWN_S,
    CRASHES_FORGIVEN,
    LOAD_COOLDOWN_S,
    SETBACK_QUIET_S,
)


@dataclass(frozen=True, slots=True)
class Setbacks:
    """How often in a row something went wrong, and when it last did."""

    count: int = 0
    last: float = -math.inf

    def another(self, now: float) -> "Setbacks":
        """It went wrong again."""
        return Setbacks(1 if now - self.last >= SETBACK_QUIET_S else self.count + 1, now)


NO_SETBACKS = Setbacks()


def after_crashes(count: int) -> float:
    """How long to wait before the next load, after that many crashes in a row."""
    extra = count - CRASHES_FORGIVEN
    return _doubled(CRASH_COOLDOWN_S, extra) if extra > 0 else 0.0


def after_failed_loads(count: int) -> float:
    """How long to wait before the next load, after that many that failed in a row; at least one."""
    return _doubled(LOAD_COOLDOWN_S, count)


def _doubled(first_s: float, count: int) -> float:
    """`first_s` for the first, twice that for the second, and so on up to the longest."""
    doublings = math.ceil(math.log2(COOLDOWN_LONGEST_S / first_s))  # more would only overflow
    return min(math.ldexp(first_s, min(count - 1, doublings)), COOLDOWN_LONGEST_S)
