from collections.abc import Callable

import msgspec
import pytest

from alive_core.catalog.entry import Entry
from alive_core.catalog.listing import Listed, listed, table_of
from alive_core.catalog.pins import Pins
from alive_core.catalog.store import Store

WriteEntry = Callable[..., Entry]
HUB = 'kind = "hub"\nrepo = "owner/model"\nfiles = ["a.gguf"]'
CLAIMED = f'{HUB}\nsha256 = {{ "a.gguf" = "{"0" * 64}" }}'


@pytest.fixture
def show(store: Store, pins: Pins) -> Callable[[Entry], Listed]:
    def show(entry: Entry) -> Listed:
        (only,) = listed([{"tiny": entry}], store, pins, {"tiny": ["chat", "code"]})
        return only

    return show


def fetch(entry: Entry, store: Store, pins: Pins) -> None:
    source = entry.sources[0]
    folder = store.partial(entry, source)
    (folder / "a.gguf").write_bytes(b"GGUF")
    pins.keep(entry, source, revision="f" * 40, sha256={"a.gguf": "1" * 64})
    store.adopt(entry, source, folder, hashes={"a.gguf": "1" * 64}, revision="f" * 40)


def test_a_model_that_nobody_has_fetched_is_unverified(
    write_entry: WriteEntry, show: Callable[[Entry], Listed]
) -> None:
    model = show(write_entry(HUB))
    assert (model.state, model.path, model.checksums, model.revision) == ("missing", None, "unverified", "main")
    assert (model.format, model.source, model.profiles) == ("gguf", "hub owner/model", ("chat", "code"))


def test_a_fetched_one_is_pinned_to_what_came(
    write_entry: WriteEntry, show: Callable[[Entry], Listed], store: Store, pins: Pins
) -> None:
    entry = write_entry(HUB)
    fetch(entry, store, pins)
    model = show(entry)
    assert (model.state, model.checksums, model.revision) == ("ready", "pinned", "f" * 40)
    assert model.path == str(store.folder("tiny") / "a.gguf")
    assert "pinned ffffffffff " in table_of([model])


def test_one_whose_checksums_the_catalogue_shows_is_verified(
    write_entry: WriteEntry, show: Callable[[Entry], Listed]
) -> None:
    assert show(write_entry(CLAIMED)).checksums == "verified"


def test_what_comes_with_the_package_says_so(write_entry: WriteEntry, show: Callable[[Entry], Listed]) -> None:
    model = show(write_entry('kind = "bundled"\nfiles = ["a.gguf"]'))
    assert (model.checksums, model.source) == ("bundled", "package")


def test_the_table_shows_everything_and_how_to_fetch(
    write_entry: WriteEntry, show: Callable[[Entry], Listed]
) -> None:
    heading, row, _, hint = table_of([show(write_entry(HUB))]).splitlines()
    assert heading.split() == ["model", "size", "memory", "state", "checksums", "source", "profiles", "licence"]
    assert row.split() == [
        *("tiny", "1000", "B", "2", "KiB", "missing", "unverified", "hub", "owner/model", "chat,", "code"),
        "Apache-2.0",
    ]
    assert hint == "To fetch one: task models:pull -- tiny"


def test_the_table_gives_no_hint_when_everything_is_there(
    write_entry: WriteEntry, show: Callable[[Entry], Listed], store: Store, pins: Pins
) -> None:
    entry = write_entry(HUB)
    fetch(entry, store, pins)
    assert "task models:pull" not in table_of([show(entry)])


@pytest.mark.parametrize(
    "lines", ['kind = "bundled"\nfiles = ["a.gguf"]', 'kind = "local"\npath = "/nowhere/a.gguf"']
)
def test_the_table_does_not_offer_to_fetch_what_lies_on_this_machine_or_nowhere(
    write_entry: WriteEntry, show: Callable[[Entry], Listed], lines: str
) -> None:
    assert "task models:pull" not in table_of([show(write_entry(lines))])


def test_a_program_reads_the_same(write_entry: WriteEntry, show: Callable[[Entry], Listed]) -> None:
    model = show(write_entry(HUB, extra='template = "in the file"'))
    assert msgspec.json.decode(msgspec.json.encode([model]), type=list[Listed]) == [model]
    assert model.template == "in the file"
