# ruff: noqa: N802, N815  # the names are NVML's own
"""GPU memory is what the driver tells of a process; where it tells nothing, nothing is made up."""

import sys
from dataclasses import dataclass
from types import ModuleType

import pytest

from alive_core.engines.gpu_memory import DeviceMemory, device_memory, find_nvml, gpu_memory_bytes, visible_devices


@dataclass
class Process:
    pid: int
    usedGpuMemory: int | None


@dataclass
class Memory:
    total: int
    free: int


class FakeNvmlError(Exception):
    pass


class FakeNvml:
    """The few functions of NVML, over devices that the test gives."""

    NVMLError = FakeNvmlError

    def __init__(self, *devices: list[Process], fails_at: str = "") -> None:
        self.devices, self.fails_at, self.users = devices, fails_at, 0

    def nvmlInit(self) -> None:
        self._step("init")
        self.users += 1

    def nvmlShutdown(self) -> None:
        self.users -= 1

    def nvmlDeviceGetCount(self) -> int:
        self._step("count")
        return len(self.devices)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> object:
        return self.devices[index]

    def nvmlDeviceGetComputeRunningProcesses(self, handle: object) -> list[Process]:
        self._step("processes")
        assert isinstance(handle, list)
        return handle

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> object:
        return self.devices[int(uuid.removeprefix("GPU-"))]

    def nvmlDeviceGetMemoryInfo(self, handle: object) -> Memory:
        self._step("memory")
        assert isinstance(handle, list)
        return Memory(total=1000, free=1000 - sum(process.usedGpuMemory or 0 for process in handle))

    def _step(self, name: str) -> None:
        if name == self.fails_at:
            raise FakeNvmlError(name)


def test_the_memory_of_a_process_on_all_devices_counts() -> None:
    nvml = FakeNvml([Process(7, 100), Process(8, 50)], [Process(7, 11)], [])
    assert gpu_memory_bytes(7, nvml) == 111
    assert gpu_memory_bytes(9, nvml) == 0
    assert nvml.users == 0


def test_what_the_driver_does_not_tell_is_unknown() -> None:
    assert gpu_memory_bytes(7, FakeNvml([Process(7, 100)], [Process(7, None)])) is None
    assert gpu_memory_bytes(7, FakeNvml()) is None
    assert gpu_memory_bytes(7, None) is None


@pytest.mark.parametrize("step", ["init", "count", "processes"])
def test_a_failing_driver_makes_the_memory_unknown_and_is_let_go(step: str) -> None:
    nvml = FakeNvml([Process(7, 100)], fails_at=step)
    assert gpu_memory_bytes(7, nvml) is None
    assert nvml.users == 0


def test_the_binding_need_not_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert find_nvml() is None
    module = ModuleType("pynvml")
    monkeypatch.setitem(sys.modules, "pynvml", module)
    assert find_nvml() is module


def test_the_memory_of_the_devices_that_engines_may_use_is_added_up() -> None:
    nvml = FakeNvml([Process(7, 100)], [Process(8, 50)], [])
    assert device_memory(nvml) == DeviceMemory(3000, 2850)
    assert device_memory(nvml, ("1",)) == DeviceMemory(1000, 950)
    assert device_memory(nvml, ("GPU-0", "2")) == DeviceMemory(2000, 1900)
    assert device_memory(nvml, ()) is None
    assert device_memory(FakeNvml()) is None
    assert nvml.users == 0


def test_devices_whose_memory_the_driver_does_not_tell_are_unknown() -> None:
    nvml = FakeNvml([], fails_at="memory")
    assert device_memory(nvml) is None
    assert nvml.users == 0


def test_the_environment_says_which_devices_engines_may_use() -> None:
    assert visible_devices({}) is None
    assert visible_devices({"CUDA_VISIBLE_DEVICES": "0, GPU-3"}) == ("0", "GPU-3")
    assert visible_devices({"CUDA_VISIBLE_DEVICES": ""}) == ()
