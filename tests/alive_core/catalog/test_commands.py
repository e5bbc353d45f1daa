import io
from collections.abc import Callable
from pathlib import Path

import pytest

from alive_core.catalog.commands import list_models, pull_model
from alive_core.catalog.entry import Entry
from alive_core.catalog.store import Store
from alive_core.errors import ConfigurationError, ModelNotFound

WriteEntry = Callable[..., Entry]
SCRIPTED = 'kind = "export"\nscript = "tools/make.py"\nfiles = ["a.gguf"]'
SCRIPT = """
import pathlib, sys
folder = pathlib.Path(sys.argv[2])
folder.mkdir()
(folder / "a.gguf").write_bytes(b"GGUF")
"""


@pytest.fixture
def entry(write_entry: WriteEntry, tmp_path: Path) -> Entry:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "make.py").write_text(SCRIPT)
    return write_entry(SCRIPTED, extra='licence_url = "https://licence.example/"')


def run(entry: Entry, store: Store, *, answer: str | None = None, is_agreed: bool = False) -> tuple[bool, str]:
    out = io.StringIO()
    ask = None if answer is None else lambda question: answer
    is_there = pull_model("tiny", [{"tiny": entry}], store, out, ask=ask, is_agreed=is_agreed)
    return is_there, out.getvalue()


def test_the_list_shows_size_state_service_and_licence(entry: Entry, store: Store) -> None:
    out = io.StringIO()
    list_models([{"tiny": entry}], store, out)
    heading, row, _, hint = out.getvalue().splitlines()
    assert heading.split() == ["model", "size", "state", "service", "licence"]
    assert row.split() == ["tiny", "1000", "B", "missing", "test_server", "Apache-2.0"]
    assert hint == "To fetch one: task models:pull -- tiny"


def test_the_list_gives_no_hint_when_everything_is_there(entry: Entry, store: Store) -> None:
    run(entry, store, is_agreed=True)
    out = io.StringIO()
    list_models([{"tiny": entry}], store, out)
    assert "ready" in out.getvalue()
    assert "task models:pull" not in out.getvalue()


def test_the_list_does_not_offer_to_fetch_what_is_part_of_the_package(write_entry: WriteEntry, store: Store) -> None:
    out = io.StringIO()
    list_models([{"tiny": write_entry('kind = "bundled"\nfiles = ["a.gguf"]')}], store, out)
    assert "missing" in out.getvalue()
    assert "task models:pull" not in out.getvalue()


def test_a_pull_shows_size_and_licence_before_it_asks(entry: Entry, store: Store) -> None:
    is_there, said = run(entry, store, answer="no")
    assert not is_there
    assert "1000 B" in said
    assert "Apache-2.0 (https://licence.example/)" in said
    assert said.endswith("Nothing was fetched.\n")
    assert store.find(entry) is None


@pytest.mark.parametrize("answer", ["y", "Yes", " yes "])
def test_a_yes_fetches(entry: Entry, store: Store, answer: str) -> None:
    is_there, said = run(entry, store, answer=answer)
    assert is_there
    assert f"tiny is ready: {store.find(entry)}" in said


@pytest.mark.parametrize("answer", ["", "n", "maybe"])
def test_anything_but_a_yes_fetches_nothing(entry: Entry, store: Store, answer: str) -> None:
    assert run(entry, store, answer=answer)[0] is False


def test_a_script_has_to_agree_explicitly(entry: Entry, store: Store) -> None:
    with pytest.raises(ConfigurationError, match="task models:pull -- tiny --yes"):
        run(entry, store)
    assert run(entry, store, is_agreed=True)[0] is True


def test_a_model_that_is_there_is_not_asked_about(entry: Entry, store: Store) -> None:
    run(entry, store, is_agreed=True)
    assert run(entry, store) == (True, f"tiny is there already: {store.find(entry)}\n")


def test_an_unknown_model_names_the_known_ones(entry: Entry, store: Store) -> None:
    with pytest.raises(ModelNotFound, match="Known: tiny"):
        pull_model("huge", [{"tiny": entry}], store, io.StringIO(), ask=None)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('kind = "bundled"\nfiles = ["a.gguf"]', "part of the package"),
        ('kind = "local"\npath = "/nowhere/a.gguf"', "/nowhere/a.gguf"),
        ('kind = "https"\nurl = "https://x.example/"\nfiles = ["a.gguf"]', "https://x.example/ (unverified"),
        (SCRIPTED, "made on this machine by tools/make.py"),
    ],
)
def test_a_pull_says_where_the_files_come_from(write_entry: WriteEntry, store: Store, lines: str, said: str) -> None:
    assert said in run(write_entry(lines), store, answer="n")[1]


def test_a_pull_says_whether_checksums_are_known(write_entry: WriteEntry, store: Store) -> None:
    lines = 'kind = "hub"\nrepo = "owner/model"\nfiles = ["a.gguf"]'
    assert "unverified" in run(write_entry(lines), store, answer="n")[1]
    known = f'{lines}\nsha256 = {{ "a.gguf" = "{"0" * 64}" }}'
    assert "checksums in the catalogue" in run(write_entry(known), store, answer="n")[1]
