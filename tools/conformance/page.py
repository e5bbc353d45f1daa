"""Writes the page: what was run, against what, with which result, and why a check does not pass. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tools.conformance.results import Result

INTRODUCTION = """# Conformance

What outside suites say about our API, good or bad. `./task conformance` runs them anew and writes this page; it is
not edited by hand. A check that does not pass has a reason beside it, and the run fails where one has none.

The suites chat with a model. They ran against `command_server` with the bundled demo model, which is tiny: what
depends on skill and not on the API says so. None of them covers embeddings; those are held to the official types and
clients by our own tests, like everything else, in `tests/contract/`.
"""


class Run(msgspec.Struct, frozen=True):
    """One suite, run once. `key` is its table in the explanations."""

    key: str
    title: str
    version: str
    command: str
    results: list[Result]


def page(runs: Sequence[Run], explanations: Mapping[str, Mapping[str, str]], *, server: str, date: str) -> str:
    """The whole page as Markdown."""
    parts = [INTRODUCTION, f"Run on {date} against {server}.\n", _overview(runs)]
    parts += [_section(run, explanations.get(run.key, {})) for run in runs]
    return "\n".join(parts)


def problems(runs: Sequence[Run], explanations: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Checks without a reason, and reasons without a check, a sentence each. A check that passes may have one."""
    for run in runs:
        known = explanations.get(run.key, {})
        open_checks = {result.id: result for result in run.results if result.status != "pass"}
        for name in sorted(open_checks.keys() - known.keys()):
            result = open_checks[name]
            yield f"{run.title}: {name} ({result.status}) has no explanation. The suite says: {result.reason}"
        for name in sorted(known.keys() - {result.id for result in run.results}):
            yield f"{run.title}: {name} has an explanation and does not exist"


def _overview(runs: Sequence[Run]) -> str:
    rows = ["| suite | version | pass | warn | fail | skip |", "|---|---|---|---|---|---|"]
    for run in runs:
        counts = Counter(result.status for result in run.results)
        numbers = " | ".join(str(counts[status]) for status in ("pass", "warn", "fail", "skip"))
        rows.append(f"| {run.title} | {run.version} | {numbers} |")
    return "\n".join(rows) + "\n"


def _section(run: Run, known: Mapping[str, str]) -> str:
    lines = [f"## {run.title} {run.version}", "", f"`{run.command}`", "", "| check | result | why |", "|---|---|---|"]
    for result in run.results:
        why = "" if result.status == "pass" else known.get(result.id, f"Not explained yet: {result.reason}")
        lines.append(f"| `{result.id}` | {result.status} | {why.replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"
