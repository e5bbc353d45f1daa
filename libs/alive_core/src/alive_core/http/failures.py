"""From an error to bytes: the only place that does it, for our errors and the framework's alike."""

import logging
import math

from msgspec import UNSET
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alive_core.errors import AliveError, InvalidRequest, MethodNotAllowed, NotFound
from alive_core.http.record import record_of
from alive_core.schemas.common import encode
from alive_core.schemas.errors import ErrorBody, ErrorDetail, UsageSoFar

logger = logging.getLogger(__name__)


def error_body(error: AliveError, *, usage: UsageSoFar | None = None) -> ErrorBody:
    """OpenAI's error envelope; `usage` is what a broken answer had taken."""
    return ErrorBody(
        error=ErrorDetail(message=error.message, type=error.error_type, param=error.param, code=error.code),
        usage=usage or UNSET,
    )


def error_response(error: AliveError) -> Response:
    """The whole answer to a failed request, with `Retry-After` in whole seconds where waiting helps."""
    return ErrorResponse(error)


class ErrorResponse(Response):
    """The answer, which also notes in the request's record what it was."""

    media_type = "application/json"

    def __init__(self, error: AliveError) -> None:
        headers = {} if error.retry_after is None else {"retry-after": str(max(1, math.ceil(error.retry_after)))}
        super().__init__(encode(error_body(error)), error.status, headers)
        self._error = error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        record_of(scope).note_error(self._error)
        await super().__call__(scope, receive, send)


def from_framework(request: Request, error: HTTPException) -> AliveError:
    """Starlette's own errors as ours: unknown routes, wrong methods, unreadable requests."""
    path, method = request.url.path, request.method
    match error.status_code:
        case NotFound.status:
            return NotFound(f"There is nothing at {method} {path}. The API begins at /v1, its models at /v1/models.")
        case MethodNotAllowed.status:
            allowed = (error.headers or {}).get("Allow", "another method")
            return MethodNotAllowed(f"{path} does not answer to {method}; it answers to {allowed}.")
        case _:
            return InvalidRequest(error.detail)


async def answer_framework_error(request: Request, error: Exception) -> Response:
    """Starlette's handler for its own errors."""
    assert isinstance(error, HTTPException)
    response = error_response(from_framework(request, error))
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


async def answer_error(_: Request, error: Exception) -> Response:
    """Starlette's handler for errors of our tree, raised before an answer began."""
    assert isinstance(error, AliveError)
    return error_response(error)


class LastResort:
    """Middleware: an error that nobody foresaw is logged whole, and told to the client in one sentence.

    An answer that has already begun cannot be mended: the error goes on, and the connection ends visibly unfinished.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through; watch whether an answer has begun."""
        has_begun = False

        async def watch(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception:
            logger.exception("unforeseen error at %s", scope.get("path"))
            if has_begun:
                raise
            error = AliveError("The server made a mistake. It is in its log, under this answer's x-request-id.")
            await error_response(error)(scope, receive, send)
