"""What an expression of Prometheus' query language names: metrics and labels. Enough for our dashboards and alerts.

Grammar: https://prometheus.io/docs/prometheus/latest/querying/basics/.
"""

import re
from dataclasses import dataclass

WORDS = {"by", "without", "on", "ignoring", "group_left", "group_right", "and", "or", "unless", "bool", "offset"}
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_RANGE = re.compile(r"\[[^\]]*\]")
_SELECTOR = re.compile(r"(?P<metric>[a-zA-Z_:][\w:]*)?\{(?P<matchers>[^}]*)\}")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\((?P<labels>[^)]*)\)")
_NAME = re.compile(r"(?<![\w$.])[a-zA-Z_:][\w:]*(?![\w:]|\s*\()")


@dataclass(frozen=True)
class Named:
    """The metrics of one expression, and every label that it groups by or compares."""

    metrics: frozenset[str]
    labels: frozenset[str]


def named_in(expression: str) -> Named:
    """What `expression` names. A name before a bracket is a function."""
    bare = _RANGE.sub("", _STRING.sub('""', expression))
    labels = {
        label
        for found in _SELECTOR.finditer(bare)
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", found["matchers"])
    }
    labels |= {label.strip() for found in _GROUPING.finditer(bare) for label in found["labels"].split(",")}
    rest = _GROUPING.sub("", re.sub(r"\{[^}]*\}", "", bare))
    return Named(frozenset(_NAME.findall(rest)) - WORDS, frozenset(labels) - {""})
