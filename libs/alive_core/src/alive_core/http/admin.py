"""`POST /alive/models/{profile}/load`, `/unload`, `/pin` and `/unpin`: what operators do with models."""

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from alive_core.constants import LOAD_EVENT_INTERVAL_S
from alive_core.errors import AliveError, InvalidRequest
from alive_core.http.context import Context, context_of
from alive_core.http.decode import decode
from alive_core.http.failures import error_response
from alive_core.http.framing import DataFraming
from alive_core.http.leaving import until_left
from alive_core.http.status import report
from alive_core.http.stream import EventStream
from alive_core.routing.roster import Offer, Route
from alive_core.schemas.common import encode
from alive_core.schemas.status import LoadRequest, ModelAction, ModelReport

_STREAM_MEDIA = "text/event-stream"
_NO_WISH = b"{}"  # what no body at all means


async def load_model(request: Request) -> "LoadAnswer":
    """Load what serves a functionality next. Raises ModelNotFound, ModelUnavailable, or what the load raises."""
    context, offer = _find(request)
    body = await decode(request, LoadRequest, empty=_NO_WISH)
    route = _route_of(context, offer, body.target)
    is_streamed = body.stream or _STREAM_MEDIA in request.headers.get("accept", "")
    return LoadAnswer(context, offer, route, is_streamed=is_streamed)


async def unload_model(request: Request) -> Response:
    """Begin to unload every target of a functionality. Raises ModelInUse where one of them cannot go now."""
    context, offer = _find(request)
    routes = await _meant(request, context, offer)
    refusals = []
    for route in routes:
        try:
            context.cache.unload(route.target)
        except AliveError as refusal:
            refusals.append(refusal)
    if refusals:
        raise refusals[0]
    return _answer(report(context, offer, routes))


async def pin_model(request: Request) -> Response:
    """Let what serves a functionality next stay in memory once it is there."""
    context, offer = _find(request)
    body = await decode(request, ModelAction, empty=_NO_WISH)
    route = _route_of(context, offer, body.target)
    context.cache.pin(route.target)
    return _answer(report(context, offer, [route]))


async def unpin_model(request: Request) -> Response:
    """Treat every target of a functionality like any other again."""
    context, offer = _find(request)
    routes = await _meant(request, context, offer)
    for route in routes:
        context.cache.unpin(route.target)
    return _answer(report(context, offer, routes))


class LoadAnswer:
    """An ASGI response that loads a target: whole when it is ready, or as events on the way there."""

    def __init__(self, context: Context, offer: Offer, route: Route, *, is_streamed: bool) -> None:
        self._context, self._offer, self._route = context, offer, route
        self._respond = self._stream if is_streamed else self._send_whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Load and answer. Where the client leaves, a load that nobody else waits for is cancelled."""
        await until_left(self._respond(scope, receive, send), receive)

    async def _send_whole(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._context.cache.load(self._route.target)
            response = _answer(self._report())
        except AliveError as error:
            response = error_response(error)
        await response(scope, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with EventStream(send, dict, DataFraming(), describe=lambda: "loading") as stream:
            try:
                await self._load_and_tell(stream)
                await stream.finish()
                return
            except AliveError as error:
                failure = error
            if stream.has_begun:
                await stream.break_off(failure)
                return
        await error_response(failure)(scope, receive, send)

    async def _load_and_tell(self, stream: EventStream) -> None:
        """Send a report now and then while the load goes on, and one at its end."""
        load = asyncio.ensure_future(self._context.cache.load(self._route.target))
        try:
            while not (await asyncio.wait((load,), timeout=LOAD_EVENT_INTERVAL_S))[0]:
                await stream.send_all([self._report()])
            load.result()
        finally:
            load.cancel()
            await asyncio.wait((load,))
        await stream.send_all([self._report()])

    def _report(self) -> ModelReport:
        return report(self._context, self._offer, [self._route])


def _find(request: Request) -> tuple[Context, Offer]:
    context = context_of(request)
    return context, context.roster.find(request.path_params["profile"])


async def _meant(request: Request, context: Context, offer: Offer) -> Sequence[Route]:
    """The target that the body names, or all of them."""
    body = await decode(request, ModelAction, empty=_NO_WISH)
    return offer.routes if body.target is None else [_route_of(context, offer, body.target)]


def _route_of(context: Context, offer: Offer, name: str | None) -> Route:
    """The target called `name`, or the one that a request would be sent to.

    Raises InvalidRequest, which names what exists, or ModelUnavailable.
    """
    offer.route()
    if name is None:
        return context.next_route(offer)
    for route in offer.routes:
        if route.target.name == name:
            return route
    known = ", ".join(route.target.name for route in offer.routes)
    words = f"`target` is `{name}`, which cannot serve the profile `{offer.profile.name}`. Those that can: {known}."
    raise InvalidRequest(words, param="target")


def _answer(body: ModelReport) -> Response:
    return Response(encode(body), media_type="application/json")
