"""What surrounds every request: an id, headers and one log line. Pure ASGI, outside of everything else."""

import logging
import time
from collections.abc import Collection, Iterable, Mapping

from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alive_core.constants import LOG_PATH_MAX_CHARS, REQUEST_ID_MAX_CHARS
from alive_core.http.leniency import IGNORED_HEADER, ignored_header
from alive_core.http.paths import canonical_path
from alive_core.http.record import MS_PER_S, STATE_KEY, RequestRecord
from alive_core.observability.metrics import CLIENT_LEFT_STATUS, NO_ROUTE, Metrics
from alive_core.observability.traces import RequestSpan, Traces
from alive_core.utils.ids import is_request_id, request_id
from alive_core.utils.trail import REQUEST_ID_HEADER, Trail, follow, is_traceparent

access_log = logging.getLogger("alive_core.access")

SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
ACCESS_LINE = "%s %s %d"


class Correlation:
    """Gives each request an id, takes the client's where it sent one, and tells what became of it when it is over:
    one log line, the metrics, and a trace where traces are on.

    `resources` live under `/v1`, and are found without it too. `routes` maps each route to how the API writes it.
    """

    def __init__(
        self,
        app: ASGIApp,
        resources: Collection[str],
        routes: Mapping[str, str],
        metrics: Metrics,
        traces: Traces | None,
    ) -> None:
        self._app, self._resources, self._routes = app, resources, routes
        self._metrics, self._traces = metrics, traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its canonical path, with headers added to whatever answers it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["path"] = canonical_path(scope["path"], self._resources)
        sent_id, sent_trace = _sent(scope["headers"])
        own_id = sent_id if is_request_id(sent_id, max_chars=REQUEST_ID_MAX_CHARS) else request_id()
        record = RequestRecord(scope["method"], scope["path"][:LOG_PATH_MAX_CHARS], own_id, CLIENT_LEFT_STATUS)
        scope.setdefault("state", {})[STATE_KEY] = record
        span = self._traces.begin(sent_trace) if self._traces is not None else None
        follow(
            Trail(own_id, sent_trace if span is None else span.traceparent)
        )  # to the end of this task: one request
        own_headers = [(REQUEST_ID_HEADER.encode(), own_id.encode()), *SECURITY_HEADERS]

        async def add_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
                message["headers"] = _joined(message["headers"], own_headers)
                if (ignored := ignored_header(scope)) is not None:
                    message["headers"].append((IGNORED_HEADER.encode(), ignored.encode()))
            await send(message)

        self._metrics.in_flight += 1
        try:
            await self._app(scope, receive, add_headers)
        finally:
            self._metrics.in_flight -= 1
            self._tell(scope, record, span)

    def _tell(self, scope: Scope, record: RequestRecord, span: RequestSpan | None) -> None:
        """The request is over: say so everywhere."""
        duration_s = time.perf_counter() - record.began
        record.duration_ms = round(duration_s * MS_PER_S, 1)
        record.route = self._route_of(scope)
        self._metrics.tell(record, duration_s)
        if span is not None:
            span.end(record)
        if access_log.isEnabledFor(logging.INFO):
            words = (record.method, record.path, record.status)
            line = access_log.makeRecord(
                access_log.name, logging.INFO, "", 0, ACCESS_LINE, words, None, extra=record.known()
            )  # not `info`, which would look up this very line in this very file every time
            access_log.handle(line)

    def _route_of(self, scope: Scope) -> str:
        """The path as it is written in the API: one of a few, whatever clients ask for."""
        route = scope.get("route")  # there is none where the request was refused at the door
        return self._routes.get(route.path if isinstance(route, Route) else scope["path"], NO_ROUTE)


def _sent(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, str | None]:
    """The id and the place in a trace that a client sent, where they are such."""
    sent_id, sent_trace = b"", b""
    for name, value in headers:
        if name == b"x-request-id":
            sent_id = value
        elif name == b"traceparent":
            sent_trace = value
    trace = sent_trace.decode("latin-1")
    return sent_id.decode("latin-1"), trace if is_traceparent(trace) else None


def _joined(headers: Iterable[tuple[bytes, bytes]], own: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, and those of `own` that it does not have."""
    headers = list(headers)
    present = {name.lower() for name, _ in headers}
    return headers + [header for header in own if header[0] not in present]
