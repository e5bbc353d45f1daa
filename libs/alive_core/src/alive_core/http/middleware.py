"""What surrounds every request: an id, headers and one log line. Pure ASGI, outside of everything else."""

import logging
import time
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alive_core.constants import REQUEST_ID_MAX_CHARS
from alive_core.http.leniency import IGNORED_HEADER, ignored_header
from alive_core.http.paths import canonical_path
from alive_core.http.record import STATE_KEY, RequestRecord
from alive_core.utils.ids import is_request_id, request_id

access_log = logging.getLogger("alive_core.access")

REQUEST_ID_HEADER = "x-request-id"
CLIENT_LEFT_STATUS = 499  # nginx's number for a client that left before the answer; only for the log
SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


class Correlation:
    """Gives each request an id, takes the client's where it sent one, and logs one line when it is over.

    `resources` live under `/v1`, and are found without it too.
    """

    def __init__(self, app: ASGIApp, resources: Collection[str]) -> None:
        self._app, self._resources = app, resources

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its canonical path, with headers added to whatever answers it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["path"] = canonical_path(scope["path"], self._resources)
        began = time.perf_counter()
        sent_id = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        own_id = sent_id if is_request_id(sent_id, max_chars=REQUEST_ID_MAX_CHARS) else request_id()
        record = RequestRecord(scope["method"], scope["path"], own_id, CLIENT_LEFT_STATUS)
        scope.setdefault("state", {}).update({"request_id": own_id, STATE_KEY: record})

        async def add_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID_HEADER] = own_id
                if (ignored := ignored_header(scope)) is not None:
                    headers[IGNORED_HEADER] = ignored
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, add_headers)
        finally:
            record.duration_ms = round((time.perf_counter() - began) * 1000, 1)
            access_log.info("%s %s %d", record.method, record.path, record.status, extra=record.known())
