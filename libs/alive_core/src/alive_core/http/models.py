"""`GET /v1/models` and `GET /v1/models/{id}`: from memory, whatever is loading or down."""

from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response

from alive_core.http.context import Context, context_of
from alive_core.profiles.support import support_table
from alive_core.routing.candidates import joint_abilities
from alive_core.routing.roster import Offer
from alive_core.schemas.common import encode
from alive_core.schemas.models import AliveModel, Model, ModelList, State


async def list_models(request: Request) -> Response:
    """Every profile, available or not."""
    context = context_of(request)
    models = ModelList(data=[describe(context, offer) for offer in context.roster])
    return Response(encode(models), media_type="application/json")


async def retrieve_model(request: Request) -> Response:
    """One profile. Raises ModelNotFound."""
    context = context_of(request)
    offer = context.roster.find(request.path_params["model"])
    return Response(encode(describe(context, offer)), media_type="application/json")


def describe(context: Context, offer: Offer) -> Model:
    """A profile as OpenAI describes a model, and under `alive` what its users want to know."""
    profile = offer.profile
    abilities = joint_abilities(offer.candidates, profile.routing.fallback_on) if offer.routes else None
    return Model(
        id=profile.name,
        created=context.started,
        owned_by=context.service,
        alive=AliveModel(
            description=profile.description,
            task=profile.task,
            context_window=abilities.context if abilities else None,
            state=state_of(context, offer),
            reason=UNSET if offer.is_available else offer.obstacle.reason,
            help=UNSET if offer.is_available else offer.obstacle.remedy,
            fingerprint=abilities.fingerprint if abilities else None,
            demo=offer.is_demo,
            support=support_table(profile.task, abilities) if abilities else {},
        ),
    )


def state_of(context: Context, offer: Offer) -> State:
    """The state of the target that would serve the next request."""
    if not offer.is_available:
        return "unavailable"
    target = context.next_route(offer).target
    if context.router.is_closed_to_all(target):
        return "cooling_down"
    match context.cache.state_of(target):
        case "ready":
            return "ready"
        case "loading":
            return "loading"
        case "cooling":
            return "cooling_down"
        case _:
            return "idle"
