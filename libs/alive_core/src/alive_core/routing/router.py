"""What requests of one server share about their targets: breakers, retry budgets, counters. Decisions are pure; this
remembers."""

import logging
import time
from collections.abc import Callable, Sequence

from alive_core.constants import BREAKER_PROBE_S
from alive_core.errors import AliveError
from alive_core.profiles.profile import Profile, Target
from alive_core.routing import breaker, budget
from alive_core.routing.conditions import is_failure, is_local, rest_of
from alive_core.routing.counters import Opening, RoutingCounters
from alive_core.routing.roster import Route
from alive_core.routing.strategies import STRATEGIES
from alive_core.routing.strategies.strategy import Look

logger = logging.getLogger(__name__)


class Permit:
    """One attempt's leave to use a target. What becomes of it is told to the router once."""

    __slots__ = ("is_probe", "is_told", "target")

    def __init__(self, target: Target, *, is_probe: bool) -> None:
        self.target, self.is_probe = target, is_probe
        self.is_told = False


class Router:
    """Knows how each target has behaved. `look` tells where a target's model stands; `clock` gives seconds."""

    def __init__(self, look: Look, clock: Callable[[], float] = time.monotonic) -> None:
        self._look, self._clock = look, clock
        self._breakers: dict[str, breaker.State] = {}
        self._last_errors: dict[str, AliveError] = {}
        self._budgets: dict[str, budget.Budget] = {}
        self.counters = RoutingCounters()

    def order(self, profile: Profile, routes: Sequence[Route]) -> Sequence[Route]:
        """The order in which the profile's strategy wants `routes` tried now."""
        return routes if len(routes) == 1 else STRATEGIES[profile.routing.strategy](routes, self._look)

    # --- breakers ------------------------------------------------------------------------------------------

    def phase_of(self, target: Target) -> breaker.Phase:
        """What an operator sees: `closed` is well, `open` is spared, `half_open` is about to be probed."""
        return breaker.phase_of(self._state(target), self._clock())

    def is_refusing(self, target: Target) -> bool:
        """Whether a request that came now would not be let through to `target`."""
        state = self._breakers.get(target.name)
        return state is not None and breaker.is_refusing(state, self._clock())

    def admit(self, target: Target) -> Permit | None:
        """Leave to use `target`; None where it is spared. Whoever gets one tells later how it went."""
        state = self._breakers.get(target.name)
        if state is None:
            return Permit(target, is_probe=False)
        now = self._clock()
        if breaker.is_refusing(state, now):
            return None
        self._breakers[target.name], is_probe = breaker.admit(state, now)
        return Permit(target, is_probe=is_probe)

    def is_closed_to_all(self, target: Target) -> bool:
        """Whether `target` is spared even where nobody can stand in for it.

        An engine of this machine is not: its failure harms nobody but the request that wants it.
        """
        return self.is_refusing(target) and not is_local(self._last_errors[target.name])

    def admit_anyway(self, target: Target) -> Permit | None:
        """Leave to use a spared `target` when nobody else is left; None where it is closed to all."""
        return None if self.is_closed_to_all(target) else Permit(target, is_probe=False)

    def refusal(self, target: Target) -> AliveError:
        """Why a spared `target` is not tried: its last error, and when it may be tried again."""
        last = self._last_errors[target.name]
        state = self._state(target)
        left = state.until - self._clock() if isinstance(state, breaker.Open) else BREAKER_PROBE_S
        return type(last)(last.message, retry_after=left)

    def succeeded(self, permit: Permit) -> None:
        """The target began to answer."""
        permit.is_told = True
        state = self._breakers.get(permit.target.name)
        if state is not None:
            limits = permit.target.breaker
            self._change(permit.target, breaker.succeeded(state, self._clock(), limits, is_probe=permit.is_probe))

    def failed(self, permit: Permit, error: AliveError) -> None:
        """The attempt ended with `error`."""
        target, now = permit.target, self._clock()
        rest = rest_of(error)
        if rest is not None:
            state = breaker.rested(self._state(target), now, rest, target.breaker)
        elif is_failure(error):
            state = breaker.failed(self._state(target), now, target.breaker, is_probe=permit.is_probe)
        else:
            self.left(permit)
            return
        permit.is_told = True
        self._last_errors[target.name] = error
        self._change(target, state)

    def left(self, permit: Permit) -> None:
        """The attempt ended without telling anything about the target. Nothing happens where something was told."""
        if not permit.is_told and permit.is_probe:
            state = breaker.left(self._state(permit.target), self._clock(), is_probe=True)
            self._change(permit.target, state)
        permit.is_told = True

    def _state(self, target: Target) -> breaker.State:
        return self._breakers.get(target.name, breaker.CLOSED)

    def _change(self, target: Target, state: breaker.State) -> None:
        """Remember `state`. A breaker that was never in trouble, or is out of it, costs nothing."""
        before = self._state(target)
        if state == breaker.CLOSED:
            self._breakers.pop(target.name, None)
            self._last_errors.pop(target.name, None)
        else:
            self._breakers[target.name] = state
        if isinstance(state, breaker.Open) and not isinstance(before, breaker.Open):
            self._note_opening(target, state)
        elif state == breaker.CLOSED and isinstance(before, breaker.HalfOpen):
            logger.info("%s answers again", target.name, extra={"target": target.name})

    def _note_opening(self, target: Target, state: breaker.Open) -> None:
        rest = state.until - self._clock()
        if rest > 0:
            self.counters.openings[Opening(target.name)] += 1
            words = "%s is spared for %.1f s, after: %s"
            logger.warning(words, target.name, rest, self._last_errors[target.name], extra={"target": target.name})

    # --- retries -------------------------------------------------------------------------------------------

    def count_request(self, profile: Profile) -> None:
        """A request came; its share of retries is added to the profile's budget."""
        left = self._budgets.get(profile.name)
        if left is not None:
            self._budgets[profile.name] = budget.deposit(left)

    def may_retry(self, profile: Profile) -> bool:
        """Whether the profile's budget has a retry left; it is taken."""
        left = budget.withdraw(self._budgets.get(profile.name, budget.FULL))
        if left is not None:
            self._budgets[profile.name] = left
        return left is not None
