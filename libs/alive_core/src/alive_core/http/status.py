"""`GET /alive/status`: who serves what, and what it takes; from memory, for operators."""

import os
import time
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response

from alive_core.cache.status import MemoryPicture, TargetState
from alive_core.http.context import Context, context_of
from alive_core.http.models import state_of
from alive_core.routing.roster import Offer, Route
from alive_core.schemas.common import encode
from alive_core.schemas.status import (
    MemoryShare,
    MemoryStatus,
    ModelReport,
    ModelState,
    ModelStatus,
    ProfileStatus,
    ServerStatus,
)

_WORDS: dict[TargetState, ModelState] = {
    "absent": "idle",
    "loading": "loading",
    "ready": "ready",
    "closing": "closing",
    "cooling": "cooling_down",
}


async def get_status(request: Request) -> Response:
    """The whole server."""
    return Response(encode(server_status(context_of(request), _port(request))), media_type="application/json")


def server_status(context: Context, port: int) -> ServerStatus:
    """The server that listens on `port`, as it is now."""
    return ServerStatus(
        service=context.service,
        version=context.version,
        instance=f"{context.service}-{port}",
        pid=os.getpid(),
        started=context.started,
        uptime_s=max(time.time() - context.started, 0.0),
        draining=context.is_draining,
        memory=memory_status(context.cache.memory()),
        profiles=[profile_status(context, offer) for offer in context.roster],
        models=model_statuses(context, context.roster),
    )


def memory_status(picture: MemoryPicture) -> MemoryStatus:
    """The ledger in the API's words."""
    return MemoryStatus(
        budget_bytes=picture.budget,
        used_bytes=picture.used,
        others_bytes=sum(holder.bytes for holder in picture.others),
        available_bytes=max(picture.room - picture.used, 0),
        others=[
            MemoryShare(
                service=holder.service,
                pid=holder.pid,
                target=holder.target,
                bytes=holder.bytes,
                loading=holder.is_loading,
            )
            for holder in picture.others
        ],
    )


def profile_status(context: Context, offer: Offer) -> ProfileStatus:
    """A functionality and who does it."""
    return ProfileStatus(
        profile=offer.profile.name,
        task=offer.profile.task,
        state=state_of(context, offer),
        serving=context.next_route(offer).target.name if offer.routes else None,
        targets=list(offer.profile.targets),
        strategy=offer.profile.routing.strategy,
        answered=context.router.counters.answered_by(offer.profile.name),
        failovers=context.router.counters.failovers_of(offer.profile.name),
    )


def report(context: Context, offer: Offer, routes: Iterable[Route]) -> ModelReport:
    """Some targets of a functionality, as they are now."""
    names = {route.target.name for route in routes}
    models = [model for model in model_statuses(context, [offer]) if model.target in names]
    return ModelReport(profile=offer.profile.name, models=models)


def model_statuses(context: Context, offers: Iterable[Offer]) -> list[ModelStatus]:
    """Every target of `offers` once, in the order of the profiles."""
    served_by: dict[str, list[str]] = {}
    for offer in context.roster:
        for name in offer.profile.targets:
            served_by.setdefault(name, []).append(offer.profile.name)
    found: dict[str, ModelStatus] = {}
    for offer in offers:
        routes = {route.target.name: route for route in offer.routes}
        obstacles = iter(offer.obstacles)  # in the order of the targets, as the routes are
        for name in offer.profile.targets:
            if name in routes:
                found[name] = _served(context, routes[name], served_by[name])
                continue
            obstacle = next(obstacles)
            found.setdefault(
                name,
                ModelStatus(
                    target=name,
                    profiles=served_by[name],
                    state="unavailable",
                    reason=obstacle.reason,
                    help=obstacle.remedy,
                ),
            )
    return list(found.values())


def _served(context: Context, route: Route, profiles: list[str]) -> ModelStatus:
    target, now = route.target, context.cache.status_of(route.target)
    breaker = context.router.phase_of(target)
    spared = context.router.refusal(target) if breaker == "open" and now.error is None else None
    return ModelStatus(
        target=target.name,
        profiles=profiles,
        state=_WORDS[now.state],
        reason=spared.message if spared else now.error,
        model=target.model,
        adapter=target.adapter,
        engine=target.engine,
        fingerprint=route.abilities.fingerprint,
        demo=target.demo,
        bytes=now.bytes,
        measured=now.is_measured,
        leases=now.leases,
        parallel=now.parallel,
        waiting=now.waiting,
        queue_limit=target.queue_limit,
        progress=now.progress,
        expected_s=now.expected_s,
        load_s=now.load_s,
        idle_s=now.idle_s,
        keep_alive_s=now.keep_alive_s,
        pinned=now.pinned,
        preload=now.preload,
        warm=now.warm,
        cooling_s=spared.retry_after if spared else now.cooling_s,
        breaker=breaker,
        restarts=now.restarts,
    )


def _port(request: Request) -> int:
    """Where this server listens, whatever name the client knows it by."""
    server = request.scope.get("server")
    return server[1] or 0 if server else 0
