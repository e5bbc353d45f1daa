"""What became of one request: filled in on its way, read once it is over by the log line and the metrics."""

from dataclasses import dataclass, fields

from starlette.types import Scope

STATE_KEY = "record"


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

    def known(self) -> dict[str, object]:
        """The fields that are set, for a log line."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


def record_of(scope: Scope) -> RequestRecord:
    """The record of the request that `scope` belongs to."""
    record = scope["state"][STATE_KEY]
    assert isinstance(record, RequestRecord)
    return record
