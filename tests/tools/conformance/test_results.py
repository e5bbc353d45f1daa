"""Reports of the suites in one form."""

import msgspec
import pytest

from tools.conformance.results import Result, from_compatcanary, from_llm_comply, from_provider_check


def test_llm_comply() -> None:
    report = {
        "results": [
            {"id": "a", "status": "passed"},
            {"id": "b", "status": "failed", "errors": ["HTTP 400", "no id", "HTTP 400"]},
            {"id": "c", "status": "skipped", "errors": ["not here"]},
        ]
    }
    assert from_llm_comply(report) == [
        Result("a", "pass"),
        Result("b", "fail", "HTTP 400; no id"),
        Result("c", "skip", "not here"),
    ]


def test_provider_check() -> None:
    report = {
        "checks": [
            {"id": "a", "status": "pass", "measured": {"reason": "fine"}},
            {"id": "b", "status": "skip", "measured": {"reason": "not asked"}},
            {"id": "c", "status": "warn", "measured": {"count": 3, "matched": False, "long": [1, 2]}},
        ]
    }
    assert from_provider_check(report) == [
        Result("a", "pass"),
        Result("b", "skip", "not asked"),
        Result("c", "warn", "count: 3, matched: False"),
    ]


def test_compatcanary() -> None:
    report = {"results": [{"id": "a", "status": "fail", "summary": "HTTP 400"}]}
    assert from_compatcanary(report) == [Result("a", "fail", "HTTP 400")]


def test_a_word_nobody_knows_is_no_status() -> None:
    with pytest.raises(msgspec.ValidationError):
        from_compatcanary({"results": [{"id": "a", "status": "perhaps", "summary": ""}]})
