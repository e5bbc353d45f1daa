"""Liveness and readiness, for supervisors and balancers."""

from starlette.requests import Request
from starlette.responses import Response

from alive_core.errors import Draining, ModelUnavailable
from alive_core.http.context import context_of
from alive_core.http.models import state_of
from alive_core.schemas.common import encode
from alive_core.schemas.health import Liveness, Readiness


async def live(_: Request) -> Response:
    """The process answers; that is all this says."""
    return Response(encode(Liveness()), media_type="application/json")


async def ready(request: Request) -> Response:
    """The default profile can be served, now or by loading. Raises a 503 that says why not."""
    context = context_of(request)
    offer = context.roster.default
    if context.is_draining:
        raise Draining("The server is shutting down.")
    state = state_of(context, offer)
    if state == "cooling_down":
        raise ModelUnavailable(f"The default profile `{offer.profile.name}` failed to load and is cooling down.")
    offer.route()
    return Response(encode(Readiness(profile=offer.profile.name, state=state)), media_type="application/json")
