"""What surrounds every request: an id, headers, one log line, and the key at the door. Pure ASGI, outermost first."""

import hmac
import logging
import time
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alive_core.constants import READY_MODEL_RETRY_S, REQUEST_ID_MAX_CHARS
from alive_core.errors import AliveError, Draining, Unauthorized
from alive_core.http.context import Context
from alive_core.http.failures import error_response
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


class Door:
    """Asks for a key where keys are set, and turns new requests away while the server ends.

    `open_paths` are answered to everyone, always.
    """

    def __init__(self, app: ASGIApp, context: Context, open_paths: Collection[str]) -> None:
        self._app, self._context, self._open_paths = app, context, open_paths
        self._keys = [key.encode() for key in context.settings.api_keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer it here."""
        is_open = scope["type"] != "http" or scope["path"] in self._open_paths
        refusal = None if is_open else self._refusal(Headers(scope=scope))
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await error_response(refusal)(scope, receive, send)

    def _refusal(self, headers: Headers) -> AliveError | None:
        if self._context.is_draining:
            return Draining("The server is shutting down. Try again in a moment.", retry_after=READY_MODEL_RETRY_S)
        if not self._keys or self._is_known(presented_key(headers)):
            return None
        return Unauthorized("This server needs an API key: send `Authorization: Bearer YOUR_KEY`.")

    def _is_known(self, key: str) -> bool:
        """Compare with every key, in a time that tells nothing about any of them."""
        matches = [hmac.compare_digest(key.encode(), known) for known in self._keys]
        return any(matches)


def presented_key(headers: Headers) -> str:
    """The key a request carries: a Bearer token, or `x-api-key`; empty where it carries none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
