"""What routing did since the server started, for the metrics: numbers that only grow."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from alive_core.profiles.profile import Condition

Reason = Condition | Literal["open"]
"""Why a request left a target; `open`: its breaker spared it."""


class Failover(msgspec.Struct, frozen=True):
    """A request of `profile` went on from one target to another."""

    profile: str
    origin: str
    target: str
    reason: Reason


class Hedge(msgspec.Struct, frozen=True):
    """A second target was started beside a slow one."""

    profile: str
    origin: str
    target: str


class Retry(msgspec.Struct, frozen=True):
    """The targets of a profile were tried again."""

    profile: str


class Opening(msgspec.Struct, frozen=True):
    """The breaker of a target opened."""

    target: str


@dataclass(frozen=True, slots=True)
class RoutingCounters:
    """How often each happened."""

    failovers: Counter[Failover] = field(default_factory=Counter)
    hedges: Counter[Hedge] = field(default_factory=Counter)
    hedges_won: Counter[Hedge] = field(default_factory=Counter)
    """Those of them in which the second target answered."""
    retries: Counter[Retry] = field(default_factory=Counter)
    openings: Counter[Opening] = field(default_factory=Counter)
