"""`task restore`: put a backup in place of the state there is, which is kept aside."""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from alive_core.catalog.store import Manifest, Store
from alive_core.console.databases import DATABASES
from alive_core.operations.archive import STATE
from alive_core.operations.restore import Restored, restore
from alive_core.operations.runfiles import run_folder, running_servers
from alive_core.utils.paths import cache_dir


def restore_backup(state: Path, archive: Path) -> int:
    """Restore the state folder from `archive` and say what was done. Raises RestoreRefused or ArchiveDamaged."""
    done = restore(
        archive.expanduser().absolute(),
        state,
        databases=DATABASES,
        running=lambda: list(running_servers(run_folder(state))),
    )
    sys.stdout.write(describe(done, state, Store(cache_dir(os.environ))))
    return 0


def describe(done: Restored, state: Path, store: Store) -> str:
    """What is there now, where that lies which was there before, and which models to get."""
    prefix = f"{STATE}/"
    names = [file.path.removeprefix(prefix) for file in done.contents.files if file.path.startswith(prefix)]
    lines = [
        f"Restored the backup of {done.contents.made}, made by version {done.contents.program}, into {state}:",
        f"  {', '.join(names) or 'no state'}",
    ]
    if done.aside is not None:
        lines.append(f"What was there before is in {done.aside}. Remove it once all is well.")
    lines += _about_models(done.manifests, store)
    lines.append("Start the servers again: `task up:command`, `task up:providers`.")
    return "".join(f"{line}\n" for line in lines)


def _about_models(manifests: Mapping[str, bytes], store: Store) -> Iterator[str]:
    for name, data in manifests.items():
        try:
            then = msgspec.json.decode(data, type=Manifest)
        except msgspec.DecodeError:
            yield f"  model {name}: its record in the backup cannot be read by this program"
            continue
        now = store.manifest(name)
        if now is None:
            yield f"  model {name}: not on this machine; get it with `task models:pull -- {name}`"
        elif _hashes(now) != _hashes(then):
            yield f"  model {name}: its files differ from those at the time of the backup ({_revision(then)} then)"
        else:
            yield f"  model {name}: here, the same files"


def _hashes(manifest: Manifest) -> dict[str, str]:
    return {file.path: file.sha256 for file in manifest.files}


def _revision(manifest: Manifest) -> str:
    return f"revision {manifest.revision}" if manifest.revision else manifest.source
