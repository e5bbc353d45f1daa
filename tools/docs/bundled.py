"""The table of the model files that the repository carries, from the catalogues and the files themselves."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import command_server
import providers_server
from alive_core.catalog.entry import Bundled, load_catalogue

ROOT = Path(__file__).parents[2]
HEADINGS = ("file", "bytes", "SHA-256")
SERVICES = (command_server, providers_server)


def bundled_table() -> list[tuple[str, ...]]:
    """Every bundled file of every service, in the order of the catalogues."""
    return [HEADINGS, *(_row(file) for file in bundled_files())]


def bundled_files() -> Iterator[Path]:
    """Where they lie."""
    for service in SERVICES:
        catalogue = Path(str(service.__file__)).with_name("catalogue.toml")
        for entry in load_catalogue(catalogue).values():
            for source in entry.sources:
                if isinstance(source, Bundled):
                    yield from files_of(source, beside=catalogue)


def files_of(source: Bundled, *, beside: Path) -> list[Path]:
    """Where the files of one source of a catalogue lie."""
    return [beside.parent / source.folder / file for file in source.files]


def _row(file: Path) -> tuple[str, ...]:
    content = file.read_bytes()
    return f"`{file.relative_to(ROOT)}`", f"{len(content):,}", f"`{hashlib.sha256(content).hexdigest()}`"
