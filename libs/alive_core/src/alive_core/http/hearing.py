"""Hears a request out before it is answered, so that the connection can carry the next one.

A server that answers before the body has come must close the connection afterwards; a client that keeps connections
open and sends the rest, or its next request, finds it broken. Errors found early (no such route, no key) do that.
"""

import asyncio

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alive_core.constants import BODY_DISCARD_LIMIT_BYTES, BODY_DISCARD_TIMEOUT_S

BODY_HEADERS = frozenset({b"content-length", b"transfer-encoding"})
"""One of them announces a body: https://www.rfc-editor.org/rfc/rfc9112#section-6."""


class HearOut:
    """Middleware: what the application left unread of a body is read and thrown away before the answer begins.

    A body that is too long or does not come in time is left: the answer then says `Connection: close`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through; watch whether the body has ended."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        is_heard = False

        async def listen() -> Message:
            nonlocal is_heard
            message = await receive()
            is_heard = is_heard or _is_last(message)
            return message

        async def speak(message: Message) -> None:
            nonlocal is_heard
            if message["type"] == "http.response.start" and not is_heard:
                is_heard = await _hear_rest(receive)
                if not is_heard and scope["http_version"].startswith("1"):
                    MutableHeaders(scope=message)["connection"] = "close"
            await send(message)

        await self._app(scope, listen, speak)


async def _hear_rest(receive: Receive) -> bool:
    """Read and forget the rest of a body. False where there is too much of it, or it does not come."""
    heard = 0
    try:
        async with asyncio.timeout(BODY_DISCARD_TIMEOUT_S):
            while heard <= BODY_DISCARD_LIMIT_BYTES:
                message = await receive()
                if _is_last(message):
                    return True
                heard += len(message.get("body", b""))
    except TimeoutError:
        pass
    return False


def _has_body(scope: Scope) -> bool:
    """Whether the request may have a body. In HTTP/1 its headers say so, else nothing has to be waited for."""
    if not scope["http_version"].startswith("1"):
        return True
    return any(name in BODY_HEADERS for name, _ in scope["headers"])


def _is_last(message: Message) -> bool:
    return message["type"] != "http.request" or not message.get("more_body", False)
