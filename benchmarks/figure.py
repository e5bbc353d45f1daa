"""A measured figure and what it should be."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """One line of the report. `goal` is a bound: `at most` or `at least`, as `bound` says."""

    name: str
    value: float
    unit: str
    goal: float
    bound: Literal["at most", "at least"] = "at most"
    note: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the value keeps its goal."""
        return self.value <= self.goal if self.bound == "at most" else self.value >= self.goal

    def line(self) -> str:
        """The figure as it is printed."""
        verdict = "ok    " if self.is_met else "MISSED"
        note = f"  ({self.note})" if self.note else ""
        goal = f"{self.bound} {self.goal:g} {self.unit}"
        return f"{verdict} {self.name:<58} {self.value:>9.4g} {self.unit:<6} {goal}{note}"


def median_of(measure: Callable[[], float], runs: int) -> float:
    """The median of several measurements; the first run is a warm-up and does not count."""
    measure()
    return statistics.median(measure() for _ in range(runs))


def spread(values: Sequence[float]) -> str:
    """Smallest and largest value, for a note."""
    return f"{min(values):.4g} to {max(values):.4g}"
