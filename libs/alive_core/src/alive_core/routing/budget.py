"""How many retries a profile may cause, as a token bucket: each request fills it a little, each retry takes one.

So retries never exceed the reserve and a share of the requests, and an upstream in trouble is not drowned by the
attempts to reach it.
"""

import msgspec

from alive_core.constants import RETRY_RESERVE, RETRY_SHARE


class Budget(msgspec.Struct, frozen=True):
    """What is left, in retries."""

    left: float = RETRY_RESERVE


FULL = Budget()


def deposit(budget: Budget) -> Budget:
    """A request came."""
    return budget if budget.left >= RETRY_RESERVE else Budget(min(RETRY_RESERVE, budget.left + RETRY_SHARE))


def withdraw(budget: Budget) -> Budget | None:
    """A retry is wanted; `None` where there is none left."""
    return Budget(budget.left - 1.0) if budget.left >= 1.0 else None
