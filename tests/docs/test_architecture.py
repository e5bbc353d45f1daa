"""The map of the house shows every room, and no room that is not there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "libs" / "alive_core" / "src" / "alive_core"
PAGES = sorted([*ROOT.glob("docs/*.md"), *ROOT.glob("*.md"), *ROOT.glob("libs/*/README.md"), *ROOT.glob("services/*/README.md")])
CODE_SPAN = re.compile(r"`([^`\n]+)`")
A_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*(?:/|\.(?:py|toml|md|yml|jinja))")
STARTING_POINTS = (ROOT, CORE, ROOT / "libs/alive_core/src", ROOT / "services/command_server/src", ROOT / "services/providers_server/src")


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
    assert sorted(name for name in named if not is_there(name)) == []


def is_there(name: str) -> bool:
    """Whether a page may name it: a path from the root or from a package, or the bare name of some file."""
    if any((start / name).exists() for start in STARTING_POINTS):
        return True
    return "/" not in name and any(ROOT.rglob(name)) or name in MADE_BY_THE_READER


MADE_BY_THE_READER = {"my-profiles.toml"}
"""Files that a page tells its reader to write, and folders of the reader's own machine."""
