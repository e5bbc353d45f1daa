"""The table of metrics, from a server that has counted one of everything."""

import time
from collections.abc import Awaitable
from dataclasses import dataclass, field

from prometheus_client.core import Metric

from alive_core.cache.cache import ModelCache, OnProgress
from alive_core.cache.ledger import Ledger
from alive_core.engines.engine import Engine
from alive_core.http.gauges import Gauges
from alive_core.http.record import RequestRecord
from alive_core.observability.metrics import Metrics
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Profile, Target
from alive_core.routing.counters import Failover, Hedge
from alive_core.routing.roster import Offer, Roster, Route
from alive_core.routing.router import Router

HEADINGS = ("metric", "kind", "labels", "what it says")
OURS = "alive_"
PROFILE = Profile(task="chat", description="", targets=("one",), name="chat")
ROUTE = Route(Target("none", name="one"), Abilities(frozenset({"chat"})))
SUFFIXES = {"counter": "_total", "info": "_info"}


def metric_table() -> list[tuple[str, ...]]:
    """Every metric of ours, as it is written in a query; histograms and summaries by their common name."""
    families = [family for family in _families() if family.name.startswith(OURS)]
    return [HEADINGS, *(_row(family) for family in sorted(families, key=lambda family: family.name))]


@dataclass(slots=True)
class _Server:
    """As much of a server as metrics are looked up in."""

    cache: ModelCache
    router: Router
    metrics: Metrics
    roster: Roster = field(default_factory=lambda: Roster({"chat": Offer(PROFILE, (ROUTE,), ())}, "chat"))
    is_draining: bool = False


def _families() -> list[Metric]:
    server = _Server(
        ModelCache(_never, Ledger(1), time.monotonic),
        Router(lambda _: "absent"),
        Metrics("service", "version", [("chat", "one")]),
    )
    server.router.counters.failovers[Failover("chat", "one", "two", "down")] += 1
    hedge = Hedge("chat", "one", "two")
    server.router.counters.hedges[hedge] += 1
    server.router.counters.hedges_won[hedge] += 1
    server.metrics.tell(RequestRecord("GET", "/", "r1", 200, error="code"), 1.0)
    server.metrics.registry.register(Gauges(server))
    return list(server.metrics.registry.collect())


def _never(_target: Target, _on_progress: OnProgress) -> Awaitable[Engine]:
    raise AssertionError("nothing is loaded here")


def _row(family: Metric) -> tuple[str, ...]:
    labels = dict.fromkeys(name for sample in family.samples for name in sample.labels if name != "le")
    name = f"`{family.name}{SUFFIXES.get(family.type, '')}`"
    return name, family.type, ", ".join(f"`{label}`" for label in labels) or "none", family.documentation
