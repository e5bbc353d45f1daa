import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from alive_core.catalog.entry import find_entry, load_catalogue
from alive_core.errors import ModelUnavailable
from providers_server import install as install_module
from providers_server.constants import EMBED_MODEL
from providers_server.install import CATALOGUE, install
from support.embed_model import real_model


@pytest.fixture
def filled_home(tmp_path: Path) -> Path:
    """An ALIVE_HOME with a copy of the installed model."""
    shutil.copytree(real_model(), tmp_path / "cache" / "models" / EMBED_MODEL)
    return tmp_path


def test_a_second_install_says_nothing_and_changes_nothing(filled_home: Path) -> None:
    out = io.StringIO()
    path = install({"ALIVE_HOME": str(filled_home)}, out)
    assert out.getvalue() == ""
    assert path == filled_home / "cache" / "models" / EMBED_MODEL


def test_the_command_is_quiet_and_imports_no_download_library(filled_home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "providers_server.install"],
        env=os.environ | {"ALIVE_HOME": str(filled_home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "msgspec" in imported
    assert not imported & {"httpx", "tenacity", "onnxruntime", "numpy", "tokenizers"}


def test_without_hub_and_without_the_repository_there_is_a_sentence_and_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "providers_server"
    package.mkdir(parents=True)
    monkeypatch.setattr(install_module, "CATALOGUE", Path(shutil.copy(CATALOGUE, package)))
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nothing listens there, so no hub can be reached
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    with pytest.raises(
        ModelUnavailable, match=r"(?s)cannot be reached.*part of the repository, not of the installed"
    ):
        install({"ALIVE_HOME": str(tmp_path)}, io.StringIO())
    assert not (tmp_path / "cache" / "models").exists()


def test_the_export_script_and_the_catalogue_name_the_same_files_and_checksums() -> None:
    from tools.export_embed.export import COPIED, KNOWN_SHA256

    hub, export = find_entry(EMBED_MODEL, [load_catalogue(CATALOGUE)]).sources
    assert set(export.files) == {"model.onnx", "model.onnx_data", *COPIED}
    assert {name: hub.sha256[name] for name in COPIED} == {name: KNOWN_SHA256[name] for name in COPIED}
