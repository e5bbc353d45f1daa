"""`task backup` and `task restore` as an operator meets them."""

import importlib
import re
from contextlib import closing
from pathlib import Path

import pytest

from alive_core.__main__ import main
from alive_core.catalog.entry import Entry, Https
from alive_core.catalog.store import Store
from alive_core.console.databases import DATABASES
from alive_core.database import Database
from alive_core.store.contract import StoredResponse
from alive_core.store.sqlite import FILE_NAME, SqliteStore
from support.runs import put, this_process

SOURCES = Path(__file__).parents[3] / "libs" / "alive_core" / "src"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALIVE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


async def remember(home: Path, name: str) -> None:
    store = SqliteStore(home / "state" / FILE_NAME)
    await store.save_response("me", StoredResponse(name, b"{}"))
    await store.close()


async def remembered(home: Path, name: str) -> bool:
    store = SqliteStore(home / "state" / FILE_NAME)
    found = await store.response("me", name)
    await store.close()
    return found is not None


async def test_what_was_forgotten_after_a_backup_is_there_again_after_the_restore(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await remember(home, "resp_one")
    assert main(["backup"]) == 0
    said = capsys.readouterr().out
    found = re.search(r"Backed up to (\S+alive-backup-\S+\.tar\.gz) \(", said)
    assert found
    assert "store.sqlite" in said
    assert "keep it where only you can read it" in said
    await remember(home, "resp_two")
    assert main(["restore", found[1]]) == 0
    told = capsys.readouterr().out
    assert "  store.sqlite\n" in told
    assert str(home / "state" / "set-aside") in told
    assert await remembered(home, "resp_one")
    assert not await remembered(home, "resp_two")


async def test_the_models_of_a_backup_are_told_with_what_to_do(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await remember(home, "resp_one")
    store = Store(home / "cache")
    for name in ("here", "gone", "other", "odd"):
        adopt(store, name, tmp_path, "1")
    (store.folder("odd") / "manifest.json").write_text("no record")
    assert main(["backup", "b.tar.gz"]) == 0
    assert "records of 4 models, without their files" in capsys.readouterr().out
    (store.folder("gone") / "manifest.json").unlink()
    adopt(store, "other", tmp_path, "2")
    assert main(["restore", "b.tar.gz"]) == 0
    told = capsys.readouterr().out
    assert "model here: here, the same files" in told
    assert "model gone: not on this machine; get it with `task models:pull -- gone`" in told
    assert "model other: its files differ from those at the time of the backup (revision r1 then)" in told
    assert "model odd: its record in the backup cannot be read" in told


def adopt(store: Store, name: str, tmp_path: Path, content: str) -> None:
    """A model of one file, as if it had been fetched."""
    folder = tmp_path / "fetched"
    folder.mkdir()
    (folder / "model.gguf").write_text(content)
    source = Https("https://models.example", ("model.gguf",))
    entry = Entry("A model.", "MIT", 1, 1, (source,), name=name)
    store.adopt(entry, source, folder, hashes={"model.gguf": content}, revision=f"r{content}")


def test_a_backup_to_a_folder_gets_a_name_with_its_time(home: Path, tmp_path: Path) -> None:
    (home / "state").mkdir(parents=True)
    (home / "state" / "note.json").write_text("{}")
    (tmp_path / "disk").mkdir()
    assert main(["backup", str(tmp_path / "disk")]) == 0
    (file,) = (tmp_path / "disk").iterdir()
    assert re.fullmatch(r"alive-backup-\d{4}-\d\d-\d\dT\d{6}Z\.tar\.gz", file.name)


def test_a_running_server_keeps_a_backup_from_being_restored(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "state").mkdir(parents=True)
    (home / "state" / "note.json").write_text("then")
    assert main(["backup", "b.tar.gz"]) == 0
    (home / "state" / "note.json").write_text("now")
    put(home / "state", this_process())
    assert main(["restore", "b.tar.gz"]) == 1
    assert "command_server on port 11435" in capsys.readouterr().err
    assert (home / "state" / "note.json").read_text() == "now"


def test_what_goes_wrong_is_one_sentence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup"]) == 1
    assert "nothing to keep" in capsys.readouterr().err
    assert main(["restore", "none.tar.gz"]) == 1
    assert "none.tar.gz cannot be unpacked: No such file" in capsys.readouterr().err


def test_every_database_of_the_core_can_be_restored() -> None:
    files = [file for file in SOURCES.rglob("*.py") if re.search(r"= Database\(", file.read_text(encoding="utf-8"))]
    modules = [importlib.import_module(".".join(file.relative_to(SOURCES).with_suffix("").parts)) for file in files]
    assert len(modules) >= 3
    known = list(DATABASES.values())
    for module in modules:
        for made in (value for value in vars(module).values() if isinstance(value, Database)):
            assert made in known, f"{module.__name__}: add it to console/databases.py"


def test_a_restored_database_opens(tmp_path: Path) -> None:
    for name, database in DATABASES.items():
        with closing(database.open(tmp_path / name)) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (len(database.steps),)
