"""What the documentation check sees, and what it must not take for a mistake."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.checks.docs import anchors, links, pages, problems, split_code, task_names


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "map.md").write_text("# The map\n\n## First steps: `task up`\n\n## Twice\n\n## Twice\n")
    return tmp_path


def found(root: Path, text: str) -> list[str]:
    page = root / "README.md"
    page.write_text(text)
    return list(problems(page, root, ["up:command", "test"]))


@pytest.mark.parametrize(
    "link",
    [
        "[map](docs/map.md)",
        "[map](/docs/map.md)",
        "[map](docs/map.md#the-map)",
        "[steps](docs/map.md#first-steps-task-up)",
        "[second](docs/map.md#twice-1)",
        "[folder](docs)",
        '[titled](docs/map.md "The map")',
        "[elsewhere](https://example.org/nothing.md)",
        "[mail](mailto:someone@example.org)",
        "`[not a link](nowhere.md)`",
        "```\n[not a link](nowhere.md)\n```",
    ],
)
def test_links_that_work_are_left_alone(root: Path, link: str) -> None:
    assert found(root, link) == []


def test_link_to_nothing_is_named_with_its_line(root: Path) -> None:
    assert found(root, "fine\n\n[gone](docs/gone.md)") == ["README.md:3: the link to docs/gone.md leads nowhere"]


def test_image_that_is_gone_is_named(root: Path) -> None:
    assert found(root, "![chart](docs/chart.png)") == ["README.md:1: the link to docs/chart.png leads nowhere"]


def test_missing_heading_is_named(root: Path) -> None:
    assert found(root, "[x](docs/map.md#nowhere)") == ["README.md:1: map.md has no heading for #nowhere"]


def test_heading_of_the_page_itself_is_found(root: Path) -> None:
    assert found(root, "# Início rápido\n\n[x](#início-rápido) [y](#fim)") == [
        "README.md:3: README.md has no heading for #fim"
    ]


@pytest.mark.parametrize(
    "text",
    ["`task gone`", "`./task gone -- --port 0`", "```\n$ ./task gone\n```", "```sh\ntask gone # why\n```"],
)
def test_unknown_task_is_named(root: Path, text: str) -> None:
    assert [problem.split(": ", 1)[1] for problem in found(root, text)] == ["there is no task gone"]


@pytest.mark.parametrize(
    "text",
    [
        "`./task up:command`",
        "`task test`",
        "the task gone is not code",
        '```toml\ntask = "chat"\n```',
        "`./task --list`",
        "`task` alone",
        "`a task gone`",
    ],
)
def test_known_tasks_and_other_words_are_left_alone(root: Path, text: str) -> None:
    assert found(root, text) == []


def test_hidden_folders_and_build_outputs_are_no_documentation(root: Path) -> None:
    for folder in [".venv", "dist", "docs/.hidden"]:
        (root / folder).mkdir()
        (root / folder / "page.md").write_text("[gone](gone.md)")

    assert pages(root) == [root / "docs" / "map.md"]


@given(st.text())
def test_every_line_outside_fences_is_prose_or_code(text: str) -> None:
    prose, code = split_code(text)

    fences = sum(1 for line in text.splitlines() if line.lstrip().startswith(("```", "~~~")))
    assert len(prose) + len(code) + fences == len(text.splitlines())
    assert not {number for number, _ in prose} & {number for number, _ in code}


@given(st.text())
def test_no_text_breaks_the_readers(text: str) -> None:
    assert all(number > 0 and target for number, target in links(text))
    assert all(number > 0 and name for number, name in task_names(text))


@given(st.lists(st.sampled_from(["One", "Two", "One two"]), max_size=8))
def test_every_heading_has_an_anchor_of_its_own(headings: list[str]) -> None:
    assert len(anchors("".join(f"## {heading}\n" for heading in headings))) == len(headings)


def test_a_server_that_the_page_makes_has_a_task_on_that_page_and_no_other(root: Path) -> None:
    made = found(root, "```sh\n./task new:server rain\n./task up:rain\n./task up:snow\n```")
    assert made == ["README.md:2: there is no task new:server", "README.md:4: there is no task up:snow"]
