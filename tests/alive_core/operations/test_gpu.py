"""A GPU is found by what its driver leaves in the file system; a pretended root stands in for the machine."""

import sys
from pathlib import Path

import pytest

from alive_core.errors import ConfigurationError
from alive_core.operations.gpu import find_gpu, hide_gpus, require_gpu

NVIDIA = "proc/driver/nvidia/gpus/0000:01:00.0/information"
AMD = "sys/class/kfd/kfd/topology/nodes/{}/gpu_id"


@pytest.fixture(autouse=True)
def on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")


def write(root: Path, path: str, text: str = "") -> None:
    (root / path).parent.mkdir(parents=True)
    (root / path).write_text(text)


def test_a_machine_without_drivers_has_none(tmp_path: Path) -> None:
    assert find_gpu({}, root=tmp_path) is None


def test_an_nvidia_gpu_is_found(tmp_path: Path) -> None:
    write(tmp_path, NVIDIA)
    assert find_gpu({"CUDA_VISIBLE_DEVICES": "0"}, root=tmp_path) == "NVIDIA"


def test_an_nvidia_gpu_behind_windows_is_found(tmp_path: Path) -> None:
    write(tmp_path, "dev/dxg")
    assert find_gpu({}, root=tmp_path) == "NVIDIA"


def test_the_cpu_among_amds_nodes_is_no_gpu(tmp_path: Path) -> None:
    write(tmp_path, AMD.format(0), "0\n")
    assert find_gpu({}, root=tmp_path) is None
    write(tmp_path, AMD.format(1), "30146\n")
    assert find_gpu({}, root=tmp_path) == "AMD"


@pytest.mark.parametrize("value", ["", "-1"])
def test_a_hidden_gpu_is_none(tmp_path: Path, value: str) -> None:
    write(tmp_path, NVIDIA)
    write(tmp_path, AMD.format(1), "30146")
    assert find_gpu({"CUDA_VISIBLE_DEVICES": value}, root=tmp_path) == "AMD"
    assert find_gpu({"CUDA_VISIBLE_DEVICES": value, "HIP_VISIBLE_DEVICES": value}, root=tmp_path) is None


def test_hiding_hides_every_kind(tmp_path: Path) -> None:
    write(tmp_path, NVIDIA)
    write(tmp_path, AMD.format(1), "30146")
    environment = {"CUDA_VISIBLE_DEVICES": "0"}
    hide_gpus(environment)
    assert find_gpu(environment, root=tmp_path) is None


@pytest.mark.parametrize(("machine", "whose"), [("arm64", "Apple"), ("x86_64", None)])
def test_only_apples_own_chips_have_one(monkeypatch: pytest.MonkeyPatch, machine: str, whose: str | None) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert find_gpu({}) == whose


def test_a_service_that_needs_one_is_told_how_to_do_without(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"third_server needs a GPU.*--cpu"):
        require_gpu("third_server", {}, root=tmp_path)
    write(tmp_path, NVIDIA)
    require_gpu("third_server", {}, root=tmp_path)
