"""What `models pull|add|remove|verify` do. They write to the stream they are given and raise AliveError."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

import msgspec

from alive_core.catalog.disk import disk_bytes
from alive_core.catalog.entry import NAME, Bundled, Catalogue, Entry, Https, Hub, Local, Source, find_entry
from alive_core.catalog.formats import FORMATS, check_file
from alive_core.catalog.listing import describe_entry
from alive_core.catalog.own import SERVICE, load_own, opens, read_source, write_own
from alive_core.catalog.pins import Pins
from alive_core.catalog.progress import ProgressLine
from alive_core.catalog.pull import PullOptions, pull
from alive_core.catalog.store import Finding, Store
from alive_core.constants import HASH_SHOWN_BYTES, HUB_URL, MODEL_OVERHEAD_BYTES, OWN_MEMORY_SHARE
from alive_core.errors import ConfigurationError
from alive_core.utils.sizes import format_bytes

Ask = Callable[[str], str]
"""Puts a question to a person and returns the answer."""


class Desk(msgspec.Struct, frozen=True):
    """What every command works with."""

    catalogues: Sequence[Catalogue]
    store: Store
    state: Path
    """The state directory: pins, and the user's own catalogue."""
    out: TextIO
    ask: Ask | None = None
    """`None` means that nobody can be asked, and then the option --yes is needed."""
    is_agreed: bool = False
    token: str | None = None
    hub_url: str = HUB_URL

    @property
    def pins(self) -> Pins:
        """What models were when they first came."""
        return Pins(self.state)

    def say(self, line: str) -> None:
        """Write a line at once."""
        self.out.write(f"{line}\n")
        self.out.flush()

    def agrees(self, question: str, what: str, command: str) -> bool:
        """Whether the person says yes. Raises ConfigurationError, with the `command` that helps, without a person."""
        if self.is_agreed:
            return True
        if self.ask is None:
            raise ConfigurationError(f"Nobody can be asked here whether to {what}; agree with `{command} --yes`.")
        return self.ask(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def pull_model(name: str, desk: Desk, *, repin: bool = False) -> bool:
    """Fetch `name` after showing size and licence; return whether it is there now.

    With `repin`, what came first counts no more: the model is fetched as its source has it now, and pinned as that.
    Raises ConfigurationError where nobody can be asked, and the errors of `pull`.
    """
    entry = find_entry(name, desk.catalogues)
    path = desk.store.find(entry)
    if path is not None and not (repin and desk.store.in_place(entry) is None):
        desk.say(f"{name} is there already: {path}")
        return True
    desk.say(describe_entry(entry))
    question, command = "Fetch it and accept the licence?", f"task models:pull -- {name}"
    if not desk.agrees(question, f"fetch {name}, with this size and licence", command):
        desk.say("Nothing was fetched.")
        return False
    options = PullOptions(
        say=desk.say,
        on_progress=ProgressLine(desk.out),
        pins=desk.pins,
        is_anew=repin,
        token=desk.token,
        hub_url=desk.hub_url,
    )
    desk.say(f"{name} is ready: {pull(entry, desk.store, options)}")
    return True


class Wished(msgspec.Struct, frozen=True):
    """What a user says about a model of their own; the rest is found out or assumed."""

    name: str
    source: str
    description: str | None = None
    licence: str = "not stated: look at its source"
    size_bytes: int | None = None
    min_memory_bytes: int | None = None
    template: str | None = None


def add_model(wished: Wished, desk: Desk) -> Entry:
    """Register a model under a name that profiles can use; nothing is fetched yet.

    Its source is asked for its size, unless that is said. Raises ConfigurationError for a name that is taken or a
    source that makes no sense, LoadFailed for a local file that is no model, and what the source's silence means.
    """
    if not NAME.fullmatch(wished.name):
        raise ConfigurationError(f"{wished.name!r} is no name: small letters, digits, '.', '_' and '-' only.")
    if any(wished.name in catalogue for catalogue in desk.catalogues):
        raise ConfigurationError(f"There is a model {wished.name} already; `task models:list` shows it.")
    source = read_source(wished.source)
    if isinstance(source, Local):
        _check_local(Path(source.path))
    size = wished.size_bytes or _size_of(source, desk)
    entry = Entry(
        description=wished.description or f"Added from {wished.source}.",
        licence=wished.licence,
        size_bytes=size,
        min_memory_bytes=wished.min_memory_bytes or int(size * OWN_MEMORY_SHARE) + MODEL_OVERHEAD_BYTES,
        sources=(source,),
        template=wished.template,
        opens=opens(source),
        name=wished.name,
        service=SERVICE,
    )
    with desk.store.fetching(".own", lambda _owner: None):
        write_own(desk.state, {**load_own(desk.state), wished.name: entry})
    desk.say(describe_entry(entry))
    desk.say(f'Added. A target uses it with model = "{wished.name}" in a profiles file.')
    if desk.store.find(entry) is None:
        desk.say(f"To fetch it: task models:pull -- {wished.name}")
    return entry


def remove_model(name: str, desk: Desk, *, users: Mapping[str, Sequence[str]]) -> bool:
    """Free the disk of `name`, after asking; return whether that was done. An own model is forgotten, too.

    `users` names the running servers that serve a model, by its name. Raises ConfigurationError where one does, for
    a model that is part of a package, and where nobody can be asked. A file of the user's own is never touched.
    """
    entry = find_entry(name, desk.catalogues)
    is_own = entry.service == SERVICE
    if used_by := users.get(name):
        raise ConfigurationError(f"{name} is in use by {', '.join(used_by)}. End it first: `task down`.")
    if isinstance(entry.sources[0], Bundled) and not is_own:
        raise ConfigurationError(f"{name} is part of the installed package and cannot be removed by itself.")
    size = desk.store.disk_bytes(name)
    if not size and not is_own:
        desk.say(f"{name} takes no room on this disk.")
        return True
    forgets = " and forget where it came from" if is_own else ""
    question, what = f"Remove {name}, free {format_bytes(size)}{forgets}?", f"remove {name}"
    if not desk.agrees(question, what, f"task models:remove -- {name}"):
        desk.say("Nothing was removed.")
        return False
    with desk.store.fetching(name, _waiting(desk, name)):
        freed = desk.store.remove(name)
        if is_own:
            with desk.store.fetching(".own", lambda _owner: None):
                write_own(desk.state, {key: one for key, one in load_own(desk.state).items() if key != name})
            desk.pins.forget(name)
    desk.say(f"Removed {name}: {format_bytes(freed)} are free again." if freed else f"Forgot {name}.")
    return True


def verify_models(names: Sequence[str], desk: Desk) -> bool:
    """Read every file of the models `names`, or of all that are on this machine; return whether all are whole."""
    entries = {name: entry for catalogue in desk.catalogues for name, entry in catalogue.items()}
    chosen = [find_entry(name, desk.catalogues) for name in names] or list(entries.values())
    line = ProgressLine(desk.out)

    def show(name: str, done: int, total: int | None) -> None:
        if total is None or total >= HASH_SHOWN_BYTES:
            line(f"Reading {name}", done, total)

    is_whole = True
    for entry in chosen:
        findings = list(desk.store.examine(entry, show))
        if not findings and (names or desk.store.state(entry) == "damaged"):
            desk.say(f"{entry.name}  missing: task models:pull -- {entry.name}")
            is_whole = False
        for finding in findings:
            desk.say(f"{entry.name}  {_verdict(finding)}")
            is_whole = is_whole and finding.verdict in ("ok", "unverified")
    return is_whole


def _verdict(finding: Finding) -> str:
    line = f"{finding.verdict:<10}  {finding.path}"
    if finding.verdict == "changed":
        line += f"\n  expected sha256 {finding.expected}\n  found    sha256 {finding.found}"
    return line


def _waiting(desk: Desk, name: str) -> Callable[[str], None]:
    return lambda owner: desk.say(f"Another process{owner} is fetching {name}; waiting for it.")


def _check_local(path: Path) -> None:
    """Raise LoadFailed where a file of the user is not what its name says."""
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.suffix.lower() in FORMATS)
    for file in files:
        check_file(file.name, file)


def _size_of(source: Source, desk: Desk) -> int:
    """Bytes, as the source tells. Raises ConfigurationError where it does not."""
    from alive_core.catalog.hub import look_up, size_at
    from alive_core.catalog.remote import open_client

    sizes: list[int | None] = [None]
    match source:
        case Local():
            return disk_bytes(Path(source.path))
        case Hub() | Https():
            with open_client() as client:
                if isinstance(source, Hub):
                    _, files = look_up(source, client=client, hub_url=desk.hub_url, token=desk.token)
                    sizes = [file.size_bytes for file in files]
                else:
                    sizes = [size_at(source.url + file, client) for file in source.files]
    known = [size for size in sizes if size is not None]
    if not known:
        raise ConfigurationError("The source does not tell its size; say about how large it is, as in --size 5GB.")
    return sum(known)
