"""What every model of the catalogues is, in one row: for a table, a program, and who is about to fetch it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from alive_core.catalog.entry import (
    Bundled,
    Catalogue,
    Entry,
    Export,
    Https,
    Hub,
    Local,
    Pypi,
    Source,
    files_claimed,
    source_key,
)
from alive_core.catalog.formats import Format, format_of
from alive_core.catalog.pins import Pins
from alive_core.catalog.store import State, Store
from alive_core.utils.sizes import format_bytes
from alive_core.utils.tables import format_table

HEADINGS = ("model", "size", "memory", "state", "checksums", "source", "profiles", "licence")
REVISION_SHOWN_CHARS = 10

Trust = Literal["verified", "pinned", "unverified", "bundled"]
"""`verified`: the catalogue has every checksum, as a public source shows it. `pinned`: held to what came at the first
pull. `unverified`: nothing is known yet. `bundled`: part of the installed package."""


class Listed(msgspec.Struct, frozen=True):
    """One model as `models list --json` shows it."""

    name: str
    description: str
    service: str
    state: State
    path: str | None
    """What an engine is given; null where the model is not on this machine."""
    size_bytes: int
    min_memory_bytes: int
    licence: str
    licence_url: str | None
    format: Format | None
    template: str | None
    source: str
    checksums: Trust
    revision: str | None
    profiles: tuple[str, ...]
    """Which functionalities of the installed services it can serve."""


def listed(
    catalogues: Sequence[Catalogue], store: Store, pins: Pins, profiles: Mapping[str, Sequence[str]]
) -> list[Listed]:
    """Every model, in the order of the catalogues. `profiles` has the profiles that use a model, by its name."""
    entries = {name: entry for catalogue in catalogues for name, entry in catalogue.items()}
    return [_listed(entry, store, pins, tuple(profiles.get(name, ()))) for name, entry in entries.items()]


def table_of(models: Sequence[Listed]) -> str:
    """The rows for a person, and how to get what is not there."""
    table = format_table([HEADINGS, *map(_row, models)])
    wanting = next((one.name for one in models if one.state != "ready" and _is_elsewhere(one)), None)
    return f"{table}\nTo fetch one: task models:pull -- {wanting}\n" if wanting else table


def describe_entry(entry: Entry) -> str:
    """What a person should know before fetching a model."""
    licence = f"{entry.licence} ({entry.licence_url})" if entry.licence_url else entry.licence
    kind = entry.format or format_of(entry.sources[0].files)
    lines = [
        f"{entry.name}: {entry.description}",
        f"  size      {format_bytes(entry.size_bytes)}",
        f"  memory    at least {format_bytes(entry.min_memory_bytes)} to serve it",
        f"  licence   {licence}",
        *([f"  format    {kind}"] if kind else []),
        *([f"  template  {entry.template}"] if entry.template else []),
        *(f"  source    {_source_line(source)}" for source in entry.sources),
    ]
    return "\n".join(lines)


def where_from(source: Source) -> str:
    """A source in few words."""
    match source:
        case Bundled():
            return "package"
        case Hub():
            return f"hub {source.repo}"
        case Https():
            return source.url
        case Pypi():
            return f"PyPI {source.package}"
        case Local():
            return source.path
        case Export():
            return f"made by {source.script}"


def _listed(entry: Entry, store: Store, pins: Pins, profiles: tuple[str, ...]) -> Listed:
    source = _source_in_use(entry, store)
    trust, revision = _trust(entry, source, pins)
    path = store.find(entry)
    return Listed(
        name=entry.name,
        description=entry.description,
        service=entry.service,
        state=store.state(entry),
        path=str(path) if path else None,
        size_bytes=entry.size_bytes,
        min_memory_bytes=entry.min_memory_bytes,
        licence=entry.licence,
        licence_url=entry.licence_url,
        format=entry.format or format_of(source.files or (_name_of(source),)),
        template=entry.template,
        source=where_from(source),
        checksums=trust,
        revision=revision,
        profiles=profiles,
    )


def _source_in_use(entry: Entry, store: Store) -> Source:
    """Where the copy on this machine came from; without one, where it would be looked for first."""
    manifest = store.manifest(entry.name)
    keys = {source_key(source): source for source in entry.sources}
    return keys.get(manifest.source, entry.sources[0]) if manifest else entry.sources[0]


def _trust(entry: Entry, source: Source, pins: Pins) -> tuple[Trust, str | None]:
    pin = pins.find(entry, source)
    revision = pin.revision if pin else source.revision if isinstance(source, Hub) else None
    if files_claimed(source):
        return "verified", revision
    if isinstance(source, Bundled):
        return "bundled", None
    is_pinned = pin is not None and bool(source.files) and all(file in pin.sha256 for file in source.files)
    return ("pinned" if is_pinned else "unverified"), revision


def _row(model: Listed) -> tuple[str, ...]:
    revision = f" {model.revision[:REVISION_SHOWN_CHARS]}" if model.revision and model.checksums == "pinned" else ""
    return (
        model.name,
        format_bytes(model.size_bytes),
        format_bytes(model.min_memory_bytes),
        model.state,
        f"{model.checksums}{revision}",
        model.source,
        ", ".join(model.profiles) or "-",
        model.licence,
    )


def _is_elsewhere(model: Listed) -> bool:
    """Whether a pull could bring it: a file of the package or of this machine is there or is not."""
    return model.checksums != "bundled" and not Path(model.source).is_absolute() and not model.source.startswith("~")


def _name_of(source: Source) -> str:
    return Path(source.path).name if isinstance(source, Local) else ""


def _source_line(source: Source) -> str:
    match source:
        case Bundled():
            return "part of the package"
        case Hub():
            return f"hub {source.repo} at {source.revision} ({_known(source, 'the hub tells the checksum')})"
        case Https():
            return f"{source.url} ({_known(source, 'no checksum is known')})"
        case Pypi():
            version = source.version or "newest version"
            return f"PyPI {source.package} {version} ({_known(source, 'no checksum is known')})"
        case Local():
            return source.path
        case Export():
            return f"made on this machine by {source.script}"


def _known(source: Hub | Https | Pypi, otherwise: str) -> str:
    if files_claimed(source):
        return "checksums in the catalogue"
    return f"unverified: {otherwise}; what comes first is pinned"
