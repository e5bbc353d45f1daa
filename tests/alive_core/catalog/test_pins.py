from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from alive_core.catalog.entry import Entry
from alive_core.catalog.pins import Pins
from alive_core.errors import ConfigurationError

WriteEntry = Callable[..., Entry]
HUB = 'kind = "hub"\nrepo = "owner/model"\nfiles = ["a.gguf"]'


def test_nothing_is_pinned_at_first(pins: Pins, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    assert pins.find(entry, entry.sources[0]) is None


def test_what_is_pinned_stays(pins: Pins, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    pins.keep(entry, entry.sources[0], revision="first", sha256={"a.gguf": "1"})
    pins.keep(entry, entry.sources[0], revision="second", sha256={"a.gguf": "2", "b.json": "3"})
    pin = pins.find(entry, entry.sources[0])
    assert pin is not None
    assert (pin.revision, pin.sha256) == ("first", {"a.gguf": "1", "b.json": "3"})


def test_a_pin_counts_for_its_own_source_only(pins: Pins, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    pins.keep(entry, entry.sources[0], revision="first", sha256={})
    moved = write_entry(f'{HUB}\nrevision = "v2"')
    assert pins.find(moved, moved.sources[0]) is None
    pins.keep(moved, moved.sources[0], revision="v2", sha256={})
    assert pins.find(entry, entry.sources[0]) is None


def test_a_pin_is_given_up(pins: Pins, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    pins.keep(entry, entry.sources[0], revision="first", sha256={})
    pins.forget("tiny")
    pins.forget("tiny")
    assert pins.find(entry, entry.sources[0]) is None


def test_an_unreadable_record_is_no_missing_pin(pins: Pins, write_entry: WriteEntry, tmp_path: Path) -> None:
    entry = write_entry(HUB)
    pins.keep(entry, entry.sources[0], revision="first", sha256={})
    (tmp_path / "state" / "pins.sqlite").write_bytes(b"no database at all, but long enough to be looked at" * 20)
    with pytest.raises(ConfigurationError, match=r"pins\.sqlite.*Restore it from a backup"):
        pins.find(entry, entry.sources[0])


def test_two_processes_pin_two_models(pins: Pins, write_entry: WriteEntry, tmp_path: Path) -> None:
    entry = write_entry(HUB)
    other = msgspec.structs.replace(entry, name="other")
    pins.keep(entry, entry.sources[0], revision="first", sha256={})
    Pins(tmp_path / "state").keep(other, entry.sources[0], revision="second", sha256={})
    found = [pins.find(one, entry.sources[0]) for one in (entry, other)]
    assert [pin.revision for pin in found if pin] == ["first", "second"]
