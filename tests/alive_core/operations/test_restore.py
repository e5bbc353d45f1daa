"""A restored state is the backup's, whole; what was there is kept; where anything is wrong nothing has changed."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from alive_core.database import Database
from alive_core.operations.archive import FORMAT, Contents, describe_file, pack
from alive_core.operations.backup import back_up
from alive_core.operations.failures import ArchiveDamaged, RestoreRefused
from alive_core.operations.restore import ASIDE, Restored, restore
from alive_core.operations.runfiles import RunFile
from support.runs import this_process

STEPS = ("CREATE TABLE notes (words TEXT);",)
KNOWN = {"store.sqlite": Database("store", STEPS, 1.0, "")}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    write(folder, "then")
    return folder


@pytest.fixture
def archive(state: Path, tmp_path: Path) -> Path:
    """The backup of a state whose database says `then`; the state says `now` since."""
    back_up(state, {}, tmp_path / "b.tar.gz", program="1.2.3")
    write(state, "now")
    (state / "later.json").write_text("{}")
    return tmp_path / "b.tar.gz"


def write(state: Path, words: str) -> None:
    with closing(KNOWN["store.sqlite"].open(state / "store.sqlite")) as database:
        database.execute("DELETE FROM notes")
        database.execute("INSERT INTO notes VALUES (?)", (words,))


def words_in(state: Path) -> str:
    with closing(KNOWN["store.sqlite"].open(state / "store.sqlite")) as database:
        (words,) = database.execute("SELECT words FROM notes").fetchone()
        return str(words)


def test_pins_come_back_to_their_folder_and_newer_ones_go_aside(state: Path, tmp_path: Path) -> None:
    (state / "pins").mkdir()
    (state / "pins" / "mini.json").write_text("then")
    back_up(state, {}, tmp_path / "p.tar.gz", program="1")
    (state / "pins" / "mini.json").write_text("now")
    (state / "pins" / "later.json").write_text("now")
    done = put_back(tmp_path / "p.tar.gz", state)
    assert files(state / "pins") == {"mini.json"}
    assert (state / "pins" / "mini.json").read_text() == "then"
    assert done.aside is not None
    assert files(done.aside / "pins") == {"mini.json", "later.json"}


@pytest.mark.parametrize("path", ["run/command_server-1.json", "logs/a.log", "set-aside/x.json", "a.sqlite-wal"])
def test_what_no_backup_holds_is_refused(path: str, state: Path, tmp_path: Path) -> None:
    folder = tmp_path / "false"
    (folder / "state" / path).parent.mkdir(parents=True)
    (folder / "state" / path).write_text("x")
    with (tmp_path / "false.tar.gz").open("wb") as out:
        pack(out, Contents(FORMAT, "now", "1", (describe_file(folder, f"state/{path}"),)), folder)
    with pytest.raises(RestoreRefused, match="does not know"):
        put_back(tmp_path / "false.tar.gz", state)
    assert not (state / path).exists()


def put_back(archive: Path, state: Path) -> Restored:
    return restore(archive, state, databases=KNOWN, running=list)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_the_state_is_as_it_was_and_what_came_later_is_kept_aside(archive: Path, state: Path) -> None:
    done = put_back(archive, state)
    assert words_in(state) == "then"
    assert done.contents.program == "1.2.3"
    assert done.aside is not None
    assert done.aside.parent == state / ASIDE
    assert files(done.aside) == {"store.sqlite", "later.json"}
    assert words_in(done.aside) == "now"
    assert not (state / "later.json").exists()


def test_an_empty_folder_takes_a_backup_and_nothing_is_aside(archive: Path, tmp_path: Path) -> None:
    done = put_back(archive, tmp_path / "new" / "state")
    assert done.aside is None
    assert words_in(tmp_path / "new" / "state") == "then"


def test_a_log_that_a_crash_left_beside_the_old_database_never_meets_the_new_one(archive: Path, state: Path) -> None:
    with closing(sqlite3.connect(state / "store.sqlite", isolation_level=None)) as server:
        server.execute("INSERT INTO notes VALUES ('half')")
        left = (state / "store.sqlite-wal").read_bytes()
    (state / "store.sqlite-wal").write_bytes(left)
    (state / "gone.sqlite-wal").write_bytes(left)
    put_back(archive, state)
    assert words_in(state) == "then"
    assert not (state / "gone.sqlite-wal").exists()


def test_logs_and_run_files_stay_where_they_are(archive: Path, state: Path) -> None:
    (state / "logs").mkdir()
    (state / "logs" / "a.log").write_text("a line")
    put_back(archive, state)
    assert (state / "logs" / "a.log").read_text() == "a line"


def test_a_running_server_is_named_and_nothing_changes(archive: Path, state: Path) -> None:
    before = files(state)
    with pytest.raises(RestoreRefused, match=r"command_server on port 11435\. Stop them first with `task down`"):
        restore(archive, state, databases=KNOWN, running=lambda: [this_process()])
    assert files(state) == before
    assert words_in(state) == "now"


def test_a_server_that_starts_meanwhile_is_noticed_before_anything_is_moved(archive: Path, state: Path) -> None:
    def looks() -> Iterator[list[RunFile]]:
        yield []
        yield [this_process()]

    seen = looks()
    with pytest.raises(RestoreRefused, match="Stop them first"):
        restore(archive, state, databases=KNOWN, running=lambda: next(seen))
    assert words_in(state) == "now"
    assert not (state / ASIDE).exists()


def test_a_newer_schema_is_refused_with_both_versions(archive: Path, state: Path) -> None:
    older = {"store.sqlite": Database("store", (), 1.0, "")}
    with pytest.raises(RestoreRefused, match=r"has version 1; this program knows versions up to 0.*version 1\.2\.3"):
        restore(archive, state, databases=older, running=list)
    assert words_in(state) == "now"


def test_a_database_that_nobody_knows_is_refused(archive: Path, state: Path) -> None:
    with pytest.raises(RestoreRefused, match=r"does not know store\.sqlite"):
        restore(archive, state, databases={}, running=list)
    assert words_in(state) == "now"


def test_an_older_schema_is_taken_and_upgraded_when_it_is_opened(archive: Path, state: Path) -> None:
    newer = Database("store", (*STEPS, "CREATE TABLE more (words TEXT);"), 1.0, "")
    restore(archive, state, databases={"store.sqlite": newer}, running=list)
    with closing(newer.open(state / "store.sqlite")) as database:
        assert database.execute("SELECT words FROM notes").fetchone() == ("then",)
        assert database.execute("SELECT count(*) FROM more").fetchone() == (0,)


def test_a_damaged_archive_changes_nothing_and_leaves_nothing(archive: Path, state: Path) -> None:
    before = files(state)
    data = archive.read_bytes()
    archive.write_bytes(data[: len(data) // 2])
    with pytest.raises(ArchiveDamaged):
        put_back(archive, state)
    assert files(state) == before
    assert words_in(state) == "now"


def test_a_database_that_is_none_is_found_though_its_hash_is_right(state: Path, tmp_path: Path) -> None:
    folder = tmp_path / "false"
    (folder / "state").mkdir(parents=True)
    (folder / "state" / "store.sqlite").write_bytes(b"something else" * 500)
    with (tmp_path / "false.tar.gz").open("wb") as out:
        pack(out, Contents(FORMAT, "now", "1", (describe_file(folder, "state/store.sqlite", 1),)), folder)
    with pytest.raises(ArchiveDamaged, match=r"store\.sqlite in the backup is damaged"):
        put_back(tmp_path / "false.tar.gz", state)
    assert words_in(state) == "then"


def test_an_exchange_that_fails_half_way_is_undone(
    archive: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def fail_at_the_new_one(self: Path, target: Path) -> Path:
        if target == state / "store.sqlite" and ASIDE not in self.parts:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_at_the_new_one)
    with pytest.raises(RestoreRefused, match="Everything is as it was"):
        put_back(archive, state)
    assert words_in(state) == "now"
    assert (state / "later.json").exists()


def test_a_state_folder_that_cannot_be_made_is_one_sentence(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(RestoreRefused, match="cannot be written"):
        put_back(archive, tmp_path / "file" / "state")
