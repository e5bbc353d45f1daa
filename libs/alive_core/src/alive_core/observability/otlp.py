"""Traces by OpenTelemetry, sent over OTLP/HTTP: a span for the request, and in it waiting and work of each attempt.

Imported only where traces are on. Nothing global is set: the provider belongs to one server. What the standard
variables say beyond the address (headers, sampler, batches, service name) is read by the OpenTelemetry packages.
"""

import os
import time

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from alive_core.observability.metrics import NO_ROUTE
from alive_core.observability.traces import Traced, TracedAttempt
from alive_core.utils.trail import TRACEPARENT_HEADER

NS_PER_S = 1_000_000_000
SERVER_ERRORS = 500
"""Statuses from here on are the server's fault; a client's mistake is no failed span, as the conventions say."""

_propagator = TraceContextTextMapPropagator()


class OtlpTraces:
    """Spans of one server, sent in batches by a thread to `endpoint`, the whole address."""

    def __init__(self, service: str, version: str, endpoint: str) -> None:
        own = {"service.version": version}
        if not os.environ.get("OTEL_SERVICE_NAME"):
            own["service.name"] = service
        self._provider = TracerProvider(resource=Resource.create(own), shutdown_on_exit=False)
        self._exporter = _Exporter(endpoint=endpoint)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("alive_core", version)

    def begin(self, traceparent: str | None) -> "OtlpSpan":
        """A request has come."""
        context = _propagator.extract({TRACEPARENT_HEADER: traceparent}) if traceparent else None
        return OtlpSpan(self._tracer, self._tracer.start_span("request", context, SpanKind.SERVER))

    def close(self) -> None:
        """Send what is pending and stop. Blocks until the receiver has it, or `give_up`."""
        self._provider.shutdown()

    def give_up(self) -> None:
        """Try no more to reach the receiver: ends `close`, and with it the thread that sends."""
        self._exporter.shutdown()


class _Exporter(OTLPSpanExporter):
    """May be shut down twice, by `give_up` and then by `close`; the library's own would warn."""

    _is_shut_down = False

    def shutdown(self) -> None:
        if not self._is_shut_down:
            self._is_shut_down = True
            super().shutdown()  # type: ignore[no-untyped-call]


class OtlpSpan:
    """One request. Its inner spans are made at its end, from the moments that were noted on the way."""

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer, self._span = tracer, span
        self._zero_ns = time.time_ns() - int(time.perf_counter() * NS_PER_S)

    @property
    def traceparent(self) -> str:
        carrier: dict[str, str] = {}
        _propagator.inject(carrier, set_span_in_context(self._span))
        return carrier.get(TRACEPARENT_HEADER, "")

    def end(self, request: Traced) -> None:
        if self._span.is_recording():
            self._span.update_name(f"{request.method} {request.route or NO_ROUTE}")
            self._span.set_attributes(_attributes(request))
            if request.status >= SERVER_ERRORS or (request.error and request.attempts):
                self._span.set_status(Status(StatusCode.ERROR, request.error))
            for attempt in request.attempts:
                self._add(attempt)
        self._span.end()

    def _add(self, attempt: TracedAttempt) -> None:
        """Its waiting, and its work where it came to that."""
        now = time.perf_counter()
        waited_until = attempt.acquired or attempt.ended or now
        self._inner("queue and load", attempt, attempt.began, waited_until, is_last=attempt.acquired is None)
        if attempt.acquired is not None:
            self._inner("engine", attempt, attempt.acquired, attempt.ended or now, is_last=True)

    def _inner(self, name: str, attempt: TracedAttempt, began: float, ended: float, *, is_last: bool) -> None:
        attributes: dict[str, AttributeValue] = {"alive.target": attempt.target}
        if attempt.load_s and not is_last:
            attributes["alive.load_s"] = attempt.load_s
        span = self._tracer.start_span(
            name, set_span_in_context(self._span), attributes=attributes, start_time=self._ns(began)
        )
        if attempt.error is not None and is_last:
            span.set_status(Status(StatusCode.ERROR, attempt.error))
        span.end(self._ns(ended))

    def _ns(self, moment: float) -> int:
        """A moment of `time.perf_counter` as nanoseconds since 1970."""
        return self._zero_ns + int(moment * NS_PER_S)


def _attributes(request: Traced) -> dict[str, AttributeValue]:
    """By the conventions where there is one: https://opentelemetry.io/docs/specs/semconv/."""
    values: dict[str, AttributeValue | None] = {
        "http.request.method": request.method,
        "http.route": request.route,
        "http.response.status_code": request.status,
        "error.type": request.error,
        "alive.request_id": request.request_id,
        "alive.profile": request.profile,
        "alive.target": request.target,
        "gen_ai.usage.input_tokens": request.prompt_tokens,
        "gen_ai.usage.output_tokens": request.completion_tokens,
    }
    return {name: value for name, value in values.items() if value is not None}
