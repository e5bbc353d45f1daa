"""The door: who may come in, and who asks. Pure ASGI, inside of what makes ids and headers."""

from collections.abc import Collection, Iterable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from alive_core.access.caller import Caller
from alive_core.constants import READY_MODEL_RETRY_S
from alive_core.errors import AliveError, Draining
from alive_core.http.context import Context, context_of
from alive_core.http.failures import error_response
from alive_core.http.limits import serve_within
from alive_core.http.record import record_of

CALLER_KEY = "caller"


class Door:
    """Asks for a key where keys are needed, and turns new requests away while the server ends.

    `open_paths` are answered to everyone, always; `operators_paths` to whom they are for also while the server ends.
    Everyone else is in the request's state from here on.
    """

    def __init__(
        self, app: ASGIApp, context: Context, open_paths: Collection[str], operators_paths: Collection[str]
    ) -> None:
        self._app, self._context = app, context
        self._open_paths, self._operators_paths = frozenset(open_paths), frozenset(operators_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer it here."""
        if scope["type"] != "http" or scope["path"] in self._open_paths:
            await self._app(scope, receive, send)
            return
        try:
            caller = await self._admit(scope)
        except AliveError as refusal:
            await error_response(refusal)(scope, receive, send)
            return
        quota = self._context.callers.quota(caller)
        if quota is None:
            await self._app(scope, receive, send)
        else:
            await serve_within(quota, self._app, scope, receive, send)

    async def _admit(self, scope: Scope) -> Caller:
        if self._context.is_draining and scope["path"] not in self._operators_paths:
            raise Draining("The server is shutting down. Try again in a moment.", retry_after=READY_MODEL_RETRY_S)
        caller = await self._context.callers.identify(presented_key(scope["headers"]))
        scope["state"][CALLER_KEY] = caller
        record_of(scope).key_id = caller.id
        return caller


def presented_key(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The key a request carries: a Bearer token, or `x-api-key`; empty where it carries none.

    Names are in lower case, as ASGI has them. Of a header that stands twice the first counts.
    """
    authorization = own = None
    for name, value in headers:
        if name == b"authorization" and authorization is None:
            authorization = value
        elif name == b"x-api-key" and own is None:
            own = value
    scheme, _, token = (authorization or b"").partition(b" ")
    key = token.strip() if scheme.lower() == b"bearer" else own or b""
    return key.decode("latin-1")


def caller_of(scope: Scope) -> Caller:
    """Whoever the door let in with this request."""
    caller = scope["state"][CALLER_KEY]
    assert isinstance(caller, Caller)
    return caller


def require_admin(request: Request) -> None:
    """Raise Forbidden where whoever asks may not do what is for operators."""
    context_of(request).callers.require_admin(caller_of(request.scope))
