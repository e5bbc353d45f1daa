"""What is looked up when Prometheus asks, and costs nothing before: models, memory, queues, the server's state."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, get_args

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from alive_core.cache.cache import ModelCache
from alive_core.cache.status import TargetState, TargetStatus
from alive_core.cache.tally import Tally
from alive_core.observability.metrics import Metrics
from alive_core.profiles.profile import Target
from alive_core.routing.breaker import Phase
from alive_core.routing.counters import Opening, Retry, RoutingCounters
from alive_core.routing.roster import Roster
from alive_core.routing.router import Router

TARGET = ("target",)
PROFILE = ("profile",)
HEDGE_LABELS = ("profile", "origin", "target")
FAILOVER_LABELS = (*HEDGE_LABELS, "reason")
PHASES: tuple[Phase, ...] = get_args(Phase)
STATES: tuple[TargetState, ...] = get_args(TargetState)


class Looked(Protocol):
    """What is looked at: a server's `Context`."""

    roster: Roster
    cache: ModelCache
    router: Router
    metrics: Metrics
    is_draining: bool


class Gauges(Collector):
    """Reads `context` anew for each scrape. Every target of the roster has its series from the start."""

    def __init__(self, context: Looked) -> None:
        self._context = context
        self._targets = {route.target.name: route.target for offer in context.roster for route in offer.routes}

    def describe(self) -> Iterable[Metric]:
        """Nothing: the names are the same as those that `collect` gives."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every figure, as it is now."""
        cache = self._context.cache
        states = [cache.status_of(target) for target in self._targets.values()]
        yield from _server(self._context)
        yield from _memory(self._context)
        yield from _models(states)
        yield from _history({name: cache.tally_of(name) for name in self._targets}, states)
        yield from _breakers(self._context.router, self._targets.values())
        yield from _routing(self._context.router.counters, [offer.profile.name for offer in self._context.roster])


def _server(context: Looked) -> Iterator[Metric]:
    in_flight = "Requests that have come and are not over."
    yield GaugeMetricFamily("alive_http_requests_in_flight", in_flight, context.metrics.in_flight)
    yield GaugeMetricFamily(
        "alive_draining", "1 while the server ends and takes nothing new.", float(context.is_draining)
    )


def _memory(context: Looked) -> Iterator[Metric]:
    memory = context.cache.memory()
    yield GaugeMetricFamily(
        "alive_memory_budget_bytes", "What the models of all servers of the machine may take together.", memory.budget
    )
    yield GaugeMetricFamily(
        "alive_memory_used_bytes", "What the models of this server hold or have reserved.", memory.used
    )
    yield GaugeMetricFamily(
        "alive_memory_used_by_others_bytes",
        "What the models of this user's other servers hold or have reserved.",
        sum(holder.bytes for holder in memory.others),
    )
    yield GaugeMetricFamily(
        "alive_memory_room_bytes",
        "What the models of this server may take now: the budget and the machine, less what others use.",
        memory.room,
    )


def _models(states: Sequence[TargetStatus]) -> Iterator[Metric]:
    state = GaugeMetricFamily(
        "alive_model_state", "1 for the state that a model is in, 0 for the others.", labels=(*TARGET, "state")
    )
    for each in states:
        for name in STATES:
            state.add_metric((each.target, name), float(each.state == name))
    yield state
    is_held = {each.target: each.state in ("ready", "loading", "closing") for each in states}
    yield _gauge(
        "alive_model_memory_bytes",
        "What a model holds: measured once it is loaded, reserved while it loads.",
        ((each.target, each.bytes if is_held[each.target] else 0) for each in states),
    )
    yield _gauge(
        "alive_model_leases", "Requests at work on a model.", ((each.target, each.leases) for each in states)
    )
    yield _gauge(
        "alive_model_places",
        "Requests that a model works on at once.",
        ((each.target, each.parallel) for each in states),
    )
    yield _gauge(
        "alive_queue_length", "Requests in line for a model.", ((each.target, each.waiting) for each in states)
    )


def _history(tallies: dict[str, Tally], states: Sequence[TargetStatus]) -> Iterator[Metric]:
    loads = SummaryMetricFamily(
        "alive_model_load_seconds", "Loads that succeeded, and what they took.", labels=TARGET
    )
    for name, tally in tallies.items():
        loads.add_metric((name,), tally.loads, tally.load_s)
    yield loads
    yield _counter("alive_model_load_failures", "Loads that failed.", ((n, t.failures) for n, t in tallies.items()))
    yield _counter(
        "alive_model_evictions",
        "How often a model had to make room for another one.",
        ((name, tally.evictions) for name, tally in tallies.items()),
    )
    yield _counter(
        "alive_model_hibernations",
        "How often a model was unloaded because nobody had used it for its keep-alive.",
        ((name, tally.hibernations) for name, tally in tallies.items()),
    )
    yield _counter(
        "alive_engine_crashes",
        "How often an engine ended by itself; the next request starts it again.",
        ((each.target, each.restarts) for each in states),
    )


def _breakers(router: Router, targets: Iterable[Target]) -> Iterator[Metric]:
    state = GaugeMetricFamily(
        "alive_breaker_state",
        "1 for the state that a target's breaker is in, 0 for the others.",
        labels=(*TARGET, "state"),
    )
    openings = CounterMetricFamily(
        "alive_breaker_openings",
        "How often a target began to be spared, because it failed or asked for rest.",
        labels=TARGET,
    )
    for target in targets:
        phase = router.phase_of(target)
        for name in PHASES:
            state.add_metric((target.name, name), float(phase == name))
        openings.add_metric((target.name,), router.counters.openings[Opening(target.name)])
    yield state
    yield openings


def _routing(counters: RoutingCounters, profiles: Iterable[str]) -> Iterator[Metric]:
    failovers = CounterMetricFamily(
        "alive_failovers", "How often a request went on from one target to another, and why.", labels=FAILOVER_LABELS
    )
    for failover, count in counters.failovers.items():
        failovers.add_metric((failover.profile, failover.origin, failover.target, failover.reason), count)
    yield failovers
    retries = CounterMetricFamily(
        "alive_retries", "How often all targets of a profile were tried again.", labels=PROFILE
    )
    for name in profiles:
        retries.add_metric((name,), counters.retries[Retry(name)])
    yield retries
    for metric, words, hedges in (
        ("alive_hedges", "How often a second target was started beside a slow one.", counters.hedges),
        ("alive_hedges_won", "How often that second target answered first.", counters.hedges_won),
    ):
        family = CounterMetricFamily(metric, words, labels=HEDGE_LABELS)
        for hedge, count in hedges.items():
            family.add_metric((hedge.profile, hedge.origin, hedge.target), count)
        yield family


def _gauge(name: str, words: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=TARGET)
    for target, value in values:
        family.add_metric((target,), value)
    return family


def _counter(name: str, words: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = CounterMetricFamily(name, words, labels=TARGET)
    for target, value in values:
        family.add_metric((target,), value)
    return family
