"""What every request of one server shares."""

import time
from dataclasses import dataclass, field

from starlette.requests import Request

from alive_core.access.callers import Callers
from alive_core.cache.cache import ModelCache
from alive_core.errors import InvalidRequest
from alive_core.http.answer import Answer
from alive_core.http.assignment import Prepare, Prepared
from alive_core.observability.metrics import Metrics
from alive_core.observability.traces import Traces
from alive_core.profiles.profile import Target, Task
from alive_core.routing.candidates import is_tied, relied_on
from alive_core.routing.roster import Offer, Roster, Route, same_model
from alive_core.routing.router import Router
from alive_core.routing.strategies.strategy import Presence
from alive_core.schemas.common import AliveOptions
from alive_core.schemas.models import Skill
from alive_core.settings import Settings
from alive_core.shape.shape import Head
from alive_core.store.contract import Store

TASK_PATHS: dict[Task, str] = {
    "chat": "/v1/chat/completions",
    "complete": "/v1/completions",
    "embed": "/v1/embeddings",
    "rerank": "/v1/rerank",
    "classify": "/v1/classify",
}
"""Where each task is asked for."""


@dataclass(slots=True)
class Context:
    """One server: what it serves, what is loaded, how it was set up."""

    service: str
    version: str
    roster: Roster
    cache: ModelCache
    settings: Settings
    callers: Callers
    """Everyone who may come in."""
    metrics: Metrics
    """What is counted here."""
    traces: Traces | None = field(default=None, kw_only=True)
    """What makes spans; `None` where traces are off."""
    store: Store | None = None
    """What clients asked to remember; `None` where the store is off."""
    started: int = field(default_factory=lambda: int(time.time()))
    """Unix seconds; what `/v1/models` gives as `created`."""
    router: Router = field(init=False)
    """How each target has behaved, and what follows for the next request."""
    is_draining: bool = False
    """True once the server was asked to end: requests in flight finish, new ones are refused."""

    def __post_init__(self) -> None:
        self.router = Router(self._look)

    def _look(self, target: Target) -> Presence:
        return "free" if self.cache.is_free(target) else self.cache.state_of(target)

    def drain(self) -> None:
        """Take nothing new from now on."""
        self.is_draining = True

    def find(self, model: str, task: Skill) -> Offer:
        """The profile called `model`, with those of its targets that do `task`: at least one.

        Raises ModelNotFound, ModelUnavailable, or InvalidRequest where the profile does something else.
        """
        offer = self.roster.find(model)
        offer.route()
        able = offer.able_to(task)
        if not able.routes:
            instead = TASK_PATHS.get(offer.profile.task)
            hint = f" Send it to {instead}." if instead else ""
            raise InvalidRequest(f"The model `{model}` does not do this.{hint}", param="model")
        return able

    def next_route(self, offer: Offer) -> Route:
        """Where the next request for an available profile goes first, unless it wants something special."""
        order = self.router.order(offer.profile, offer.candidates)
        return next((route for route in order if not self._is_resting(route.target)), order[0])

    def _is_resting(self, target: Target) -> bool:
        return self.router.is_refusing(target) or self.cache.state_of(target) == "cooling"

    def head(self, answer_id: str, offer: Offer, route: Route) -> Head:
        """What every part of the answer repeats: the profile's name, never the model behind it."""
        return Head(answer_id, int(time.time()), offer.profile.name, route.abilities.fingerprint)

    def answer(self, offer: Offer, prepare: Prepare, *, options: AliveOptions | None) -> Answer:
        """The response that acquires a model, works and gives it back, as the body's key `alive` wishes.

        Raises what `prepare` raises where no target could do what is asked, and FingerprintMismatch where the request
        relies on another model.
        """
        listed = relied_on(offer.candidates, options.fingerprint if options else None)
        prepared = Prepared(prepare, self.router.order(offer.profile, listed), offer.profile.routing.fallback_on)
        if len(listed) > 1 and is_tied(prepared.first.job):
            alike = same_model(prepared.routes, listed[0])
            prepared = Prepared(prepare, alike, offer.profile.routing.fallback_on)
        return Answer(self.cache, self.router, offer.profile, prepared, options=options)


def context_of(request: Request) -> Context:
    """The server that `request` came to."""
    context = request.app.state.context
    assert isinstance(context, Context)
    return context
