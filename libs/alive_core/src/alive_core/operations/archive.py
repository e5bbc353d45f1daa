"""A backup as one file: a `.tar.gz` that lists its own content, with the hash of every file.

    contents.json           the list; always first
    state/<file>            what the servers must not forget
    models/<name>.json      which model files were there; never the files themselves

Reading trusts nothing: only plain files that the list names, of the size and hash that it says, are written, and only
below the folder that was asked for. The list protects against damage, not against somebody who writes a false one.
"""

import hashlib
import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Final

import msgspec

from alive_core.constants import ARCHIVE_BLOCK_BYTES, ARCHIVE_LIST_BYTES
from alive_core.operations.failures import ArchiveDamaged, RestoreRefused
from alive_core.utils.sizes import format_bytes

FORMAT: Final = 1
CONTENTS: Final = "contents.json"
STATE: Final = "state"
MODELS: Final = "models"

_NAME: Final = r"[A-Za-z0-9_][A-Za-z0-9_.+@=-]*"
_PATH: Final = re.compile(rf"(?:{STATE}|{MODELS})(?:/{_NAME})+", re.ASCII)


class ArchivedFile(msgspec.Struct, frozen=True):
    """One file of a backup. `schema_version` is a database's own; `None` where the file is none."""

    path: str
    size_bytes: int
    sha256: str
    schema_version: int | None = None


class Contents(msgspec.Struct, frozen=True):
    """What is in a backup. `made` is in UTC, as ISO 8601; `program` the version that made it."""

    format: int
    made: str
    program: str
    files: tuple[ArchivedFile, ...]

    @property
    def size_bytes(self) -> int:
        """All files together, unpacked."""
        return sum(file.size_bytes for file in self.files)


def describe_file(folder: Path, path: str, schema_version: int | None = None) -> ArchivedFile:
    """The entry of the list for the file at `folder / path`."""
    with (folder / path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return ArchivedFile(path, file.tell(), digest.hexdigest(), schema_version)


def is_archivable(path: str) -> bool:
    """Whether a file may have this path in a backup: plain names below one of the two folders."""
    return _PATH.fullmatch(path) is not None


def pack(out: IO[bytes], contents: Contents, folder: Path) -> None:
    """Write the files of `contents`, which lie below `folder`, to `out`."""
    listing = msgspec.json.format(msgspec.json.encode(contents), indent=2) + b"\n"
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        tar.addfile(_member(CONTENTS, len(listing)), BytesIO(listing))
        for file in contents.files:
            with (folder / file.path).open("rb") as source:
                tar.addfile(_member(file.path, file.size_bytes), source)


def unpack(archive: Path, folder: Path) -> Contents:
    """Write every file of `archive` below the empty `folder`, and return the list.

    Raises ArchiveDamaged where it is not exactly what its list says, RestoreRefused where it is too new, too large
    for the disk, or cannot be read.
    """
    try:
        with _damage(archive), archive.open("rb") as source, tarfile.open(fileobj=source, mode="r|gz") as tar:
            members = iter(tar)
            contents = _read_contents(tar, next(members, None))
            check_room(folder, contents.size_bytes)
            _unpack_files(tar, members, contents, folder)
    except OSError as error:
        raise RestoreRefused(f"{archive} cannot be unpacked: {error.strerror or error}.") from None
    return contents


def check_room(folder: Path, size: int) -> None:
    """Raise RestoreRefused where the disk of `folder` has no room for `size` bytes."""
    free = shutil.disk_usage(folder).free
    if free < size:
        raise RestoreRefused(f"{folder} has {format_bytes(free)} free; the backup needs {format_bytes(size)}.")


@contextmanager
def _damage(archive: Path) -> Iterator[None]:
    """Whatever the two formats say of broken bytes, as one error."""
    try:
        yield
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise ArchiveDamaged(f"{archive} is damaged, or no backup: {error or 'it ends too soon'}.") from None


def _member(path: str, size: int) -> tarfile.TarInfo:
    """Nothing of the machine it was made on: no owner, no time."""
    member = tarfile.TarInfo(path)
    member.size, member.mode = size, 0o600
    return member


def _read_contents(tar: tarfile.TarFile, member: tarfile.TarInfo | None) -> Contents:
    if member is None or member.name != CONTENTS or not member.isreg() or member.size > ARCHIVE_LIST_BYTES:
        raise ArchiveDamaged("This is no backup of ours: it does not begin with its list.")
    listed = tar.extractfile(member)
    assert listed is not None, "a plain file has content"
    data = listed.read()
    try:
        version = msgspec.json.decode(data, type=_Version).format
        if version > FORMAT:
            raise RestoreRefused(
                f"The backup has format {version}, this program knows {FORMAT}. Use the newer program."
            )
        contents = msgspec.json.decode(data, type=Contents)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ArchiveDamaged(f"The list of the backup cannot be read: {error}.") from None
    _check_list(contents.files)
    return contents


class _Version(msgspec.Struct, frozen=True):
    """The part of the list that every format has."""

    format: int


def _check_list(files: Sequence[ArchivedFile]) -> None:
    paths = [file.path for file in files]
    bad = next((path for path in paths if not is_archivable(path) or paths.count(path) > 1), None)
    if bad is not None or any(file.size_bytes < 0 for file in files):
        raise ArchiveDamaged(f"The list of the backup names what cannot be: {bad or 'a size below 0'}.")


def _unpack_files(tar: tarfile.TarFile, members: Iterator[tarfile.TarInfo], contents: Contents, folder: Path) -> None:
    missing = {file.path: file for file in contents.files}
    for member in members:
        file = missing.pop(member.name, None)
        if file is None or not member.isreg() or member.size != file.size_bytes:
            raise ArchiveDamaged(f"The backup holds {member.name!r}, which is not as its list says.")
        source = tar.extractfile(member)
        assert source is not None, "a plain file has content"
        _write(source, file, folder)
    if missing:
        raise ArchiveDamaged(f"The backup lacks {', '.join(missing)}.")


def _write(source: IO[bytes], file: ArchivedFile, folder: Path) -> None:
    target = folder / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with open(target, "xb", opener=_private) as out:
        while block := source.read(ARCHIVE_BLOCK_BYTES):
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != file.sha256:
        raise ArchiveDamaged(
            f"{file.path} in the backup has the wrong checksum.\n"
            f"  expected sha256 {file.sha256}\n  found    sha256 {digest.hexdigest()}"
        )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
