"""Web pages of other origins that may ask from a browser, where the operator names them.

https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS
"""

from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from alive_core.constants import CORS_MAX_AGE_S
from alive_core.errors import InvalidRequest
from alive_core.http.failures import error_response

METHODS: Final = ("GET", "POST", "DELETE")

EXPOSED_HEADERS: Final = (
    "retry-after",
    "x-alive-fingerprint",
    "x-alive-ignored",
    "x-alive-target",
    "x-ratelimit-limit-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-requests",
    "x-ratelimit-reset-tokens",
    "x-request-id",
)
"""What a page may read of an answer beside its body."""


class CrossOrigin(CORSMiddleware):
    """Starlette's, with refusals in the shape of every other error."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """What a browser hears before a page may ask."""
        answer = super().preflight_response(request_headers)
        if answer.status_code < InvalidRequest.status:
            return answer
        reason = bytes(answer.body).decode()
        return error_response(
            InvalidRequest(f"Pages of {request_headers['origin']} may not ask this here: {reason}.")
        )


def cross_origin(origins: Sequence[str]) -> list[Middleware]:
    """Answers what browsers ask beforehand, and tells them who may read an answer; nothing where no origin is named.

    Keys travel in a header that the page sets itself, so no cookie and no other credential of the browser is needed.
    """
    if not origins:
        return []
    return [
        Middleware(
            CrossOrigin,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=["*"],
            expose_headers=EXPOSED_HEADERS,
            max_age=CORS_MAX_AGE_S,
        )
    ]
