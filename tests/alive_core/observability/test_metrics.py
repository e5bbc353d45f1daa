"""What Prometheus is told is what happened, in names and labels that stay few."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from alive_core.observability.metrics import outcome_of, status_class
from support.watched import Watch, Watched

MAX_SERIES_PER_NAME = 200


class Figures:
    """One scrape."""

    def __init__(self, text: str) -> None:
        self.families = {family.name: family for family in text_string_to_metric_families(text)}

    def value(self, name: str, **labels: str) -> float:
        """The sum of all series called so that have these labels."""
        found = [
            sample.value
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        assert found, f"there is no {name} {labels}"
        return sum(found)


async def scrape(watched: Watched, headers: Mapping[str, str] = {}) -> Figures:
    response = await watched.http.get("/metrics", headers=headers)
    assert response.status_code == 200
    return Figures(response.text)


async def test_an_answer_is_counted_with_its_tokens_and_times(watched: Watched) -> None:
    await watched.chat("hello")
    await watched.log.requests()
    figures = await scrape(watched)
    answer = {"profile": "chat", "target": "inline"}
    assert figures.value("alive_http_requests_total", route="/v1/chat/completions", method="POST", status="2xx") == 1
    assert figures.value("alive_answers_total", outcome="ok", **answer) == 1
    assert figures.value("alive_prompt_tokens_total", **answer) == 7
    assert figures.value("alive_cached_prompt_tokens_total", **answer) == 3
    assert figures.value("alive_completion_tokens_total", **answer) == 5
    assert figures.value("alive_model_load_seconds_count", target="inline") == 1
    assert figures.value("alive_model_state", target="inline", state="ready") == 1
    for name in ("answer_duration", "time_to_first_token", "queue_wait"):
        assert figures.value(f"alive_{name}_seconds_count", **answer) == 1
        assert 0 <= figures.value(f"alive_{name}_seconds_sum", **answer) < 10
    assert figures.value("alive_spend_total", **answer) == 0
    assert figures.value("alive_http_requests_in_flight") == 1, "the scrape itself"


async def test_everything_that_can_happen_is_a_series_from_the_start(watched: Watched) -> None:
    figures = await scrape(watched)
    for outcome in ("ok", "error", "left"):
        assert figures.value("alive_answers_total", profile="child", target="child", outcome=outcome) == 0
    assert figures.value("alive_model_evictions_total", target="child") == 0
    assert figures.value("alive_build_info", service="telltale", version="1.2.3") == 1
    assert figures.value("alive_memory_budget_bytes") > 0
    assert figures.value("process_resident_memory_bytes") > 0


async def test_a_child_is_measured_priced_and_its_crash_is_counted(watched: Watched) -> None:
    await watched.chat("hello", "child")
    await watched.log.requests()
    figures = await scrape(watched)
    assert figures.value("alive_model_memory_bytes", target="child") > 2**20
    assert figures.value("alive_memory_used_bytes") == figures.value("alive_model_memory_bytes")
    assert figures.value("alive_spend_total", target="child") == pytest.approx(12 * 2.5 / 1e6)
    await watched.chat("die", "child")
    await watched.log.requests(2)
    figures = await scrape(watched)
    assert figures.value("alive_engine_crashes_total", target="child") >= 1
    assert figures.value("alive_errors_total", profile="child", code="engine_crashed") == 1
    assert figures.value("alive_answers_total", profile="child", outcome="error") == 1


async def test_a_failover_and_its_reason_are_counted(watched: Watched) -> None:
    await watched.chat("hello", "careful")
    figures = await scrape(watched)
    assert figures.value("alive_failovers_total", origin="fragile", target="inline", profile="careful") == 1
    assert figures.value("alive_breaker_state", target="fragile") == 1
    assert figures.value("alive_breaker_state", target="inline", state="closed") == 1


async def test_who_waits_is_seen_while_waiting(watched: Watched) -> None:
    async with asyncio.TaskGroup() as group:
        lingering = [group.create_task(watched.chat("linger")) for _ in range(6)]
        async with asyncio.timeout(10):
            while "4 leases, 2 waiting" not in repr(watched.served.context.cache):
                await asyncio.sleep(0.005)
        figures = await scrape(watched)
        for task in lingering:
            task.cancel()
    assert figures.value("alive_queue_length", target="inline") == 2
    assert figures.value("alive_model_leases", target="inline") == figures.value(
        "alive_model_places", target="inline"
    )
    assert figures.value("alive_http_requests_in_flight") == 7


async def test_a_client_that_leaves_is_no_error(watched: Watched) -> None:
    with pytest.raises(httpx.ReadTimeout):
        body = {"model": "chat", "messages": [{"role": "user", "content": "linger"}]}
        await watched.http.post("/v1/chat/completions", json=body, timeout=0.3)
    await watched.log.requests()
    figures = await scrape(watched)
    assert figures.value("alive_answers_total", profile="chat", outcome="left") == 1
    assert figures.value("alive_http_requests_total", status="left") == 1
    assert figures.value("alive_answers_total", outcome="error") == 0


async def test_labels_stay_few_whatever_clients_send(watched: Watched) -> None:
    for number in range(300):
        await watched.http.request(f"M{number}", f"/v1/paths/{number}", headers={"x-request-id": f"r{number}"})
        await watched.http.get(f"/v1/models/{number}")
    figures = await scrape(watched)
    assert figures.value("alive_http_requests_total", route="none", method="other") == 300
    assert figures.value("alive_http_requests_total", route="/v1/models/{model}", status="4xx") == 300
    for family in figures.families.values():
        assert len(family.samples) < MAX_SERIES_PER_NAME, family.name


async def test_a_refusal_at_the_door_counts_for_its_route(watch: Watch) -> None:
    async with watch(api_keys=("sk-a",)) as watched:
        await watched.chat("hello")
        figures = await scrape(watched, {"authorization": "Bearer sk-a"})
    assert figures.value("alive_http_requests_total", route="/v1/chat/completions", status="4xx") == 1
    assert figures.value("alive_errors_total", profile="none", code="invalid_api_key") == 1


async def test_operators_scrape_with_their_key_and_others_do_not(watch: Watch) -> None:
    async with watch(api_keys=("sk-a",), admin_keys=("sk-op",)) as watched:
        statuses = [
            (await watched.http.get("/metrics", headers={"authorization": f"Bearer {key}"})).status_code
            for key in ("sk-op", "sk-a", "sk-foreign")
        ]
        assert statuses == [200, 403, 401]
        assert (await watched.http.get("/metrics")).status_code == 401


async def test_metrics_are_answered_while_the_server_ends(watched: Watched) -> None:
    watched.served.context.drain()
    assert (await watched.chat("hello")).status_code == 503
    assert (await scrape(watched)).value("alive_draining") == 1


async def test_openmetrics_is_spoken_where_it_is_asked_for(watched: Watched) -> None:
    accept = {"accept": "application/openmetrics-text; version=1.0.0"}
    response = await watched.http.get("/metrics", headers=accept)
    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")


@pytest.mark.parametrize(("status", "name"), [(200, "2xx"), (101, "1xx"), (404, "4xx"), (499, "left"), (503, "5xx")])
def test_statuses_are_told_by_their_class(status: int, name: str) -> None:
    assert status_class(status) == name


def test_an_answer_that_nobody_waited_for_is_neither_well_nor_an_error() -> None:
    class Request:
        error, prompt_tokens = None, None

    assert outcome_of(Request) == "left"  # type: ignore[arg-type] # all that is looked at
