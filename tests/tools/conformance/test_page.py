"""The page says what the suites said, and nothing that does not pass goes without a reason."""

import tomllib

from tools.conformance.__main__ import HERE, PAGE
from tools.conformance.page import Run, page, problems
from tools.conformance.results import Result

RUN = Run("suite", "A suite", "1.2", "suite URL", [Result("one", "pass"), Result("two", "fail", "HTTP 400")])


def test_counts_and_reasons_stand_on_the_page() -> None:
    text = page([RUN], {"suite": {"two": "No eyes | no ears."}}, server="a server 3.4", date="2026-01-02")
    assert "Run on 2026-01-02 against a server 3.4." in text
    assert "| A suite | 1.2 | 1 | 0 | 1 | 0 |" in text
    assert "| `one` | pass |  |" in text
    assert "| `two` | fail | No eyes \\| no ears. |" in text


def test_what_nobody_explained_stands_there_as_such() -> None:
    assert "| `two` | fail | Not explained yet: HTTP 400 |" in page([RUN], {}, server="", date="")


def test_a_check_without_a_reason_and_a_reason_without_a_check_are_problems() -> None:
    assert list(problems([RUN], {"suite": {"one": "A matter of timing.", "two": "No eyes."}})) == []
    (missing, left_over) = problems([RUN], {"suite": {"three": "Gone."}})
    assert "two (fail) has no explanation. The suite says: HTTP 400" in missing
    assert "three has an explanation and does not exist" in left_over


def test_the_page_in_the_repository_explains_everything_it_shows() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert "Not explained yet" not in text
    for checks in tomllib.loads((HERE / "explanations.toml").read_text(encoding="utf-8")).values():
        for name in checks:
            assert f"| `{name}` |" in text
