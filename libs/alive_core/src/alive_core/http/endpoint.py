"""What the server knows about one address and method: its routes and its API document are both made from this."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from alive_core.errors import (
    AliveError,
    Busy,
    DeadlineExceeded,
    FingerprintMismatch,
    InvalidRequest,
    ModelNotFound,
    ModelUnavailable,
    PayloadTooLarge,
    RateLimited,
    UpstreamFailed,
)
from alive_core.http.door import require_admin
from alive_core.schemas.common import RequestStruct, ResponseStruct
from alive_core.schemas.models import Skill

Method = Literal["GET", "POST", "DELETE"]
Handler = Callable[[Request], Awaitable[ASGIApp]]
Answered = type[RequestStruct] | type[ResponseStruct] | type[dict[str, object]] | type[str]
"""What the body of an answer can be: also something that a client sent, as it is kept."""

WORK_ERRORS: tuple[type[AliveError], ...] = (
    InvalidRequest,
    ModelNotFound,
    FingerprintMismatch,
    PayloadTooLarge,
    RateLimited,
    Busy,
    ModelUnavailable,
    UpstreamFailed,
    DeadlineExceeded,
)
"""What can go wrong wherever a model works."""

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a client gets what a path names: the answer of another operation."""

    operation: Handler
    """Its handler. Parts in braces of its own path are the same in the path that this belongs to."""
    values: Mapping[str, str]
    """A part of the path in braces, and the field of the answer that holds it: `{"response_id": "id"}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address and method, and everything that a client has to know to use it."""

    path: str
    """As Starlette writes it: `/v1/models/{model:path}`."""
    handler: Handler
    """Its name is the operation's id in the document."""
    group: str
    summary: str
    """A short sentence without a full stop."""
    method: Method = "GET"
    description: str = ""
    task: Skill | None = None
    """Models of this task answer here."""
    request: type[RequestStruct] | None = None
    is_body_optional: bool = False
    """Whether no body at all is a request as well."""
    response: Answered | tuple[Answered, ...] | None = str
    """The body of the answer: one kind, or one of several; `str` is a text of the type `media`.

    `None` where every request is refused.
    """
    media: str = "application/json"
    stream: type[ResponseStruct] | tuple[type[ResponseStruct], ...] | None = None
    """What the events hold where the client asks for a stream: one kind, or several."""
    query: type[RequestStruct] | None = None
    """What may stand after the `?`."""
    example: Mapping[str, object] | None = None
    """The smallest useful request, without `model`, where it is not the one of the task."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What each part of the path in braces means."""
    origin: Origin | None = None
    """Where those parts come from, where it is another operation."""
    errors: Sequence[type[AliveError]] = ()
    """What can go wrong here and not everywhere; each stands for its whole branch of the tree."""
    client: str = ""
    """How the official Python client calls it, such as `models.list`."""
    is_open: bool = False
    """Answered without a key, and while the server ends."""
    is_admin: bool = False
    """For operators: an ordinary key does not open it, where operators have keys of their own."""

    @property
    def public_path(self) -> str:
        """The path as clients write it: `/v1/models/{model}`."""
        return _PARAMETER.sub(r"{\1}", self.path)

    @property
    def operation_id(self) -> str:
        """Its name in the document."""
        return operation_id_of(self.handler)

    @property
    def answers(self) -> tuple[Answered, ...]:
        """Every kind of body that an answer of this endpoint may be."""
        return self.response if isinstance(self.response, tuple) else (self.response,) if self.response else ()

    @property
    def events(self) -> tuple[type[ResponseStruct], ...]:
        """Every kind of event that a stream of this endpoint holds."""
        return self.stream if isinstance(self.stream, tuple) else (self.stream,) if self.stream else ()

    @property
    def path_names(self) -> list[str]:
        """The parts of the path in braces."""
        return _PARAMETER.findall(self.path)


def operation_id_of(handler: Handler) -> str:
    """What the document calls the operation that `handler` answers."""
    return str(getattr(handler, "__name__", ""))


def routes_of(endpoints: Sequence[Endpoint]) -> list[Route]:
    """Starlette's routes, one for each path, so that a wrong method is told every right one."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    return [Route(path, _by_method(methods), methods=list(methods)) for path, methods in by_path.items()]


def _by_method(endpoints: Mapping[str, Endpoint]) -> Handler:
    async def answer(request: Request) -> ASGIApp:
        endpoint = endpoints["GET" if request.method == "HEAD" else request.method]  # as Starlette does with HEAD
        if endpoint.is_admin:
            require_admin(request)
        return await endpoint.handler(request)

    return answer
