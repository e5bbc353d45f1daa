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


class Answered(msgspec.Struct, frozen=True):
    """A target began to answer a request of `profile`."""

    profile: str
    target: str


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

    answers: Counter[Answered] = field(default_factory=Counter)
    failovers: Counter[Failover] = field(default_factory=Counter)
    hedges: Counter[Hedge] = field(default_factory=Counter)
    hedges_won: Counter[Hedge] = field(default_factory=Counter)
    """Those of them in which the second target answered."""
    retries: Counter[Retry] = field(default_factory=Counter)
    openings: Counter[Opening] = field(default_factory=Counter)

    def answered_by(self, profile: str) -> dict[str, int]:
        """How many answers each target has begun for `profile`."""
        return {each.target: times for each, times in self.answers.items() if each.profile == profile}

    def failovers_of(self, profile: str) -> int:
        """How often a request for `profile` went on to another target."""
        return sum(times for each, times in self.failovers.items() if each.profile == profile)
