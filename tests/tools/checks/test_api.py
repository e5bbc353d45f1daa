"""What `./task api:check` says about two versions of a small library, in a repository of its own."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.checks import api

INIT = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from alive_core.things import Thing, do
__all__ = ["Thing", "do"]
"""
THINGS = '''
from dataclasses import dataclass


@dataclass
class Thing:
    """A thing."""

    name: str
    size: int = 1


def do(thing: Thing, *, times: int = 1) -> None:
    """Do it."""
'''
Say = Callable[[], tuple[int, str]]


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The library's folder, in a repository where it is tagged v0.1.0."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / api.SOURCES / api.PACKAGE
    (folder / "testing").mkdir(parents=True)
    (folder / "__init__.py").write_text(INIT)
    (folder / "things.py").write_text(THINGS)
    (folder / "testing" / "__init__.py").write_text('__all__: list[str] = ["client"]\ndef client() -> None: ...\n')
    (folder / "constants.py").write_text("from typing import Final\nPORT: Final = 1\n_OWN: Final = 2\n")
    version(tmp_path, "0.1.0")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    return folder


@pytest.fixture
def tagged(library: Path) -> Path:
    git(library, "tag", "v0.1.0")
    return library


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def ask() -> tuple[int, str]:
        status = api.main()
        return status, capsys.readouterr().out

    return ask


def version(root: Path, number: str) -> None:
    (root / api.PROJECT).write_text(f'[project]\nversion = "{number}"\n')


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_before_the_first_tag_every_name_is_new(library: Path, say: Say) -> None:
    assert say() == (0, "No version is tagged yet, so all 4 public names are new.\n")


def test_nothing_changed_is_said(tagged: Path, say: Say) -> None:
    edit(tagged / "constants.py", "_OWN: Final = 2", "_OWN: Final = 3")
    assert say() == (0, "No public name changed since v0.1.0.\n")


def test_a_new_name_and_a_new_optional_field_break_nothing(tagged: Path, say: Say) -> None:
    edit(tagged / "__init__.py", '"Thing", ', '"Thing", "Other", ')
    edit(tagged / "__init__.py", "import Thing, do", "import Other, Thing, do")
    edit(tagged / "things.py", "    size: int = 1\n", "    size: int = 1\n    colour: str = 'red'\n")
    edit(tagged / "things.py", "def do", "class Other: ...\n\n\ndef do")
    status, said = say()
    assert status == 0
    assert "New since v0.1.0:\n  Other\n" in said
    assert "Thing: +colour: str = 'red'" in said
    assert "Breaking" not in said


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("__init__.py", ', "do"', "", "Gone since v0.1.0:\n  do\n"),
        ("constants.py", "PORT", "DOOR", "Gone since v0.1.0:\n  constants.PORT\n"),
        ("things.py", "    size: int = 1\n", "", "Breaking since v0.1.0:\n  Thing: "),
        ("things.py", "times: int = 1", "times: int", "do: Parameter is now required"),
        ("testing/__init__.py", '["client"]', "[]", "  testing.client\n"),
    ],
)
def test_what_breaks_others_needs_a_version_that_says_so(
    tagged: Path, say: Say, file: str, old: str, new: str, words: str
) -> None:
    edit(tagged / file, old, new)
    status, said = say()
    assert status == 1
    assert words in said
    assert said.endswith("0.1.0 must not. Take it back, or make it 0.2.0.\n")
    version(Path(), "0.2.0")
    assert say()[0] == 0


@pytest.mark.parametrize(
    ("before", "now", "may"),
    [
        ("0.1.0", "0.1.9", False),
        ("0.1.0", "0.2.0", True),
        ("0.9.0", "1.0.0", True),
        ("1.2.0", "1.3.0", False),
        ("1.2.0", "2.0.0", True),
    ],
)
def test_below_one_a_minor_may_break_and_from_one_on_a_major(before: str, now: str, may: bool) -> None:
    assert api.may_break(before, now) is may


def test_the_remedy_is_the_next_version_that_may_break() -> None:
    assert (api.remedy("0.1.7"), api.remedy("1.2.3")) == ("make it 0.2.0", "make it 2.0.0")


def test_the_library_of_this_repository_can_be_read() -> None:
    names = api.shape_of(api.load_tree())
    assert {"Service", "testing.AdapterContract", "constants.ECHO_PORT"} <= set(names)
    assert any(line.startswith("gpu: ") for line in names["Service"])
