"""What one target is asked to do for a request, and the shape its answer takes."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field

from starlette.types import Scope

from alive_core.adapters.events import Finished
from alive_core.adapters.jobs import Job
from alive_core.errors import AliveError, ContextLengthExceeded, UnsupportedParameter
from alive_core.http.framing import DataFraming, Framing
from alive_core.profiles.profile import Condition
from alive_core.routing.conditions import condition_of
from alive_core.routing.roster import Route
from alive_core.shape.shape import Chunks, Whole

_STATE_KEY = "assignment"

BeforeEnd = Callable[[Finished], Awaitable[None]]
"""Called with the last event before the client gets it. It must not raise: the answer is already there."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One attempt's job and its form: a stream (`Chunks`) or one body (`Whole`). Used once, for a form remembers."""

    job: Job
    form: Chunks | Whole
    framing: Framing = field(default_factory=DataFraming)
    before_end: BeforeEnd | None = None
    ignored: Sequence[str] = ()
    """Paths of the fields that this target cannot honour, and that were left out because leniency was asked for."""


Prepare = Callable[[Route], Assignment]
"""Makes a request into a fresh assignment for one target. Pure but for ids and the time.

Raises InvalidRequest for contradictions, UnsupportedParameter for what this target cannot honour. It is called again
for each target that is tried.
"""


class Prepared:
    """A request's assignments: one for the first target that can take it, made at once, the others when needed.

    Raises at once what `prepare` raises: a mistake in the request itself, or the first target's reason where no
    target can do what is asked, or none is to be tried after it (`fallback_on`).
    """

    def __init__(self, prepare: Prepare, routes: Sequence[Route], fallback_on: Collection[Condition]) -> None:
        self._prepare, self.routes = prepare, routes
        self._refused: dict[str, AliveError] = {}
        self.first = self._make_first(fallback_on)
        self._fresh: Assignment | None = self.first

    def take(self, route: Route) -> Assignment:
        """An assignment for `route` that nobody has used. Raises what `prepare` raises."""
        if route.target.name in self._refused:
            raise self._refused[route.target.name]
        if route is not self._first_route or self._fresh is None:
            return self._prepare(route)
        fresh, self._fresh = self._fresh, None
        return fresh

    def _make_first(self, fallback_on: Collection[Condition]) -> Assignment:
        for route in self.routes:
            try:
                assignment = self._prepare(route)
            except (UnsupportedParameter, ContextLengthExceeded) as error:
                self._refused[route.target.name] = error
                if condition_of(error) not in fallback_on:
                    break
            else:
                self._first_route = route
                return assignment
        raise next(iter(self._refused.values()))


def note_assignment(scope: Scope, assignment: Assignment) -> None:
    """Remember which assignment the request is at, in place of an earlier one."""
    scope["state"][_STATE_KEY] = assignment


def ignored_by_target(scope: Scope) -> Sequence[str]:
    """What is left out for the target that is tried, or that answered."""
    assignment = scope["state"].get(_STATE_KEY)
    return assignment.ignored if isinstance(assignment, Assignment) else ()
