"""The map of the house shows every room, and no room that is not there."""

import re
from pathlib import Path

import pytest

from tools.checks.docs import pages

ROOT = Path(__file__).parents[2]
CORE = ROOT / "libs" / "alive_core" / "src" / "alive_core"
PAGES = pages(ROOT)
CODE_SPAN = re.compile(r"`([^`\n]+)`")
A_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*(?:/|\.(?:py|toml|md|yml|jinja))")
STARTING_POINTS = (CORE, ROOT, *sorted(ROOT.glob("*/*/src")))
NOT_IN_THE_REPOSITORY = re.compile(r"\.venv/.*|build/.*|dist/|\.tools/.*|my-profiles\.toml|first\.py|primeiro\.py")
"""What the project makes on the reader's machine, and what a page tells its reader to write."""


def packages() -> list[str]:
    """Every folder of the core that holds code, as the page names it."""
    return sorted(str(init.parent.relative_to(CORE)) for init in CORE.rglob("__init__.py") if init.parent != CORE)


@pytest.mark.parametrize("package", packages())
def test_every_package_of_the_core_has_its_line(package: str) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert f"| `{package}/` |" in page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_file_or_folder_that_is_not_there(page: Path) -> None:
    named = {span for span in CODE_SPAN.findall(page.read_text(encoding="utf-8")) if A_PATH.fullmatch(span)}
    assert sorted(name for name in named if not is_there(name, page)) == []


def is_there(name: str, page: Path) -> bool:
    """Whether `name` is a path from the page, the root or a package, or the bare name of a file of some package."""
    if NOT_IN_THE_REPOSITORY.fullmatch(name) or any(
        (start / name).exists() for start in (page.parent, *STARTING_POINTS)
    ):
        return True
    return "/" not in name and any(True for source in STARTING_POINTS[2:] for _ in source.rglob(name))
