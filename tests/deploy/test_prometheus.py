"""What `deploy/` asks Prometheus for is what a real server tells, by the same names and with the same labels."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from alive_core.constants import COMMAND_INSTANCE_PORTS, COMMAND_PORT, PROVIDERS_PORT
from alive_core.testing.server import serving
from support.expressions import named_in
from support.queries import SCRAPING, dashboard, queries, rules, scraping
from support.watched import telltale

ADDED_BY_PROMETHEUS = {"job", "instance"}
PARTS = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
    "summary": ("_sum", "_count"),
    "gauge": ("",),
}
"""What a metric's name is followed by, by its kind."""


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[dict[str, set[str]]]:
    """The labels of each metric that a server tells, after an answer, a failover and an error."""
    async with serving(telltale(tmp_path)) as served, httpx.AsyncClient(base_url=served.url) as http:
        for words in ("hello", "fail"):
            body = {"model": "careful", "messages": [{"role": "user", "content": words}]}
            await http.post("/v1/chat/completions", json=body)
        text = (await http.get("/metrics")).text
    labels = {"up": set[str]()}
    for family in text_string_to_metric_families(text):
        base = family.name
        labels |= {base + part: set[str]() for part in PARTS[family.type]}
        for sample in family.samples:
            labels[sample.name] |= set(sample.labels)
    yield labels


async def test_every_expression_names_metrics_and_labels_that_there_are(told: dict[str, set[str]]) -> None:
    for where, expression in queries():
        named = named_in(expression)
        assert named.metrics, where
        assert named.metrics <= told.keys(), f"{where}: {named.metrics - told.keys()}"
        labels = set().union(*(told[name] for name in named.metrics)) | ADDED_BY_PROMETHEUS
        assert named.labels <= labels, f"{where}: {named.labels - labels}"


async def test_every_legend_and_sentence_speaks_of_labels_that_are_left(told: dict[str, set[str]]) -> None:
    spoken = [(rule["expr"], " ".join(rule["annotations"].values()), r"\$labels\.(\w+)") for rule in rules()]
    spoken += [
        (target["expr"], target["legendFormat"], r"\{\{(\w+)\}\}")
        for panel in dashboard()["panels"]
        for target in panel.get("targets", ())
    ]
    for expression, words, pattern in spoken:
        grouped = re.findall(r"by \(([^)]*)\)", expression)
        named = named_in(expression)
        left = (
            set(re.findall(r"\w+", " ".join(grouped))) if grouped else set().union(*(told[n] for n in named.metrics))
        )
        speaks = set(re.findall(pattern, words))
        assert speaks <= left | (ADDED_BY_PROMETHEUS if not grouped else set()), f"{words}: {expression}"


async def test_every_metric_of_ours_is_on_the_dashboard_or_in_an_alert(told: dict[str, set[str]]) -> None:
    used = {name for _, expression in queries() for name in named_in(expression).metrics}
    ours = {name for name in told if name.startswith("alive_")} - {"alive_build_info"}
    assert {_base(name) for name in ours} <= {_base(name) for name in used}


def _base(name: str) -> str:
    return re.sub(r"_(bucket|sum|count)$", "", name)


def test_the_ports_are_those_of_the_servers() -> None:
    text = SCRAPING.read_text()
    ports = [int(port) for port in re.findall(r'"127\.0\.0\.1:(\d+)"', text)]
    assert ports == [COMMAND_PORT, *COMMAND_INSTANCE_PORTS, PROVIDERS_PORT]
    jobs = {job["job_name"]: job["static_configs"][0]["targets"] for job in scraping()["scrape_configs"]}
    assert jobs == {
        "command_server": [f"127.0.0.1:{COMMAND_PORT}"],
        "providers_server": [f"127.0.0.1:{PROVIDERS_PORT}"],
    }


def test_every_alert_says_who_should_hear_it_and_why() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "description"}


def test_the_panels_have_numbers_of_their_own_and_lie_side_by_side() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for panel in panels
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


@pytest.mark.parametrize(
    ("expression", "metrics", "labels"),
    [
        ('rate(a_total{x="y", z=~"(.+)"}[5m])', {"a_total"}, {"x", "z"}),
        ("sum by (le, job) (rate(a_bucket[1m])) / on (job) b", {"a_bucket", "b"}, {"le", "job"}),
        ("histogram_quantile(0.9, c) > 10 and d == 1e3", {"c", "d"}, set()),
        ('up{job=~"a{2}"} == 0', {"up"}, {"job"}),
    ],
)
def test_an_expression_is_taken_apart(expression: str, metrics: set[str], labels: set[str]) -> None:
    named = named_in(expression)
    assert (named.metrics, named.labels) == (metrics, labels)
