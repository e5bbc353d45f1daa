"""Entries and catalogues for the tests of model files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from alive_core.catalog.entry import Entry, find_entry, load_catalogue
from alive_core.catalog.pins import Pins
from alive_core.catalog.store import Store

HEAD = """
service = "test_server"

[models.tiny]
description = "A tiny model."
licence = "Apache-2.0"
size_bytes = 1000
min_memory_bytes = 2000
"""

WriteEntry = Callable[..., Entry]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def pins(tmp_path: Path) -> Pins:
    return Pins(tmp_path / "state")


@pytest.fixture
def write_entry(tmp_path: Path) -> WriteEntry:
    """Write a catalogue whose entry `tiny` has the given lines of TOML, and load that entry."""

    def write(lines: str, *, extra: str = "") -> Entry:
        path = tmp_path / "package" / "catalogue.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{HEAD}{extra}\n[[models.tiny.sources]]\n{lines}\n")
        return find_entry("tiny", [load_catalogue(path)])

    return write
