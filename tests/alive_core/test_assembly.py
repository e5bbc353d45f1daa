"""What a server is put together from."""

from pathlib import Path

import pytest

from alive_core import Service, assembly
from alive_core.assembly import gpu_meter
from alive_core.engines.gpu_memory import DeviceMemory
from alive_core.service import GpuUse
from alive_core.settings import GpuChoice, Settings


def service(gpu: GpuUse = "optional") -> Service:
    return Service("test", "1", 0, {}, Path(), gpu=gpu)


@pytest.fixture
def nvidia(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has an NVIDIA GPU and its binding."""
    monkeypatch.setattr(assembly, "find_gpu", lambda _: "NVIDIA")
    monkeypatch.setattr(assembly, "find_nvml", object)
    monkeypatch.setattr(assembly, "device_memory", lambda _, visible: DeviceMemory(len(visible), 1))


@pytest.mark.usefixtures("nvidia")
def test_the_gpu_that_engines_may_use_is_measured() -> None:
    meter = gpu_meter(service(), Settings(), {"CUDA_VISIBLE_DEVICES": "0,1"})
    assert meter is not None
    assert meter() == DeviceMemory(2, 1)


@pytest.mark.usefixtures("nvidia")
@pytest.mark.parametrize(("use", "choice"), [("never", "auto"), ("optional", "off"), ("required", "off")])
def test_a_gpu_that_nobody_may_use_is_never_looked_at(use: GpuUse, choice: GpuChoice) -> None:
    assert gpu_meter(service(use), Settings(gpu=choice), {}) is None


def test_without_a_gpu_or_its_binding_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "find_gpu", lambda _: None)
    assert gpu_meter(service(), Settings(), {}) is None
    monkeypatch.setattr(assembly, "find_gpu", lambda _: "NVIDIA")
    monkeypatch.setattr(assembly, "find_nvml", lambda: None)
    assert gpu_meter(service(), Settings(), {}) is None
