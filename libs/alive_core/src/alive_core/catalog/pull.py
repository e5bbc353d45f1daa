"""Get a model: the first of its sources that has it, complete and checked, or an error that says what to do."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from alive_core.catalog.download import OnProgress, RemoteFile, check_room, download, open_client
from alive_core.catalog.entry import Bundled, Entry, Export, Https, Hub, Local, Source
from alive_core.catalog.export import run_export
from alive_core.catalog.failures import ChecksumMismatch, DownloadFailed, SourceUnreachable
from alive_core.catalog.hub import look_up
from alive_core.catalog.store import Store, check_sha256
from alive_core.constants import HUB_URL
from alive_core.errors import LoadFailed

if TYPE_CHECKING:
    import httpx


class PullOptions(msgspec.Struct, frozen=True):
    """How a pull talks and with whom."""

    say: Callable[[str], None]
    """Gets whole lines for a person."""
    on_progress: OnProgress
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
    if (path := store.find(entry)) is not None:
        return path
    with store.fetching(
        entry.name, lambda: options.say(f"Another process is fetching {entry.name}; waiting for it.")
    ):
        if (path := store.find(entry) or _unchanged_after_all(entry, store)) is not None:
            return path
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
            folder = store.partial(entry, source)
            hashes = run_export(entry, source, folder, options.say)
            for file, expected in source.sha256.items():
                check_sha256(folder / file, expected, then="The export tools made another file; nothing was kept.")
            return store.adopt(entry, source, folder, hashes=hashes)
        case Hub():
            with open_client() as client:
                commit, files = look_up(source, client=client, hub_url=options.hub_url, token=options.token)
                return _download_all(entry, source, files, store, options, client=client, revision=commit)
        case Https():
            with open_client() as client:
                return _download_all(entry, source, _web_files(source), store, options, client=client, revision=None)


def _web_files(source: Https) -> list[RemoteFile]:
    return [
        RemoteFile(file, source.url + quote(source.remote.get(file, file)), sha256=source.sha256.get(file))
        for file in source.files
    ]


def _download_all(
    entry: Entry,
    source: Hub | Https,
    files: list[RemoteFile],
    store: Store,
    options: PullOptions,
    *,
    client: "httpx.Client",
    revision: str | None,
) -> Path:
    folder = store.partial(entry, source)
    there = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    check_room(folder, max(0, entry.size_bytes - there))
    token = options.token if isinstance(source, Hub) else None
    hashes: dict[str, str] = {}
    try:
        for remote in files:
            hashes[remote.name] = download(
                remote,
                folder / remote.name,
                client=client,
                on_progress=options.on_progress,
                token=token,
                pause=options.pause,
            )
    except ChecksumMismatch as error:
        raise ChecksumMismatch(f"{entry.name}: {error.message}") from error
    return store.adopt(entry, source, folder, hashes=hashes, revision=revision)
