"""Make one model of a catalogue present, without a question: what `task install` does for what serves by default."""

from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from alive_core.catalog.entry import Entry, find_entry, load_catalogue
from alive_core.catalog.store import Store
from alive_core.constants import HUB_URL
from alive_core.utils.paths import cache_dir, state_dir


def install_model(name: str, catalogue: Path, environment: Mapping[str, str], out: TextIO) -> Path:
    """Return the path an engine is given for the entry `name`, after fetching it where it is not there.

    Says nothing where it is there already. Nobody is asked, so it is for models whose licence asks for no agreement.
    Raises ModelNotFound for a name that the catalogue does not have, and AliveError where the model cannot be had.
    """
    entry = find_entry(name, [load_catalogue(catalogue)])
    store = Store(cache_dir(environment))
    return store.find(entry) or _fetch(entry, store, environment, out)


def hub_url(environment: Mapping[str, str]) -> str:
    """The model hub, or the mirror that the environment names, as the hub's own client reads it."""
    return environment.get("HF_ENDPOINT", "").rstrip("/") or HUB_URL


def _fetch(entry: Entry, store: Store, environment: Mapping[str, str], out: TextIO) -> Path:
    # The download libraries cost 0.2 s; the usual run needs none.
    from alive_core.catalog.listing import describe_entry
    from alive_core.catalog.pins import Pins
    from alive_core.catalog.progress import ProgressLine
    from alive_core.catalog.pull import PullOptions, pull

    def say(line: str) -> None:
        out.write(f"{line}\n")
        out.flush()

    say(describe_entry(entry))
    options = PullOptions(
        say=say,
        on_progress=ProgressLine(out),
        pins=Pins(state_dir(environment)),
        token=environment.get("HF_TOKEN"),
        hub_url=hub_url(environment),
    )
    path = pull(entry, store, options)
    say(f"{entry.name} is ready: {path}")
    return path
