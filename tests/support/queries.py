"""Every expression in `deploy/` that Prometheus is asked to work out."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = DEPLOY / "grafana" / "alive.json"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
SCRAPING = DEPLOY / "prometheus" / "prometheus.yml"
VARIABLES = {"$job": ".*", "$instance": ".*", "$__rate_interval": "1m"}
"""What Grafana puts in their place."""

Json = Any  # a document as `json` and `yaml` have it


def dashboard() -> Json:
    return json.loads(DASHBOARD.read_text(encoding="utf-8"))


def rules() -> list[Json]:
    """Each alert."""
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def scraping() -> Json:
    return yaml.safe_load(SCRAPING.read_text())


def queries() -> Iterator[tuple[str, str]]:
    """Where each expression stands, and the expression as Prometheus gets it."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    board = dashboard()
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], filled(target["expr"])
    for note in board["annotations"]["list"]:
        yield note["name"], filled(note["expr"])


def filled(expression: str) -> str:
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    return expression
