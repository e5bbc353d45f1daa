"""What a trace is told, without anything that makes one: the packages for it are loaded where traces are on."""

from collections.abc import Sequence
from typing import Protocol


class TracedAttempt(Protocol):
    """One try to get an answer from one target. Moments are seconds of `time.perf_counter`."""

    target: str
    began: float
    acquired: float | None
    load_s: float | None
    ended: float | None
    error: str | None


class Traced(Protocol):
    """A request that is over, as far as a trace looks at it: nothing of what a client wrote."""

    method: str
    route: str | None
    status: int
    request_id: str
    profile: str | None
    target: str | None
    error: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    began: float

    @property
    def attempts(self) -> Sequence[TracedAttempt]: ...


class RequestSpan(Protocol):
    """A request that is being traced."""

    @property
    def traceparent(self) -> str:
        """Its place in the trace, for whoever is asked on its behalf."""
        ...

    def end(self, request: Traced) -> None:
        """It is over: tell the trace what became of it."""
        ...


class Traces(Protocol):
    """Makes a span for each request."""

    def begin(self, traceparent: str | None) -> RequestSpan:
        """A request has come; it goes on with the trace that its client names, if any. Cheap, never raises."""
        ...
