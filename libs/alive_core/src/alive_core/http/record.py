"""What became of one request: filled in on its way, read at its end by the log line, the metrics, the trace."""

import time
from dataclasses import dataclass, field

from starlette.types import Scope

from alive_core.adapters.events import Event, Finished, Sign
from alive_core.cache.cache import Lease
from alive_core.errors import AliveError

STATE_KEY = "record"
MS_PER_S = 1000


class Attempt:
    """One try to get an answer from one target: a block around its lease. Moments are of `time.perf_counter`."""

    __slots__ = ("_lease", "_record", "acquired", "began", "ended", "error", "load_s", "target")

    def __init__(self, record: "RequestRecord", lease: Lease) -> None:
        self._record, self._lease = record, lease
        self.target = lease.target.name
        self.began = time.perf_counter()
        self.acquired: float | None = None
        """When it had a place on the model; `None` where it never got one."""
        self.load_s: float | None = None
        """The part of its waiting that was a load."""
        self.ended: float | None = None
        self.error: str | None = None
        """The code of what ended it early."""

    def __enter__(self) -> "Attempt":
        return self

    def note_place(self) -> None:
        """It has a place now."""
        self.acquired = self.began + self._lease.waited_s
        self._note_waiting()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.ended = time.perf_counter()
        if isinstance(error, AliveError):
            self.error = code_of(error)
        if self.acquired is None:
            self._note_waiting()

    def _note_waiting(self) -> None:
        """Of several attempts the last one that waited counts: it is the one that answers, or that gave up."""
        lease, record = self._lease, self._record
        record.queue_ms = round(lease.waited_s * MS_PER_S, 1)
        if lease.load_s:
            self.load_s = lease.load_s
            record.load_ms = round(lease.load_s * MS_PER_S, 1)


@dataclass(slots=True)
class RequestRecord:
    """One request. A field stays `None` where it does not apply, or was not reached.

    Nothing here may hold what a client wrote: no prompt, no answer, no key.
    """

    method: str
    path: str
    request_id: str
    status: int
    duration_ms: float | None = None
    profile: str | None = None
    target: str | None = None
    """Which target answered: for operators, never part of an answer."""
    key_id: str | None = None
    """Which key was used, as its short public id."""
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    queue_ms: float | None = None
    """How long it waited for a place on the model, the load included."""
    load_ms: float | None = None
    """The part of that which was a load."""
    first_event_ms: float | None = None
    """From the request's arrival to the first piece of its answer."""
    failovers: int | None = None
    error: str | None = None
    """The error's `code`, also where it came after the answer had begun."""
    route: str | None = None
    """The path as the API writes it: one of a few, whatever clients ask for. Known once the request is over."""
    began: float = field(default_factory=time.perf_counter)
    """When it arrived, in seconds of `time.perf_counter`; for the trace, not for the log."""
    attempts: list[Attempt] = field(default_factory=list)
    """Each try to get an answer, in order; for the trace, not for the log."""

    def known(self) -> dict[str, object]:
        """The fields that are set, for a log line."""
        return {name: value for name in LOGGED if (value := getattr(self, name)) is not None}

    def attempt(self, lease: Lease) -> Attempt:
        """A target is asked for a place, and then to work, while this block runs."""
        self.target = lease.target.name
        attempt = Attempt(self, lease)
        self.attempts.append(attempt)
        return attempt

    def note_event(self, event: Event) -> None:
        """The engine said something."""
        if self.first_event_ms is None and not isinstance(event, Sign):
            self.first_event_ms = round((time.perf_counter() - self.began) * MS_PER_S, 1)
        if isinstance(event, Finished):
            usage = event.usage
            self.prompt_tokens, self.cached_tokens = usage.prompt_tokens, usage.cached_tokens
            self.completion_tokens = usage.completion_tokens

    def note_error(self, error: AliveError) -> None:
        """The client hears of an error."""
        self.error = code_of(error)


LOGGED = tuple(name for name in RequestRecord.__dataclass_fields__ if name not in ("route", "began", "attempts"))
"""What stands in the log line."""


def code_of(error: AliveError) -> str:
    """An error in one word; a few have no code in OpenAI's API, and then their type stands for it."""
    return error.code or error.error_type


def record_of(scope: Scope) -> RequestRecord:
    """The record of the request that `scope` belongs to."""
    record = scope["state"][STATE_KEY]
    assert isinstance(record, RequestRecord)
    return record
