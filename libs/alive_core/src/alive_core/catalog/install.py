"""Make one model of a catalogue present, without a question: what `task install` does for what serves by default."""

from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from alive_core.catalog.entry import Entry, find_entry, load_catalogue
from alive_core.catalog.store import Store
from alive_core.utils.paths import cache_dir


def install_model(name: str, catalogue: Path, environment: Mapping[str, str], out: TextIO) -> Path:
    """Return the path an engine is given for the entry `name`, after fetching it where it is not there.

    Says nothing where it is there already. Nobody is asked, so it is for models whose licence asks for no agreement.
    Raises ModelNotFound for a name that the catalogue does not have, and AliveError where the model cannot be had.
    """
    entry = find_entry(name, [load_catalogue(catalogue)])
    store = Store(cache_dir(environment))
    return store.find(entry) or _fetch(entry, store, environment, out)


def _fetch(entry: Entry, store: Store, environment: Mapping[str, str], out: TextIO) -> Path:
    from alive_core.catalog.commands import (
        describe_entry,  # the download libraries cost 0.2 s; the usual run needs none
    )
    from alive_core.catalog.progress import ProgressLine
    from alive_core.catalog.pull import PullOptions, pull

    def say(line: str) -> None:
        out.write(f"{line}\n")
        out.flush()

    say(describe_entry(entry))
    path = pull(entry, store, PullOptions(say=say, on_progress=ProgressLine(out), token=environment.get("HF_TOKEN")))
    say(f"{entry.name} is ready: {path}")
    return path
