"""Which model exactly: a fingerprint that changes whenever an answer could, and only then.

It is made from the content of every model file (weights with their quantisation, tokenizer, pooling), the adapter's
name, and what the adapter adds of its own. Where files lie, what they are called and when they were fetched does not
matter. There is one meaning only, so a file is read whole once: files that were fetched have their hash in the
store's manifest, and every other hash is remembered by path, size and modification time.
"""

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from alive_core.catalog.store import MANIFEST, Manifest, ManifestFile
from alive_core.constants import FINGERPRINT_CHARS, HASH_BLOCK_BYTES, IDENTITY_WAIT_S, MODEL_SUFFIXES
from alive_core.database import Database
from alive_core.errors import LoadFailed
from alive_core.profiles.profile import Target

FILE_NAME: Final = "hashes.sqlite"
DATABASE: Final = Database(
    "record of model files",
    (
        """
CREATE TABLE hashes (
    path TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL
) STRICT;
""",
    ),
    IDENTITY_WAIT_S,
    "Or move it away: it is made again.",
)
_PART: Final = re.compile(r"-\d{5}-of-\d{5}(?=\.\w+$)")

OnProgress = Callable[[str, int, int | None], None]
"""Hears the file's name, bytes read and bytes in all."""


def fingerprint_of(contents: Iterable[tuple[str, str]], adapter: str, recipe: str) -> str:
    """The name of a model whose files are `contents`: what part each plays, and its sha256. Their order is free."""
    identity = hashlib.sha256(msgspec.json.encode((sorted(contents), adapter, recipe)))
    return f"fp_{identity.hexdigest()[:FINGERPRINT_CHARS]}"


def files_of(path: Path) -> dict[str, Path]:
    """The files that make a model, by the part they play.

    A single file plays the only part, whatever it is called; a split file brings its other parts along; in a folder,
    files of model formats are told apart by their names.
    """
    if path.is_dir():
        found = [file for file in path.rglob("*") if file.suffix.lower() in MODEL_SUFFIXES and file.is_file()]
        return {str(file.relative_to(path)): file for file in found if file != path / MANIFEST}
    if _PART.search(path.name):
        siblings = path.parent.glob(_PART.sub("-*", path.name))
        return {part[0]: file for file in siblings if (part := _PART.search(file.name))}
    return {"": path}


class Hashes:
    """The sha256 of model files, each taken once. `file` is where they are remembered, for all servers of this user.

    Opening raises ConfigurationError where a newer program wrote it. `on_progress` hears of files being read.
    """

    def __init__(self, file: Path, on_progress: OnProgress = lambda _name, _done, _total: None) -> None:
        DATABASE.check(file)
        self._connection = DATABASE.open(file)
        self._on_progress = on_progress

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def fingerprint(self, target: Target, recipe: str) -> str | None:
        """The identity of what `target` serves; `None` where it has no files. Reads what was never read before.

        Raises LoadFailed where a file cannot be read.
        """
        if target.path is None:
            return None
        path = Path(target.path)
        recorded = _recorded(path if path.is_dir() else path.parent)
        contents = [(part, self._sha256(file, recorded.get(file))) for part, file in files_of(path).items()]
        return fingerprint_of(contents, target.adapter, recipe)

    def _sha256(self, file: Path, recorded: ManifestFile | None) -> str:
        try:
            found = file.stat()
            stamp = found.st_size, found.st_mtime_ns
            if recorded is not None and (recorded.size_bytes, recorded.modified_ns) == stamp:
                return recorded.sha256
            return self._remembered(file, stamp) or self._take(file, stamp)
        except OSError as error:
            raise LoadFailed(f"Cannot read the model file {file}: {error.strerror or error}.") from error

    def _remembered(self, file: Path, stamp: tuple[int, int]) -> str | None:
        row = self._connection.execute(
            "SELECT sha256 FROM hashes WHERE path = ? AND size = ? AND modified_ns = ?", (str(file.resolve()), *stamp)
        ).fetchone()
        return None if row is None else str(row[0])

    def _take(self, file: Path, stamp: tuple[int, int]) -> str:
        digest, done = hashlib.sha256(), 0
        with file.open("rb") as opened:
            while block := opened.read(HASH_BLOCK_BYTES):
                digest.update(block)
                done += len(block)
                self._on_progress(file.name, done, stamp[0])
        row = (str(file.resolve()), *stamp, digest.hexdigest())
        with suppress(sqlite3.OperationalError):  # the disk is full, say: then the next start reads it again
            self._connection.execute("INSERT OR REPLACE INTO hashes VALUES (?, ?, ?, ?)", row)
        return digest.hexdigest()


def _recorded(folder: Path) -> dict[Path, ManifestFile]:
    """What the store noted when it fetched the files of `folder`; nothing where it did not."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        return {}
    return {folder / file.path: file for file in manifest.files}
