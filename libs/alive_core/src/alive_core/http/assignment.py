"""What one target is asked to do for a request, and the shape its answer takes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from starlette.types import Scope

from alive_core.adapters.events import Finished
from alive_core.adapters.jobs import Job
from alive_core.http.framing import DataFraming, Framing
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


def note_assignment(scope: Scope, assignment: Assignment) -> None:
    """Remember which assignment the request is at, in place of an earlier one."""
    scope["state"][_STATE_KEY] = assignment


def ignored_by_target(scope: Scope) -> Sequence[str]:
    """What is left out for the target that is tried, or that answered."""
    assignment = scope["state"].get(_STATE_KEY)
    return assignment.ignored if isinstance(assignment, Assignment) else ()
