import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from alive_core.catalog.entry import Entry
from alive_core.catalog.failures import ChecksumMismatch
from alive_core.catalog.store import Store
from alive_core.errors import LoadFailed

WriteEntry = Callable[..., Entry]
HUB = 'kind = "hub"\nrepo = "owner/model"\nfiles = ["a.gguf", "b.gguf"]'
CONTENTS = {"a.gguf": b"GGUF first", "b.gguf": b"GGUF second"}


def fetch(store: Store, entry: Entry) -> Path:
    """Put both files into the store, as a pull does."""
    folder = store.partial(entry, entry.sources[0])
    for name, content in CONTENTS.items():
        (folder / name).write_bytes(content)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}
    return store.adopt(entry, entry.sources[0], folder, hashes=hashes, revision="abc")


def test_a_fetched_model_is_found_by_its_first_file(store: Store, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    assert (store.find(entry), store.state(entry)) == (None, "missing")
    path = fetch(store, entry)
    assert path.read_bytes() == CONTENTS["a.gguf"]
    assert (store.find(entry), store.state(entry)) == (path, "ready")


def test_a_model_that_is_a_folder_is_found_by_it(store: Store, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB, extra='opens = "folder"')
    assert fetch(store, entry) == store.find(entry) == store.folder("tiny")


def test_the_manifest_says_what_came_from_where(store: Store, write_entry: WriteEntry) -> None:
    fetch(store, write_entry(HUB))
    manifest = store.manifest("tiny")
    assert manifest is not None
    assert (manifest.source, manifest.revision) == ("hub:owner/model@main", "abc")
    assert [(file.path, file.size_bytes) for file in manifest.files] == [("a.gguf", 10), ("b.gguf", 11)]
    assert manifest.files[0].sha256 == hashlib.sha256(CONTENTS["a.gguf"]).hexdigest()


def test_nothing_of_the_download_stays_behind(store: Store, write_entry: WriteEntry) -> None:
    fetch(store, write_entry(HUB))
    assert list((store.root / "partial").iterdir()) == []


@pytest.mark.parametrize("damage", ["gone", "longer", "touched"])
def test_a_changed_file_is_damage(store: Store, write_entry: WriteEntry, damage: str) -> None:
    entry = write_entry(HUB)
    fetch(store, entry)
    file = store.folder("tiny") / "b.gguf"
    match damage:
        case "gone":
            file.unlink()
        case "longer":
            file.write_bytes(CONTENTS["b.gguf"] + b"!")
        case "touched":
            os.utime(file, (1, 1))
    assert (store.find(entry), store.state(entry)) == (None, "damaged")


def test_a_folder_without_a_readable_manifest_is_damage(store: Store, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    fetch(store, entry)
    (store.folder("tiny") / "manifest.json").write_text("{")
    assert store.state(entry) == "damaged"


def test_another_revision_in_the_catalogue_makes_a_model_outdated(store: Store, write_entry: WriteEntry) -> None:
    fetch(store, write_entry(HUB))
    moved = write_entry(f'{HUB}\nrevision = "v2"')
    assert (store.find(moved), store.state(moved)) == (None, "outdated")


def test_verify_accepts_whole_files_whose_time_changed_and_remembers(store: Store, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    path = fetch(store, entry)
    os.utime(path, (1, 1))
    store.verify(entry)
    assert store.find(entry) == path


def test_verify_finds_a_changed_byte_and_shows_both_hashes(store: Store, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    path = fetch(store, entry)
    times = path.stat()
    path.write_bytes(b"GGUF fIrst")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert store.state(entry) == "ready"  # size and time cannot tell; that is what verify is for
    with pytest.raises(ChecksumMismatch) as caught:
        store.verify(entry)
    for content in (b"GGUF first", b"GGUF fIrst"):
        assert hashlib.sha256(content).hexdigest() in caught.value.message


def test_verify_of_a_missing_model_says_how_to_get_it(store: Store, write_entry: WriteEntry) -> None:
    with pytest.raises(LoadFailed, match="task models:pull -- tiny"):
        store.verify(write_entry(HUB))


def test_verify_names_a_missing_file(store: Store, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    fetch(store, entry)
    (store.folder("tiny") / "b.gguf").unlink()
    with pytest.raises(LoadFailed, match=r"b\.gguf is missing"):
        store.verify(entry)


def test_a_newer_copy_replaces_an_older_one(store: Store, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    fetch(store, entry)
    (store.folder("tiny") / "stray.txt").write_text("old")
    fetch(store, entry)
    assert sorted(path.name for path in store.folder("tiny").iterdir()) == ["a.gguf", "b.gguf", "manifest.json"]


def test_what_another_source_left_half_done_is_not_continued(store: Store, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    (store.partial(entry, entry.sources[0]) / "a.gguf.part").write_bytes(b"GG")
    assert len(list(store.partial(entry, entry.sources[0]).iterdir())) == 1
    moved = write_entry(f'{HUB}\nrevision = "v2"')
    assert list(store.partial(moved, moved.sources[0]).iterdir()) == []


def test_a_bundled_model_is_found_in_the_package(store: Store, write_entry: WriteEntry, tmp_path: Path) -> None:
    entry = write_entry('kind = "bundled"\nfiles = ["demo.gguf"]')
    assert store.state(entry) == "missing"
    models = tmp_path / "package" / "models"
    models.mkdir()
    (models / "demo.gguf").write_bytes(b"GGUF")
    assert store.find(entry) == models / "demo.gguf"
    assert store.state(entry) == "ready"


def test_a_damaged_bundled_model_shows_both_hashes(store: Store, write_entry: WriteEntry, tmp_path: Path) -> None:
    right = hashlib.sha256(b"GGUF right").hexdigest()
    entry = write_entry(f'kind = "bundled"\nfiles = ["demo.gguf"]\nsha256 = {{ "demo.gguf" = "{right}" }}')
    models = tmp_path / "package" / "models"
    models.mkdir()
    (models / "demo.gguf").write_bytes(b"GGUF right")
    store.verify(entry)
    (models / "demo.gguf").write_bytes(b"GGUF wrong")
    with pytest.raises(ChecksumMismatch, match="Install the package again"):
        store.verify(entry)


def test_a_local_model_is_used_where_it_lies(store: Store, write_entry: WriteEntry, tmp_path: Path) -> None:
    mine = tmp_path / "mine.gguf"
    entry = write_entry(f'kind = "local"\npath = "{mine}"')
    assert store.find(entry) is None
    mine.write_bytes(b"GGUF")
    assert store.find(entry) == mine


def test_two_fetches_of_one_model_take_turns(store: Store) -> None:
    order: list[str] = []
    waiting = threading.Event()

    def second() -> None:
        with store.fetching("tiny", lambda _owner: waiting.set()):
            order.append("second")

    thread = threading.Thread(target=second)
    with store.fetching("tiny", lambda _owner: order.append("first waited")):
        thread.start()
        assert waiting.wait(timeout=10)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
