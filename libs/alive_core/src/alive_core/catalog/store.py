"""Where fetched model files lie, and whether they are whole.

    models/<name>/<files>           complete models, each with
    models/<name>/manifest.json     what was fetched, from where, with the hash of every file
    partial/<name>/                 a download in progress; the next attempt goes on from it
    locks/<name>                    held by the process that fetches the model

A model appears under `models/` at once, by renaming its folder. Looking one up reads the manifest and compares sizes
and times; only `verify` reads the files. All clones and instances of one user share the store.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from alive_core.catalog.disk import disk_bytes, settle_file, settle_folder
from alive_core.catalog.entry import Bundled, Entry, Local, Source, source_key
from alive_core.catalog.failures import ChecksumMismatch
from alive_core.constants import HASH_BLOCK_BYTES
from alive_core.errors import LoadFailed

MANIFEST = "manifest.json"
MANIFEST_VERSION = 1

State = Literal["ready", "missing", "damaged", "outdated"]


class ManifestFile(msgspec.Struct, frozen=True):
    """One fetched file; `modified_ns` is its modification time in nanoseconds since 1970."""

    path: str
    size_bytes: int
    modified_ns: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What was fetched. `source` is the key of the source, `revision` the exact commit where there is one."""

    version: int
    name: str
    source: str
    revision: str | None
    fetched: str
    """When, in UTC, as ISO 8601."""
    files: tuple[ManifestFile, ...]


Verdict = Literal["ok", "changed", "missing", "unverified"]


class Finding(msgspec.Struct, frozen=True):
    """What one file is. `unverified`: it is there, and nothing says what it should be."""

    path: Path
    verdict: Verdict
    expected: str | None = None
    found: str | None = None


OnProgress = Callable[[str, int, int | None], None]
"""Hears a file's name, the bytes read and the bytes in all."""


class Store:
    """The model files of one user, below the folder `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, name: str) -> Path:
        """Where a complete model lies."""
        return self.root / "models" / name

    def partial(self, entry: Entry, source: Source) -> Path:
        """The folder of a download in progress; what an earlier attempt from another source left is removed."""
        folder = self.root / "partial" / entry.name
        origin = folder / "origin"
        key = source_key(source)
        if folder.exists() and (not origin.is_file() or origin.read_text() != key):
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        origin.write_text(key)
        (folder / "files").mkdir(exist_ok=True)
        return folder / "files"

    def find(self, entry: Entry) -> Path | None:
        """What an engine is given for `entry`, or `None` where it is not complete. Hashes nothing."""
        return self.in_place(entry) or (self._opened(entry) if self.state(entry) == "ready" else None)

    def in_place(self, entry: Entry) -> Path | None:
        """The path of a model that needs no fetching: part of the package, or on this machine already."""
        for source in entry.sources:
            match source:
                case Bundled():
                    folder = entry.catalogue.parent / source.folder
                    whole = all((folder / file).is_file() for file in source.files)
                    if whole:
                        return folder if entry.opens == "folder" else folder / source.files[0]
                case Local():
                    path = Path(source.path).expanduser()
                    wanted = [path / file for file in source.files] or [path]
                    if all(one.exists() for one in wanted):
                        return path if entry.opens == "folder" else wanted[0]
        return None

    def state(self, entry: Entry) -> State:
        """Whether `entry` can be used: `damaged` where a file is gone or changed since it was fetched, `outdated`
        where the catalogue has moved on to another source or revision."""
        if self.in_place(entry) is not None:
            return "ready"
        manifest = self.manifest(entry.name)
        if manifest is None:
            return "damaged" if self.folder(entry.name).exists() else "missing"
        if manifest.source not in {source_key(source) for source in entry.sources}:
            return "outdated"
        return "ready" if all(self._is_unchanged(entry.name, file) for file in manifest.files) else "damaged"

    def manifest(self, name: str) -> Manifest | None:
        """What was recorded when `name` was fetched; `None` where there is nothing readable."""
        try:
            manifest = msgspec.json.decode((self.folder(name) / MANIFEST).read_bytes(), type=Manifest)
        except (OSError, msgspec.MsgspecError):
            return None
        return manifest if manifest.version == MANIFEST_VERSION else None

    def verify(self, entry: Entry) -> None:
        """Hash every file of `entry`. Whole files whose time changed (copied, restored) are ready again from then on.

        Raises LoadFailed where something is missing, ChecksumMismatch with both hashes where something differs.
        """
        is_ours = self.in_place(entry) is None
        again = (
            f"Fetch it again with `task models:pull -- {entry.name}`." if is_ours else "Install the package again."
        )
        findings = list(self.examine(entry, lambda _name, _done, _total: None))
        if not findings:
            raise LoadFailed(f"{entry.name} is not complete in {self.folder(entry.name)}. {again}")
        for finding in findings:
            if finding.verdict == "missing":
                raise LoadFailed(f"{finding.path} is missing. {again}")
            if finding.verdict == "changed":
                raise ChecksumMismatch.of(
                    str(finding.path), expected=finding.expected or "", found=finding.found or "", then=again
                )

    def examine(self, entry: Entry, on_progress: OnProgress) -> Iterator[Finding]:
        """Read every file of `entry` and say what it is; nothing where the model is not here.

        Whole files of a fetched model whose time changed (copied, restored) are ready again from then on.
        """
        if self.in_place(entry) is not None:
            yield from _examine_in_place(entry, on_progress)
            return
        manifest = self.manifest(entry.name)
        if manifest is None:
            return
        folder = self.folder(entry.name)
        findings = [_examined(folder / file.path, file.sha256, on_progress) for file in manifest.files]
        if all(finding.verdict == "ok" for finding in findings):
            self._write_manifest(folder, manifest)
        yield from findings

    def disk_bytes(self, name: str) -> int:
        """What `name` takes on the disk, an unfinished download included."""
        return disk_bytes(self.folder(name)) + disk_bytes(self.root / "partial" / name)

    def remove(self, name: str) -> int:
        """Remove the files of `name`, an unfinished download included; return how many bytes that frees.

        To be called within `fetching`. What an engine has open or mapped stays readable for it until it ends.
        """
        freed = self.disk_bytes(name)
        going = self.root / "partial" / f"{name}.removed"
        shutil.rmtree(going, ignore_errors=True)
        if self.folder(name).exists():
            going.parent.mkdir(parents=True, exist_ok=True)
            self.folder(name).rename(going)  # at once: nobody ever sees half of a model
        shutil.rmtree(going, ignore_errors=True)
        shutil.rmtree(self.root / "partial" / name, ignore_errors=True)
        return freed

    def adopt(
        self, entry: Entry, source: Source, folder: Path, *, hashes: Mapping[str, str], revision: str | None = None
    ) -> Path:
        """Move the complete files in `folder` into the store at once, with their manifest; return what `find` will.

        `hashes` has the sha256 of each file. An older copy of the model is replaced.
        """
        manifest = Manifest(
            version=MANIFEST_VERSION,
            name=entry.name,
            source=source_key(source),
            revision=revision,
            fetched=datetime.now(UTC).isoformat(timespec="seconds"),
            files=tuple(ManifestFile(file, 0, 0, hashes[file]) for file in source.files),
        )
        for path in [folder / file for file in source.files]:
            settle_file(path)
        self._write_manifest(folder, manifest)
        settle_folder(folder)
        final = self.folder(entry.name)
        final.parent.mkdir(parents=True, exist_ok=True)
        replaced = self.root / "partial" / f"{entry.name}.replaced"
        shutil.rmtree(replaced, ignore_errors=True)
        if final.exists():
            replaced.parent.mkdir(parents=True, exist_ok=True)
            final.rename(replaced)
        folder.rename(final)
        settle_folder(final.parent)
        shutil.rmtree(replaced, ignore_errors=True)
        shutil.rmtree(self.root / "partial" / entry.name, ignore_errors=True)
        return self._opened(entry)

    @contextmanager
    def fetching(self, name: str, on_wait: Callable[[str], None]) -> Iterator[None]:
        """Be the only process that changes `name`; `on_wait` is called once where another one is at it, with
        ` (pid 123)` or nothing.

        The kernel holds the lock and gives it back with the end of its owner, also a killed one: none is ever stale.
        """
        lock = self.root / "locks" / name
        lock.parent.mkdir(parents=True, exist_ok=True)
        with lock.open("a+") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                held.seek(0)
                owner = held.read().strip()
                on_wait(f" (pid {owner})" if owner.isdecimal() else "")
                fcntl.flock(held, fcntl.LOCK_EX)
            held.truncate(0)
            held.write(str(os.getpid()))
            held.flush()
            yield

    def _opened(self, entry: Entry) -> Path:
        manifest = self.manifest(entry.name)
        folder = self.folder(entry.name)
        return folder if entry.opens == "folder" or manifest is None else folder / manifest.files[0].path

    def _is_unchanged(self, name: str, file: ManifestFile) -> bool:
        try:
            found = (self.folder(name) / file.path).stat()
        except OSError:
            return False
        return (found.st_size, found.st_mtime_ns) == (file.size_bytes, file.modified_ns)

    def _write_manifest(self, folder: Path, manifest: Manifest) -> None:
        """Write `manifest` with the sizes and times that the files have now."""
        measured = tuple(_measure(folder, file) for file in manifest.files)
        data = msgspec.json.format(msgspec.json.encode(msgspec.structs.replace(manifest, files=measured)), indent=2)
        draft = folder / f"{MANIFEST}.new"
        draft.write_bytes(data + b"\n")
        draft.replace(folder / MANIFEST)


def sha256_of(path: Path, on_progress: OnProgress = lambda _name, _done, _total: None) -> str:
    """The sha256 of a file, as hexadecimal digits."""
    digest, done, size = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while block := file.read(HASH_BLOCK_BYTES):
            digest.update(block)
            done += len(block)
            on_progress(path.name, done, size)
    return digest.hexdigest()


def check_sha256(path: Path, expected: str, *, then: str) -> None:
    """Raise ChecksumMismatch, ending with the sentence `then`, unless the file has the expected sha256."""
    found = sha256_of(path)
    if found != expected:
        raise ChecksumMismatch.of(str(path), expected=expected, found=found, then=then)


def _measure(folder: Path, file: ManifestFile) -> ManifestFile:
    found = (folder / file.path).stat()
    return msgspec.structs.replace(file, size_bytes=found.st_size, modified_ns=found.st_mtime_ns)


def _examined(path: Path, expected: str | None, on_progress: OnProgress) -> Finding:
    if not path.is_file():
        return Finding(path, "missing", expected)
    if expected is None:
        return Finding(path, "unverified")
    found = sha256_of(path, on_progress)
    return Finding(path, "ok" if found == expected else "changed", expected, found)


def _examine_in_place(entry: Entry, on_progress: OnProgress) -> Iterator[Finding]:
    """The files of the first source that lies in the package or on this machine."""
    for source in entry.sources:
        match source:
            case Bundled():
                folder, files = entry.catalogue.parent / source.folder, source.files
            case Local():
                path = Path(source.path).expanduser()
                folder, files = (path, source.files) if source.files else (path.parent, _names_in(path))
            case _:
                continue
        for file in files:
            yield _examined(folder / file, source.sha256.get(file), on_progress)
        return


def _names_in(path: Path) -> tuple[str, ...]:
    """The file itself, or every file of the folder, seen from where `path` lies."""
    found = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    return tuple(str(file.relative_to(path.parent)) for file in found)
