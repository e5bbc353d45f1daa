"""What ties together everything that is done for one request: in logs, in child processes, at other servers.

The trail is followed by the task that answers the request and by every task it starts, through Python's own context
variables, so nobody has to hand it on.
"""

import re
from contextvars import ContextVar
from typing import Final, NamedTuple

REQUEST_ID_HEADER: Final = "x-request-id"
TRACEPARENT_HEADER: Final = "traceparent"
TRACEPARENT_MAX_CHARS: Final = 128  # version 00 has 55; later ones may add to it
# Version, trace, parent and flags; a trace or a parent of zeros only is none, and version ff is forbidden.
_TRACEPARENT: Final = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")


class Trail(NamedTuple):
    """One request: its id, and its place in a trace where there is one.

    `traceparent` is written as https://www.w3.org/TR/trace-context/ says.
    """

    request_id: str
    traceparent: str | None = None


_TRAIL: Final[ContextVar[Trail | None]] = ContextVar("alive_trail", default=None)


def follow(trail: Trail | None) -> None:
    """Everything that this task does from now on, and the tasks it starts, belongs to `trail`."""
    _TRAIL.set(trail)


def current_trail() -> Trail | None:
    """The request that the running code works for; `None` where it works for nobody in particular."""
    return _TRAIL.get()


def trail_headers() -> dict[str, str]:
    """What a request to another server carries, so that its logs and traces can be found from ours."""
    trail = current_trail()
    if trail is None:
        return {}
    headers = {REQUEST_ID_HEADER: trail.request_id}
    return headers if trail.traceparent is None else headers | {TRACEPARENT_HEADER: trail.traceparent}


def is_traceparent(text: str) -> bool:
    """Whether `text` is a place in a trace that can be gone on from."""
    return len(text) <= TRACEPARENT_MAX_CHARS and _TRACEPARENT.fullmatch(text) is not None
