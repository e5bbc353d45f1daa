"""`task backup`: what the servers must not forget, in one file, also while they run."""

import os
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from alive_core.catalog.store import MANIFEST, Store
from alive_core.operations.archive import MODELS, STATE, Contents, is_archivable
from alive_core.operations.backup import back_up
from alive_core.utils.paths import cache_dir
from alive_core.utils.sizes import format_bytes
from alive_core.utils.tables import format_table


def make_backup(state: Path, wanted: Path | None) -> int:
    """Write a backup of the state folder and say what is in it. `wanted` is a file, or a folder for it.

    Raises BackupFailed.
    """
    archive = _file_name(wanted or Path.cwd())
    contents = back_up(state, manifests_in(Store(cache_dir(os.environ))), archive, program=version("alive-core"))
    sys.stdout.write(describe(archive, contents))
    return 0


def manifests_in(store: Store) -> dict[str, Path]:
    """Which model files were fetched, with their hashes: the store's own record, by the model's name."""
    found = {file.parent.name: file for file in sorted(store.root.glob(f"models/*/{MANIFEST}"))}
    return {name: file for name, file in found.items() if is_archivable(f"{MODELS}/{name}.json")}


def describe(archive: Path, contents: Contents) -> str:
    """What a person wants to know of a backup that was made."""
    rows = [
        (f"  {file.path.removeprefix(f'{STATE}/')}", format_bytes(file.size_bytes))
        for file in contents.files
        if file.path.startswith(f"{STATE}/")
    ]
    models = len(contents.files) - len(rows)
    words = {0: "", 1: "  and the record of 1 model, without its files\n"}
    return (
        f"Backed up to {archive} ({format_bytes(archive.stat().st_size)}):\n"
        + (format_table(rows) if rows else "")
        + words.get(models, f"  and the records of {models} models, without their files\n")
        + "It can hold what people said: keep it where only you can read it. `task restore -- FILE` puts it back.\n"
    )


def _file_name(wanted: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    path = wanted.expanduser().absolute()
    return path / f"alive-backup-{stamp}.tar.gz" if path.is_dir() else path
