"""A backup holds what really was, whoever writes meanwhile, and is there whole or not at all."""

import json
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from alive_core.operations import backup
from alive_core.operations.archive import unpack
from alive_core.operations.backup import back_up, durable_files
from alive_core.operations.failures import BackupFailed

ROWS = 1000


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with a database, a note, and what passes."""
    folder = tmp_path / "state"
    (folder / "logs").mkdir(parents=True)
    (folder / "logs" / "one.log").write_text("a line")
    (folder / "note.json").write_text("{}")
    (folder / "half.tmp").write_text("half")
    (folder / "usage.map").write_bytes(b"counts")
    (folder / "pins").mkdir()
    (folder / "pins" / "mini.json").write_text("{}")
    with closing(sqlite3.connect(folder / "store.sqlite")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA user_version = 3")
        database.execute("CREATE TABLE rows (number INTEGER)")
        database.execute("CREATE TABLE pairs (number INTEGER)")
        database.commit()
    return folder


def saved(archive: Path, folder: Path) -> Path:
    """The state folder as the backup has it."""
    folder.mkdir()
    unpack(archive, folder)
    return folder / "state"


def test_it_keeps_the_files_of_the_state_and_no_log(state: Path, tmp_path: Path) -> None:
    contents = back_up(state, {}, tmp_path / "b.tar.gz", program="1.2.3")
    assert [(file.path, file.schema_version) for file in contents.files] == [
        ("state/note.json", None),
        ("state/pins/mini.json", None),
        ("state/store.sqlite", 3),
    ]
    assert contents.program == "1.2.3"
    assert (saved(tmp_path / "b.tar.gz", tmp_path / "out") / "note.json").read_text() == "{}"


def test_it_keeps_the_record_of_models_by_name(state: Path, tmp_path: Path) -> None:
    record = tmp_path / "manifest.json"
    record.write_text('{"name": "mini"}')
    back_up(state, {"mini": record}, tmp_path / "b.tar.gz", program="1")
    saved(tmp_path / "b.tar.gz", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "models" / "mini.json").read_text()) == {"name": "mini"}


def test_what_a_server_has_just_written_is_in_it_and_what_it_has_not_finished_is_not(
    state: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(state / "store.sqlite", isolation_level=None)) as server:
        server.execute("INSERT INTO rows VALUES (1)")  # lies in the write-ahead log only
        server.execute("BEGIN IMMEDIATE")
        server.execute("INSERT INTO rows VALUES (2)")
        back_up(state, {}, tmp_path / "b.tar.gz", program="1")
        server.execute("COMMIT")
    copy = saved(tmp_path / "b.tar.gz", tmp_path / "out") / "store.sqlite"
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT number FROM rows").fetchall() == [(1,)]
        assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_copy_made_while_others_write_is_of_one_moment(state: Path, tmp_path: Path) -> None:
    code = (
        "import sqlite3, sys\n"
        "database = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)\n"
        "number = 0\n"
        "while True:\n"
        "    database.execute('BEGIN IMMEDIATE')\n"
        "    database.execute('INSERT INTO rows VALUES (?)', (number,))\n"
        "    database.execute('INSERT INTO pairs VALUES (?)', (number,))\n"
        "    database.execute('COMMIT')\n"
        "    number += 1\n"
        f"    if number == {ROWS}: print('many', flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(state / "store.sqlite")], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        back_up(state, {}, tmp_path / "b.tar.gz", program="1")
        assert writer.poll() is None
        writer.kill()
    with closing(sqlite3.connect(saved(tmp_path / "b.tar.gz", tmp_path / "out") / "store.sqlite")) as database:
        counts = [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("rows", "pairs")]
    assert counts[0] == counts[1] >= ROWS


def test_only_its_maker_can_read_it_and_nothing_else_is_left(state: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    back_up(state, {}, folder / "b.tar.gz", program="1")
    assert [file.name for file in folder.iterdir()] == ["b.tar.gz"]
    assert stat.S_IMODE((folder / "b.tar.gz").stat().st_mode) == 0o600
    with tarfile.open(folder / "b.tar.gz") as tar:
        assert {(member.mode, member.uname, member.mtime) for member in tar} == {(0o600, "", 0)}


def test_an_earlier_backup_is_never_replaced(state: Path, tmp_path: Path) -> None:
    (tmp_path / "b.tar.gz").write_text("an older one")
    with pytest.raises(BackupFailed, match="exists already"):
        back_up(state, {}, tmp_path / "b.tar.gz", program="1")
    assert (tmp_path / "b.tar.gz").read_text() == "an older one"


def test_without_any_state_there_is_nothing_to_keep(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="nothing to keep"):
        back_up(tmp_path / "none", {}, tmp_path / "b.tar.gz", program="1")


def test_a_damaged_database_is_named_and_no_backup_pretends_to_have_it(state: Path, tmp_path: Path) -> None:
    (state / "broken.sqlite").write_bytes(b"something else" * 500)
    with pytest.raises(BackupFailed, match=r"broken\.sqlite cannot be copied"):
        back_up(state, {}, tmp_path / "b.tar.gz", program="1")
    assert not (tmp_path / "b.tar.gz").exists()


def test_a_page_that_went_bad_inside_a_database_is_found(state: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(state / "store.sqlite", isolation_level=None)) as database:
        database.executemany("INSERT INTO rows VALUES (?)", [(number,) for number in range(5000)])
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file = state / "store.sqlite"
    data = bytearray(file.read_bytes())
    data[-4096:] = b"\xff" * 4096
    file.write_bytes(data)
    with pytest.raises(BackupFailed, match="cannot be copied"):
        back_up(state, {}, tmp_path / "b.tar.gz", program="1")


def test_a_disk_without_room_is_said_before_anything_is_written(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 1))
    with pytest.raises(BackupFailed, match=r"not enough room in .* \(1 B free\)\. Give a file on another disk"):
        back_up(state, {}, tmp_path / "b.tar.gz", program="1")
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


@pytest.mark.parametrize("limit", [2048, 20_000])
def test_a_disk_that_fills_up_half_way_leaves_nothing_behind(state: Path, tmp_path: Path, limit: int) -> None:
    (state / "large.json").write_bytes(bytes(range(256)) * 256)
    folder = tmp_path / "backups"
    folder.mkdir()
    code = (
        "import sys; from pathlib import Path; from alive_core.operations.backup import back_up\n"
        "from alive_core.errors import AliveError\n"
        "try: back_up(Path(sys.argv[1]), {}, Path(sys.argv[2]), program='1')\n"
        "except AliveError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, str(state), str(folder / "b.tar.gz")],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert "there is not enough room in" in done.stdout
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_sentence(state: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="could not be written"):
        back_up(state, {}, tmp_path / "none" / "b.tar.gz", program="1")


def test_links_and_odd_names_are_no_state(state: Path) -> None:
    (state / "link.json").symlink_to("/etc/passwd")
    (state / "odd name").write_text("x")
    (state / "store.sqlite-wal").write_text("x")
    assert [file.name for file in durable_files(state)] == ["note.json", "mini.json", "store.sqlite"]
