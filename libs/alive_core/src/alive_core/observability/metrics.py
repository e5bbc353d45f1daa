"""What the server counts, for Prometheus. Labels are few and bounded: never a path, a key or an id of a client's.

Here is what is counted as requests end; what is looked up when somebody asks (memory, queues, breakers) stands in
`http/gauges.py`. Names follow https://prometheus.io/docs/practices/naming/.
"""

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, disable_created_metrics
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from alive_core.constants import (
    ANSWER_BUCKETS_S,
    FIRST_TOKEN_BUCKETS_S,
    REQUEST_BUCKETS_S,
    WAIT_BUCKETS_S,
)

NO_ROUTE: Final = "none"
"""Stands for every path that the API does not have."""
NO_PROFILE: Final = "none"
"""Stands where a request failed before its profile was known."""
OTHER_METHOD: Final = "other"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"})
CLIENT_LEFT_STATUS: Final = 499  # nginx's number for a client that left before the answer; only for log and metrics
STATUS_CLASS: Final = 100
PRICED_TOKENS: Final = 1_000_000
OK, ERROR, LEFT = "ok", "error", "left"
OUTCOMES: Final = (OK, ERROR, LEFT)
MS_PER_S: Final = 1000
ANSWER_LABELS: Final = ("profile", "target")


class Told(Protocol):
    """A request that is over, as far as the metrics look at it."""

    method: str
    route: str | None
    status: int
    profile: str | None
    target: str | None
    error: str | None
    queue_ms: float | None
    first_event_ms: float | None
    prompt_tokens: int | None
    cached_tokens: int | None
    completion_tokens: int | None


class Metrics:
    """The figures of one server, in a registry of their own.

    `answers` are the pairs of profile and target that there can be: each has its figures from the start, as zeros,
    so that the first event is a change and not the beginning of a series. `prices` are those of a million tokens,
    by target; the others are free.
    """

    def __init__(
        self, service: str, version: str, answers: Iterable[tuple[str, str]] = (), *, prices: Mapping[str, float] = {}
    ) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # a second series for each one, which nobody reads
        self.registry = CollectorRegistry()
        self.in_flight = 0
        """Requests that have come and are not over."""
        info = Info("alive_build", "What runs here.", registry=self.registry)
        info.info({"service": service, "version": version, "python": platform.python_version()})
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._requests = _Requests(self.registry)
        self._answers = _Answers(self.registry, answers, prices)

    def tell(self, request: Told, duration_s: float) -> None:
        """A request is over."""
        self._requests.tell(request, duration_s)
        if request.profile is not None and request.target is not None:
            self._answers.tell(request, request.profile, request.target, duration_s)


class _Requests:
    """Every request, whatever it asked for."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._count = Counter(
            "alive_http_requests",
            "Requests that are over, by the class of their status; `left`: the client left before the answer.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._duration = Histogram(
            "alive_http_request_duration_seconds",
            "From a request's arrival to the last byte of its answer.",
            ("method", "route"),
            buckets=REQUEST_BUCKETS_S,
            registry=registry,
        )
        self._errors = Counter(
            "alive_errors",
            "Answers that were an error, or ended with one, by its code; `rate_limit_exceeded`: a quota was used up.",
            ("profile", "code"),
            registry=registry,
        )
        self._known: dict[tuple[str, str | None, str], tuple[Counter, Histogram]] = {}

    def tell(self, request: Told, duration_s: float) -> None:
        key = (request.method, request.route, status_class(request.status))
        children = self._known.get(key)
        if children is None:
            children = self._made(request)
            if request.method in METHODS:
                self._known[key] = children
        count, duration = children
        count.inc()
        duration.observe(duration_s)
        if request.error is not None:
            self._errors.labels(request.profile or NO_PROFILE, request.error).inc()

    def _made(self, request: Told) -> tuple[Counter, Histogram]:
        method = request.method if request.method in METHODS else OTHER_METHOD
        route = request.route or NO_ROUTE
        return self._count.labels(method, route, status_class(request.status)), self._duration.labels(method, route)


class _Answers:
    """Requests that a model answered, or should have."""

    def __init__(
        self, registry: CollectorRegistry, answers: Iterable[tuple[str, str]], prices: Mapping[str, float]
    ) -> None:
        self._prices = prices
        self._outcomes = Counter(
            "alive_answers",
            "Requests that were given to a model, by what became of them: `ok`, `error` or `left`.",
            (*ANSWER_LABELS, "outcome"),
            registry=registry,
        )
        self._duration = _histogram(
            registry,
            "alive_answer_duration_seconds",
            "From a request's arrival to the last byte of its answer.",
            ANSWER_BUCKETS_S,
        )
        self._first = _histogram(
            registry,
            "alive_time_to_first_token_seconds",
            "From a request's arrival to the first piece of its answer, waiting and loading included.",
            FIRST_TOKEN_BUCKETS_S,
        )
        self._queue = _histogram(
            registry,
            "alive_queue_wait_seconds",
            "How long a request waited for a place on a model, its load included.",
            WAIT_BUCKETS_S,
        )
        self._prompt = _counter(registry, "alive_prompt_tokens", "Tokens of prompts, those from the cache included.")
        self._cached = _counter(
            registry, "alive_cached_prompt_tokens", "Tokens of prompts that were taken from the prompt cache."
        )
        self._completion = _counter(registry, "alive_completion_tokens", "Tokens that models wrote.")
        self._spend = _counter(
            registry,
            "alive_spend",
            "What answers cost, by the `cost` of their targets in profiles.toml, in its currency.",
        )
        self._known: dict[tuple[str, str], _Answer] = {}
        for profile, target in answers:
            self._answer(profile, target)

    def tell(self, request: Told, profile: str, target: str, duration_s: float) -> None:
        answer = self._known.get((profile, target)) or self._answer(profile, target)
        answer.outcomes[outcome_of(request)].inc()
        answer.duration.observe(duration_s)
        if request.queue_ms is not None:
            answer.queue.observe(request.queue_ms / MS_PER_S)
        if request.first_event_ms is not None:
            answer.first.observe(request.first_event_ms / MS_PER_S)
        if request.prompt_tokens is not None:
            answer.prompt.inc(request.prompt_tokens)
            answer.cached.inc(request.cached_tokens or 0)
            answer.completion.inc(request.completion_tokens or 0)
            if answer.price:
                answer.spend.inc(
                    (request.prompt_tokens + (request.completion_tokens or 0)) / PRICED_TOKENS * answer.price
                )

    def _answer(self, profile: str, target: str) -> "_Answer":
        self._known[profile, target] = answer = _Answer(
            outcomes={name: self._outcomes.labels(profile, target, name) for name in OUTCOMES},
            duration=self._duration.labels(profile, target),
            first=self._first.labels(profile, target),
            queue=self._queue.labels(profile, target),
            prompt=self._prompt.labels(profile, target),
            cached=self._cached.labels(profile, target),
            completion=self._completion.labels(profile, target),
            spend=self._spend.labels(profile, target),
            price=self._prices.get(target, 0.0),
        )
        return answer


@dataclass(frozen=True, slots=True)
class _Answer:
    """The figures of one profile and target."""

    outcomes: dict[str, Counter]
    duration: Histogram
    first: Histogram
    queue: Histogram
    prompt: Counter
    cached: Counter
    completion: Counter
    spend: Counter
    price: float


def status_class(status: int) -> str:
    """`2xx` for 200, and so on; a client that left before the answer is no class of statuses."""
    return LEFT if status == CLIENT_LEFT_STATUS else f"{status // STATUS_CLASS}xx"


def outcome_of(request: Told) -> str:
    """What became of an answer. One without an error whose tokens were never counted was not waited for."""
    if request.error is not None:
        return ERROR
    return LEFT if request.prompt_tokens is None else OK


def _counter(registry: CollectorRegistry, name: str, words: str) -> Counter:
    return Counter(name, words, ANSWER_LABELS, registry=registry)


def _histogram(registry: CollectorRegistry, name: str, words: str, buckets: tuple[float, ...]) -> Histogram:
    return Histogram(name, words, ANSWER_LABELS, buckets=buckets, registry=registry)
