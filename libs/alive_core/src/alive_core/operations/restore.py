"""Put a backup in place of the state there is, which is kept aside.

Everything that can be wrong with a backup is found before anything is moved; moving is renaming within one folder,
and is undone where it fails half-way.
"""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from alive_core.database import Database
from alive_core.operations.archive import MODELS, STATE, Contents, unpack
from alive_core.operations.backup import DATABASE_SUFFIX, check_database, companions, durable_files, is_durable
from alive_core.operations.failures import ArchiveDamaged, RestoreRefused
from alive_core.operations.runfiles import RunFile

ASIDE: Final = "set-aside"
"""The folder, in the state folder, that keeps what restored backups replaced."""

Running = Callable[[], Sequence[RunFile]]


class Restored(msgspec.Struct, frozen=True):
    """What was done: the backup's list, where the state before lies, and the manifests of its models by name."""

    contents: Contents
    aside: Path | None
    manifests: dict[str, bytes]


def restore(archive: Path, state: Path, *, databases: Mapping[str, Database], running: Running) -> Restored:
    """Put what `archive` holds into the folder `state`. `databases` are those that this program knows, by file name.

    Raises RestoreRefused while `running` names servers, or where a newer program made the backup, ArchiveDamaged
    where it is not whole. Nothing has changed then.
    """
    _check_idle(running)
    _make_folder(state)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=state) as scratch:
        folder = Path(scratch)
        contents = unpack(archive, folder)
        _check_versions(contents, folder, databases)
        _check_idle(running)
        aside = _exchange(state, folder / STATE)
        manifests = {file.stem: file.read_bytes() for file in sorted((folder / MODELS).glob("*.json"))}
    return Restored(contents, aside, manifests)


def _check_idle(running: Running) -> None:
    names = ", ".join(f"{run.service} on port {run.port}" for run in running())
    if names:
        raise RestoreRefused(f"Servers run: {names}. Stop them first with `task down`.")


def _make_folder(state: Path) -> None:
    try:
        state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RestoreRefused(f"{state} cannot be written: {error.strerror}.") from None


def _check_versions(contents: Contents, folder: Path, databases: Mapping[str, Database]) -> None:
    for file in contents.files:
        kind, _, name = file.path.partition("/")
        if kind != STATE or (is_durable(name) and not name.endswith(DATABASE_SUFFIX)):
            continue
        if name not in databases:
            raise RestoreRefused(
                f"This program does not know {name}. The backup is of version {contents.program}: use it."
            )
        version = _version_of(folder / file.path, name)
        known = len(databases[name].steps)
        if version > known:
            raise RestoreRefused(
                f"{name} in the backup has version {version}; this program knows versions up to {known}. "
                f"The backup is of version {contents.program}: use that one, or a newer one."
            )


def _version_of(file: Path, name: str) -> int:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True)) as connection:
            return check_database(connection)
    except sqlite3.DatabaseError as error:
        raise ArchiveDamaged(f"{name} in the backup is damaged: {error}.") from None


def _exchange(state: Path, new: Path) -> Path | None:
    """Move what is there aside and `new` into its place; returns where the old lies now, `None` where nothing was."""
    old = [*durable_files(state), *companions(state)]
    aside = state / ASIDE / datetime.now(UTC).strftime("%Y-%m-%dT%H%M%S.%fZ")
    with _moves() as move:
        for file in old:
            move(file, aside / file.relative_to(state))
        for file in durable_files(new):
            move(file, state / file.relative_to(new))
    return aside if old else None


@contextmanager
def _moves() -> Iterator[Callable[[Path, Path], None]]:
    """Renames that are all undone, the last one first, where any of them fails."""
    done: list[tuple[Path, Path]] = []

    def move(source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        done.append((source, target))

    try:
        yield move
    except OSError as error:
        for source, target in reversed(done):
            target.rename(source)
        raise RestoreRefused(f"The state could not be exchanged: {error}. Everything is as it was.") from None
