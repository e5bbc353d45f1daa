"""What `models list` and `models pull` do. They write to the streams they are given and raise AliveError."""

from collections.abc import Callable, Sequence
from typing import TextIO

from alive_core.catalog.entry import Bundled, Catalogue, Entry, Export, Https, Hub, Local, Source, find_entry
from alive_core.catalog.progress import ProgressLine
from alive_core.catalog.pull import PullOptions, pull
from alive_core.catalog.store import Store
from alive_core.errors import ConfigurationError
from alive_core.utils.sizes import format_bytes
from alive_core.utils.tables import format_table

HEADINGS = ("model", "size", "state", "service", "licence")


def list_models(catalogues: Sequence[Catalogue], store: Store, out: TextIO) -> None:
    """Write a table of everything that can be served, and how to get what is not there."""
    entries = [entry for catalogue in catalogues for entry in catalogue.values()]
    rows = [
        (entry.name, format_bytes(entry.size_bytes), store.state(entry), entry.service, entry.licence)
        for entry in entries
    ]
    out.write(format_table([HEADINGS, *rows]))
    wanting = next((one.name for one in entries if _can_be_fetched(one) and store.state(one) != "ready"), None)
    if wanting is not None:
        out.write(f"\nTo fetch one: task models:pull -- {wanting}\n")


def pull_model(
    name: str,
    catalogues: Sequence[Catalogue],
    store: Store,
    out: TextIO,
    *,
    ask: Callable[[str], str] | None,
    is_agreed: bool = False,
    token: str | None = None,
) -> bool:
    """Fetch `name` after showing size and licence; return whether it is there now.

    `ask` puts a question to a person and returns the answer; `None` means that nobody can be asked, and then
    `is_agreed` (the option --yes) is needed. Raises ConfigurationError without it, and the errors of `pull`.
    """
    entry = find_entry(name, catalogues)
    if (path := store.find(entry)) is not None:
        out.write(f"{name} is there already: {path}\n")
        return True
    out.write(f"{describe_entry(entry)}\n")
    if not is_agreed and not _agrees(name, ask):
        out.write("Nothing was fetched.\n")
        return False

    def say(line: str) -> None:
        out.write(f"{line}\n")
        out.flush()

    path = pull(entry, store, PullOptions(say=say, on_progress=ProgressLine(out), token=token))
    say(f"{name} is ready: {path}")
    return True


def describe_entry(entry: Entry) -> str:
    """What a person should know before fetching a model."""
    licence = f"{entry.licence} ({entry.licence_url})" if entry.licence_url else entry.licence
    lines = [
        f"{entry.name}: {entry.description}",
        f"  size      {format_bytes(entry.size_bytes)}",
        f"  memory    at least {format_bytes(entry.min_memory_bytes)} to serve it",
        f"  licence   {licence}",
        *(f"  source    {_source_line(source)}" for source in entry.sources),
    ]
    return "\n".join(lines)


def _can_be_fetched(entry: Entry) -> bool:
    return any(not isinstance(source, Bundled | Local) for source in entry.sources)


def _source_line(source: Source) -> str:
    match source:
        case Bundled():
            return "part of the package"
        case Hub():
            return f"hub {source.repo} at {source.revision} ({_trust(source, 'checksum taken from the hub')})"
        case Https():
            return f"{source.url} ({_trust(source, 'no checksum is known')})"
        case Local():
            return source.path
        case Export():
            return f"made on this machine by {source.script}"


def _trust(source: Hub | Https, otherwise: str) -> str:
    whole = all(file in source.sha256 for file in source.files)
    return "checksums in the catalogue" if whole else f"unverified: {otherwise}"


def _agrees(name: str, ask: Callable[[str], str] | None) -> bool:
    if ask is None:
        raise ConfigurationError(
            f"Nobody can be asked here whether to fetch {name}; agree to size and licence with "
            f"`task models:pull -- {name} --yes`."
        )
    return ask("Fetch it and accept the licence? [y/N] ").strip().lower() in ("y", "yes")
