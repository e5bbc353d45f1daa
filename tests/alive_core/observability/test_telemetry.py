"""Traces and error reports reach whoever takes them, say what happened and nothing that a client wrote."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from alive_core.errors import ConfigurationError
from alive_core.observability.telemetry import telemetry
from support.receiver import Receiver, receiving
from support.servers import refused
from support.watched import Watch

TRACE_ID, PARENT_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACE = f"00-{TRACE_ID}-{PARENT_ID}-01"
SECRET = "the-clients-own-words"
ENDS_WITHIN_S = 5.0
"""The library itself would go on for ten seconds."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def spans_of(receiver: Receiver) -> list[Span]:
    """Every span that has come, with what it says of the server checked."""
    spans = []
    for request in receiver.all():
        assert request.path == "/v1/traces"
        message = ExportTraceServiceRequest.FromString(request.body)
        for group in message.resource_spans:
            resource = {each.key: each.value.string_value for each in group.resource.attributes}
            assert (resource["service.name"], resource["service.version"]) == ("telltale", "1.2.3")
            spans += [span for scope in group.scope_spans for span in scope.spans]
    return spans


def attributes_of(span: Span) -> dict[str, str | int]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


async def test_a_request_is_one_trace_with_its_waiting_and_its_work(watch: Watch, receiver: Receiver) -> None:
    async with watch(traces_endpoint=f"{receiver.url}/v1/traces") as watched:
        response = await watched.chat(SECRET, "child", headers={"traceparent": TRACE, "x-request-id": "r1"})
    spans = {span.name: span for span in spans_of(receiver)}
    assert set(spans) == {"POST /v1/chat/completions", "queue and load", "engine"}
    request = spans["POST /v1/chat/completions"]
    assert {span.trace_id.hex() for span in spans.values()} == {TRACE_ID}
    assert request.parent_span_id.hex() == PARENT_ID
    assert request.kind == Span.SPAN_KIND_SERVER
    for name in ("queue and load", "engine"):
        inner = spans[name]
        assert inner.parent_span_id == request.span_id
        assert request.start_time_unix_nano <= inner.start_time_unix_nano + 1_000_000
        assert inner.start_time_unix_nano <= inner.end_time_unix_nano <= request.end_time_unix_nano + 1_000_000
        assert attributes_of(inner)["alive.target"] == "child"
    assert spans["queue and load"].end_time_unix_nano <= spans["engine"].start_time_unix_nano
    assert attributes_of(request) == {
        "http.request.method": "POST",
        "http.route": "/v1/chat/completions",
        "http.response.status_code": 200,
        "alive.request_id": "r1",
        "alive.profile": "child",
        "alive.target": "child",
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 5,
    }
    sent_on = json.loads(response.json()["choices"][0]["message"]["content"])["traceparent"]
    assert sent_on == f"00-{TRACE_ID}-{request.span_id.hex()}-01", "others go on from our span"


async def test_each_attempt_is_in_the_trace(watch: Watch, receiver: Receiver) -> None:
    async with watch(traces_endpoint=f"{receiver.url}/v1/traces") as watched:
        await watched.chat("hello", "careful")
    engines = [span for span in spans_of(receiver) if span.name == "engine"]
    assert [attributes_of(span)["alive.target"] for span in engines] == ["fragile", "inline"]
    assert [span.status.message for span in engines] == ["queue_full", ""]


async def test_a_client_that_does_not_want_a_trace_gets_none(watch: Watch, receiver: Receiver) -> None:
    async with watch(traces_endpoint=f"{receiver.url}/v1/traces") as watched:
        await watched.chat("hello", headers={"traceparent": TRACE.replace("-01", "-00")})
    assert spans_of(receiver) == []


async def test_a_receiver_that_is_away_costs_requests_nothing_and_the_end_little(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alive_core.observability.telemetry.TELEMETRY_FLUSH_S", 0.2)
    async with watch(traces_endpoint="http://127.0.0.1:9/v1/traces") as watched:
        assert (await watched.chat("hello")).status_code == 200
        senders = [thread for thread in threading.enumerate() if thread.name.startswith("Otel")]
    assert senders
    for sender in senders:
        sender.join(ENDS_WITHIN_S)
        assert not sender.is_alive(), "nobody goes on trying for a server that has ended"


def event_of(receiver: Receiver) -> dict[str, object]:
    """The next error report; other things that a client of Sentry sends are passed over."""
    while True:
        lines = receiver.take().body.split(b"\n")
        if json.loads(lines[1]).get("type") == "event":
            event: dict[str, object] = json.loads(lines[2])
            return event


async def test_a_crash_is_reported_with_its_place_and_without_words(watch: Watch, receiver: Receiver) -> None:
    async with watch(sentry_dsn=f"http://public@127.0.0.1:{receiver.port}/7") as watched:
        await watched.chat(f"fail {SECRET}", headers={"x-request-id": "r1", "authorization": f"Bearer {SECRET}"})
        event = event_of(receiver)
    assert event["tags"] == {"service": "telltale", "request_id": "r1"}
    assert event["release"] == "telltale@1.2.3"
    assert event["level"] == "error"
    text = json.dumps(event)
    assert "ValueError" in text
    assert "telltale.py" in text, "the place"
    assert SECRET not in text
    assert not {"request", "user", "breadcrumbs", "modules"} & set(event)
    assert '"vars"' not in text


async def test_what_is_no_error_is_not_reported(watch: Watch, receiver: Receiver) -> None:
    async with watch(sentry_dsn=f"http://public@127.0.0.1:{receiver.port}/7") as watched:
        await watched.chat("hello", "nobody")
        await watched.chat("hello")
    assert [request.path for request in receiver.all()] == []


@pytest.mark.parametrize(
    ("variables", "module", "words"),
    [
        ({"traces_endpoint": "http://127.0.0.1:9/v1/traces"}, "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        ({"sentry_dsn": "http://public@127.0.0.1:9/7"}, "sentry", "SENTRY_DSN"),
    ],
)
async def test_what_is_configured_and_not_installed_is_a_sentence_that_helps(
    variables: dict[str, str], module: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, f"alive_core.observability.{module}", raising=False)
    for name in [name for name in sys.modules if name.split(".")[0] in ("opentelemetry", "sentry_sdk")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("opentelemetry.sdk", "opentelemetry.exporter", "sentry_sdk"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigurationError, match=words) as raised:
        async with telemetry("s", "1", **{"traces_endpoint": None, "sentry_dsn": None, **variables}):
            pass
    assert "pip install 'alive-core[telemetry]'" in str(raised.value)


def test_a_server_that_cannot_report_as_configured_does_not_start(tmp_path: Path) -> None:
    said = refused("alive_core.testing.scripted_server", tmp_path, SENTRY_DSN="http://secret-key@nowhere")
    assert "SENTRY_DSN is no address" in said
    assert "secret-key" not in said


def test_nothing_of_it_is_imported_where_it_is_off() -> None:
    program = "import alive_core.assembly, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert not {"opentelemetry", "sentry_sdk", "google.protobuf"} & set(loaded.split())


def test_the_packages_for_it_are_the_same_in_the_core_and_in_the_workspace() -> None:
    root = Path(__file__).parents[3]
    found = [
        re.search(r"^telemetry = \[\n(.*?)^\]", (root / file).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
        for file in ("pyproject.toml", "libs/alive_core/pyproject.toml")
    ]
    first, second = (match and match[1] for match in found)
    assert first
    assert first == second
