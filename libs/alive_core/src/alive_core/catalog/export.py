"""Model files that a script of this repository makes on this machine.

The script is run as `python SCRIPT --output FOLDER`. It prints its progress line by line, creates FOLDER only when
all files are complete, and ends with another status than 0 and its reason as the last line where it fails.
"""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from alive_core.catalog.entry import Entry, Export
from alive_core.catalog.failures import DownloadFailed
from alive_core.catalog.programs import run_program
from alive_core.catalog.store import sha256_of


def find_script(entry: Entry, source: Export) -> Path:
    """The script, looked for in the folders above the catalogue. Raises DownloadFailed in an installed package."""
    for folder in entry.catalogue.absolute().parents:
        if (script := folder / source.script).is_file():
            return script
    raise DownloadFailed(
        f"{source.script} is part of the repository, not of the installed package; "
        f"run this from a clone of the repository, or where the hub can be reached."
    )


def run_export(entry: Entry, source: Export, folder: Path, say: Callable[[str], None]) -> dict[str, str]:
    """Let the script put its files into `folder`; return the sha256 of each. `say` gets every line it prints."""
    script = find_script(entry, source)
    made = folder.with_name("made")
    shutil.rmtree(made, ignore_errors=True)
    status, lines = run_program([sys.executable, str(script), "--output", str(made)], say)
    if status != 0:
        reason = lines[-1] if lines else f"it ended with status {status}"
        raise DownloadFailed(f"{source.script} could not make {entry.name}: {reason}")
    missing = [file for file in source.files if not (made / file).is_file()]
    if missing:
        raise DownloadFailed(f"{source.script} did not make {missing[0]}.")
    shutil.rmtree(folder)
    made.rename(folder)
    return {file: sha256_of(folder / file) for file in source.files}
