"""Make a backup while servers run: consistent copies of what they must not forget, in one file.

A database is copied by SQLite itself, which gives a state that really was, whoever writes meanwhile.
"""

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from alive_core.constants import BACKUP_FREE_SHARE
from alive_core.operations.archive import (
    FORMAT,
    MODELS,
    STATE,
    ArchivedFile,
    Contents,
    describe_file,
    is_archivable,
    pack,
)
from alive_core.operations.failures import BackupFailed
from alive_core.utils.sizes import format_bytes

DATABASE_SUFFIX: Final = ".sqlite"
_COMPANIONS: Final = ("-wal", "-shm", "-journal")
_PASSING: Final = (".tmp", ".lock", ".new", ".partial", ".map")  # drafts, locks, and what keys have used today
KEPT_FOLDERS: Final = ("pins",)
"""The folders of the state folder that a backup keeps; all others hold what passes, such as logs."""
_DISK_TROUBLE: Final = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE)
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def durable_files(state: Path) -> list[Path]:
    """What a backup keeps of the state folder, by name: its plain files, and those of the folders that are kept."""
    found = [*state.glob("*"), *(file for folder in KEPT_FOLDERS for file in (state / folder).glob("*"))]
    return [
        file
        for file in sorted(found)
        if file.is_file() and not file.is_symlink() and is_durable(file.relative_to(state).as_posix())
    ]


def is_durable(path: str) -> bool:
    """Whether a backup keeps the file that has this path in the state folder."""
    folder, _, name = path.rpartition("/")
    is_kept = folder in ("", *KEPT_FOLDERS) and not name.endswith(_COMPANIONS + _PASSING)
    return is_kept and is_archivable(f"{STATE}/{path}")


def companions(state: Path) -> list[Path]:
    """What SQLite keeps beside databases while they are open, or after a crash: parts of them."""
    return [file for end in _COMPANIONS for file in sorted(state.glob(f"*{DATABASE_SUFFIX}{end}"))]


def back_up(state: Path, manifests: Mapping[str, Path], archive: Path, *, program: str) -> Contents:
    """Write the backup to `archive`, readable by its user only, whole or not at all.

    `manifests` are the files that say which model files are there, by the model's name. Raises BackupFailed.
    """
    if archive.exists():
        raise BackupFailed(f"{archive} exists already. Give another name.")
    files = durable_files(state)
    if not files and not manifests:
        raise BackupFailed(f"There is nothing to keep: {state} holds no state yet.")
    with _explained(archive), tempfile.TemporaryDirectory(prefix=".backup-", dir=archive.parent) as scratch:
        _check_room(archive.parent, [*files, *companions(state), *manifests.values()])
        folder = Path(scratch)
        copies = [_copy(file, folder, f"{STATE}/{file.relative_to(state).as_posix()}") for file in files]
        copies += [_copy(file, folder, f"{MODELS}/{name}.json") for name, file in sorted(manifests.items())]
        made = datetime.now(UTC).isoformat(timespec="seconds")
        contents = Contents(FORMAT, made, program, tuple(copies))
        _write(archive, contents, folder)
    return contents


def copy_database(source: Path, target: Path) -> int:
    """Copy the database in `source`, also while others write it, to the one file `target`; returns its version.

    Raises BackupFailed where it is damaged.
    """
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as here,
            closing(sqlite3.connect(target)) as there,
        ):
            here.backup(there)
            there.execute("PRAGMA journal_mode = DELETE")
            return check_database(there)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) in _DISK_TROUBLE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
        raise BackupFailed(f"{source} cannot be copied: {error}. Move it away to back up the rest.") from None


def check_database(connection: sqlite3.Connection) -> int:
    """The version of a database's schema. Raises sqlite3.DatabaseError where the file is damaged."""
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(" ".join(str(found).split()))
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _copy(source: Path, folder: Path, path: str) -> ArchivedFile:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix == DATABASE_SUFFIX:
        return describe_file(folder, path, copy_database(source, target))
    shutil.copyfile(source, target)
    return describe_file(folder, path)


def _write(archive: Path, contents: Contents, folder: Path) -> None:
    draft = folder / "draft"
    with open(draft, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        pack(out, contents, folder)
        out.flush()
        os.fsync(out.fileno())
    draft.rename(archive)


def _check_room(folder: Path, files: list[Path]) -> None:
    """The copies and the archive made of them lie there together for a moment."""
    wanted = sum(file.stat().st_size for file in files) * BACKUP_FREE_SHARE
    if shutil.disk_usage(folder).free < wanted:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def _explained(archive: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        words = error.strerror or str(error)
        if error.errno in _NO_ROOM:
            free = format_bytes(shutil.disk_usage(archive.parent).free)
            words = f"there is not enough room in {archive.parent} ({free} free). Give a file on another disk"
        raise BackupFailed(f"The backup could not be written: {words}.") from None
