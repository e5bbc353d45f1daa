"""What `task demo-model:install` puts where, and that what lies there is what the catalogues say."""

from __future__ import annotations

from pathlib import Path

import pytest

from alive_core.catalog.entry import load_catalogue
from tools.demo_model.install import COMMAND, LLAMA, Bundle, install, main, with_size

ROOT = Path(__file__).parents[3]
CATALOGUE = """# A comment that stays.
service = "some_server"

[models.small]
description = "A model."
licence = "MIT"
size_bytes = 5_000
min_memory_bytes = 9_000
opens = "folder"

[[models.small.sources]]
kind = "bundled"
folder = "models/small"
files = ["model.onnx", "tokenizer.json"]

[models.small-2]
description = "Another one."
licence = "MIT"
size_bytes = 7_000
min_memory_bytes = 9_000

[[models.small-2.sources]]
kind = "hub"
repo = "owner/name"
files = ["model.gguf"]
"""


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    catalogue = tmp_path / "service" / "catalogue.toml"
    catalogue.parent.mkdir()
    catalogue.write_text(CATALOGUE)
    return Bundle(catalogue, "small")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The folder that an export wrote, with something else in it."""
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"\x08" + bytes(1233))
    (folder / "tokenizer.json").write_text("{}")
    (folder / "notes.txt").write_text("not a part of the model")
    return folder


@pytest.mark.parametrize("real", [COMMAND, LLAMA], ids=lambda bundle: bundle.name)
def test_the_catalogue_has_the_size_of_what_the_repository_carries(real: Bundle) -> None:
    here = Bundle(ROOT / real.catalogue, real.name)
    entry = load_catalogue(here.catalogue)[here.name]
    homes = here.homes()
    assert entry.size_bytes == sum(home.stat().st_size for home in homes)
    assert set(homes[0].parent.iterdir()) == set(homes)


def test_files_reach_their_home_and_the_catalogue_their_size(bundle: Bundle, made: Path) -> None:
    install(bundle, made)
    home = bundle.catalogue.parent / "models/small"
    assert sorted(file.name for file in home.iterdir()) == ["model.onnx", "tokenizer.json"]
    assert (home / "model.onnx").read_bytes() == (made / "model.onnx").read_bytes()
    assert bundle.catalogue.read_text() == CATALOGUE.replace("5_000", "1_236")


def test_a_second_install_of_what_lies_there_changes_nothing(bundle: Bundle, made: Path) -> None:
    install(bundle, made)
    before = bundle.catalogue.read_text()
    install(bundle, bundle.catalogue.parent / "models/small")
    assert bundle.catalogue.read_text() == before


def test_nothing_is_copied_where_a_file_is_missing(bundle: Bundle, made: Path) -> None:
    (made / "tokenizer.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"tokenizer\.json is missing; export it first"):
        install(bundle, made)
    assert not (bundle.catalogue.parent / "models").exists()
    assert bundle.catalogue.read_text() == CATALOGUE


def test_only_the_named_model_gets_another_size() -> None:
    assert with_size(CATALOGUE, "small-2", 8_123_456) == CATALOGUE.replace("7_000", "8_123_456")
    with pytest.raises(ValueError, match="no size of 'large'"):
        with_size(CATALOGUE, "large", 1)


def test_a_model_that_is_fetched_has_no_home(bundle: Bundle) -> None:
    with pytest.raises(ValueError, match="fetched, not bundled"):
        Bundle(bundle.catalogue, "small-2").homes()


def test_a_missing_file_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["--folder", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'model.onnx'} is missing; export it first.\n"
