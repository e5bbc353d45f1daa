"""Which models are left alone for a while after trouble, and what those who ask meanwhile are told.

`backoff.py` says for how long. Models go by the names of their targets; times are seconds of the cache's clock.
"""

from dataclasses import dataclass

from alive_core.cache.backoff import NO_SETBACKS, Setbacks, after_crashes, after_failed_loads
from alive_core.errors import AliveError, EngineCrashed


@dataclass(frozen=True, slots=True)
class Cooldown:
    """Until when a model is left alone, and why."""

    until: float
    error: AliveError


class Cooldowns:
    """The pauses of all models, and the rows of setbacks that they follow from."""

    def __init__(self) -> None:
        self._cooldowns: dict[str, Cooldown] = {}
        self._failures: dict[str, Setbacks] = {}
        self._crashes: dict[str, Setbacks] = {}

    def __getitem__(self, name: str) -> Cooldown:
        """The model's last one, over or not. Raises KeyError where it never had one."""
        return self._cooldowns[name]

    def present(self, name: str, now: float) -> Cooldown | None:
        """The one that the model has at `now`."""
        last = self._cooldowns.get(name)
        return last if last is not None and last.until > now else None

    def ends(self) -> dict[str, float]:
        """Until when each model is left alone; may be over."""
        return {name: cooldown.until for name, cooldown in self._cooldowns.items()}

    def load_failed(self, name: str, error: AliveError, now: float) -> None:
        """A load ended with `error`."""
        failures = self._failures[name] = self._failures.get(name, NO_SETBACKS).another(now)
        self._cooldowns[name] = Cooldown(now + after_failed_loads(failures.count), error)

    def loaded(self, name: str) -> None:
        """A load succeeded: the row of failed ones is over."""
        self._failures.pop(name, None)

    def crashed(self, name: str, now: float, *, has_worked: bool) -> float:
        """An engine ended by itself, after it had done some work or not. Returns the pause, maybe 0 seconds."""
        before = NO_SETBACKS if has_worked else self._crashes.get(name, NO_SETBACKS)
        crashes = self._crashes[name] = before.another(now)
        pause_s = after_crashes(crashes.count)
        if pause_s:
            words = f"The engine of this model ended by itself {crashes.count} times in a row. It gets a pause."
            self._cooldowns[name] = Cooldown(now + pause_s, EngineCrashed(words))
        return pause_s

    def forgive(self, name: str) -> None:
        """Whatever happened to it is forgotten: an operator wants it."""
        for kept in (self._cooldowns, self._failures, self._crashes):
            kept.pop(name, None)
