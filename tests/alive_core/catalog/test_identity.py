"""A model's fingerprint follows its content, and nothing else; each file is read once."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.catalog.entry import Bundled, Entry
from alive_core.catalog.identity import FILE_NAME, Hashes, files_of, fingerprint_of
from alive_core.catalog.store import MANIFEST, Store
from alive_core.errors import ConfigurationError, LoadFailed
from alive_core.profiles.profile import Target

RECIPE = "mean pooling"


class Reading:
    """Hashes, and the names of the files that were read for them."""

    def __init__(self, file: Path) -> None:
        self.read: list[str] = []
        self.hashes = Hashes(file, self.note)

    def note(self, name: str, done: int, total: int | None) -> None:
        if done == total:
            self.read.append(name)

    def of(self, path: Path | None, recipe: str = RECIPE, adapter: str = "fake") -> str | None:
        path_text = None if path is None else str(path)
        return self.hashes.fingerprint(Target(adapter=adapter, name="t", path=path_text), recipe)


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Reading]:
    reading = Reading(tmp_path / "state" / FILE_NAME)
    with closing(reading.hashes):
        yield reading


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"\x08weights")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "1_Pooling" / "config.json").write_text("{}")
    return folder


contents = st.dictionaries(st.text(), st.text(), max_size=5)


@given(contents, contents, st.text(), st.text())
def test_two_models_share_a_fingerprint_only_if_they_are_the_same(
    one: dict[str, str], two: dict[str, str], adapter: str, recipe: str
) -> None:
    is_same = fingerprint_of(one.items(), adapter, recipe) == fingerprint_of(two.items(), adapter, recipe)
    assert is_same == (one == two)
    assert fingerprint_of(reversed(one.items()), adapter, recipe) == fingerprint_of(one.items(), adapter, recipe)


def test_the_adapter_and_its_recipe_are_part_of_it(reading: Reading, folder: Path) -> None:
    assert len({reading.of(folder), reading.of(folder, "max pooling"), reading.of(folder, adapter="other")}) == 3


def test_name_and_place_of_a_file_do_not_matter_but_its_content_does(reading: Reading, tmp_path: Path) -> None:
    one, two, other = (tmp_path / name for name in ("one.gguf", "two.gguf", "other.gguf"))
    for file, data in ((one, b"GGUF same"), (two, b"GGUF same"), (other, b"GGUF some")):
        file.write_bytes(data)
    assert reading.of(one) == reading.of(two) != reading.of(other)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "1_Pooling/config.json"])
def test_every_model_file_of_a_folder_counts(reading: Reading, folder: Path, name: str) -> None:
    first = reading.of(folder)
    (folder / name).write_bytes(b"\x08changed")
    assert reading.of(folder) != first


def test_what_is_no_model_file_does_not_count(reading: Reading, folder: Path) -> None:
    first = reading.of(folder)
    (folder / "README.md").write_text("New words.")
    (folder / MANIFEST).write_text("{}")
    assert reading.of(folder) == first


def test_all_parts_of_a_split_file_count(reading: Reading, tmp_path: Path) -> None:
    parts = [tmp_path / f"big-0000{number}-of-00002.gguf" for number in (1, 2)]
    for part in parts:
        part.write_bytes(b"GGUF")
    assert list(files_of(parts[0]).values()) != [parts[0]]
    first = reading.of(parts[0])
    parts[1].write_bytes(b"GGUF more")
    assert reading.of(parts[0]) != first


def test_without_files_there_is_nothing_to_tell(reading: Reading) -> None:
    assert reading.of(None) is None


def test_a_file_is_read_once_also_after_a_restart(tmp_path: Path, folder: Path) -> None:
    file = tmp_path / "state" / FILE_NAME
    first, second = Reading(file), Reading(file)
    with closing(first.hashes):
        taken = first.of(folder)
    assert sorted(first.read) == ["config.json", "model.onnx", "tokenizer.json"]
    with closing(second.hashes):
        assert second.of(folder) == taken
    assert second.read == []


def test_a_file_that_was_touched_is_read_again(reading: Reading, folder: Path) -> None:
    first = reading.of(folder)
    reading.read.clear()
    os.utime(folder / "model.onnx", ns=(1, 1))
    assert reading.of(folder) == first
    assert reading.read == ["model.onnx"]


def test_a_fetched_model_is_never_read(reading: Reading, folder: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    names = ("model.onnx", "tokenizer.json", "1_Pooling/config.json")
    entry = Entry("A model.", "MIT", 1, 1, (Bundled(names),), opens="folder", name="model")
    unfetched = reading.of(folder)
    reading.read.clear()
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    fetched = store.adopt(entry, entry.sources[0], folder, hashes=hashes)
    assert reading.of(fetched) == unfetched
    assert reading.read == []
    (fetched / "tokenizer.json").write_text("[]")
    assert reading.of(fetched) != unfetched
    assert reading.read == ["tokenizer.json"]


def test_a_file_that_cannot_be_read_is_named(reading: Reading, tmp_path: Path) -> None:
    with pytest.raises(LoadFailed, match=r"Cannot read the model file .*gone\.gguf: No such file"):
        reading.of(tmp_path / "gone.gguf")


def test_a_newer_record_is_refused_with_a_sentence(tmp_path: Path) -> None:
    Hashes(tmp_path / FILE_NAME).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as raw:
        raw.execute("PRAGMA user_version = 2")
    with pytest.raises(ConfigurationError, match="newer program"):
        Hashes(tmp_path / FILE_NAME)
