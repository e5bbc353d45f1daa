# ruff: noqa: N802, N815  # the names are NVML's own
"""GPU memory is what the driver tells of a process; where it tells nothing, nothing is made up."""

import sys
from dataclasses import dataclass
from types import ModuleType

import pytest

from alive_core.engines.gpu_memory import find_nvml, gpu_memory_bytes


@dataclass
class Process:
    pid: int
    usedGpuMemory: int | None


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
