"""What each suite reported, in one form. Pure; each function reads the JSON report of one suite."""

from typing import Any, Literal

import msgspec

Json = Any  # a report, as `json` has it
Status = Literal["pass", "warn", "fail", "skip"]
_WORDS: dict[str, Status] = {"passed": "pass", "failed": "fail", "skipped": "skip", "warning": "warn"}


class Result(msgspec.Struct, frozen=True):
    """One check of a suite. `reason` is the suite's own word on why it did not pass."""

    id: str
    status: Status
    reason: str = ""


def from_llm_comply(report: Json) -> list[Result]:
    """`llm-comply --json`."""
    return [
        Result(item["id"], _status(item["status"]), "; ".join(dict.fromkeys(item.get("errors", []))))
        for item in report["results"]
    ]


def from_provider_check(report: Json) -> list[Result]:
    """`trustedrouter-provider-check --json`."""
    return [
        Result(item["id"], _status(item["status"]), "" if item["status"] == "pass" else _measured(item["measured"]))
        for item in report["checks"]
    ]


def from_compatcanary(report: Json) -> list[Result]:
    """`compatcanary --format json`."""
    return [
        Result(item["id"], _status(item["status"]), "" if item["status"] == "pass" else item["summary"])
        for item in report["results"]
    ]


def _status(word: str) -> Status:
    return msgspec.convert(_WORDS.get(word, word), Status)


def _measured(measured: Json) -> str:
    """The sentence among the measurements, else those that are short enough to read."""
    if "reason" in measured:
        return str(measured["reason"])
    facts = [f"{name}: {value}" for name, value in measured.items() if isinstance(value, str | int | bool)]
    return ", ".join(facts)
