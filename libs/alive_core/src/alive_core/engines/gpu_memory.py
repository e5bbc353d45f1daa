# ruff: noqa: N802, N815  # the names are NVML's own
"""How much GPU memory a process holds, as NVIDIA's management library (NVML) tells.

The binding is the package `nvidia-ml-py`, which need not be there; nor need a GPU. It is asked nothing else, and
starts no context on a device. Source: https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceQueries.html
(`nvmlDeviceGetComputeRunningProcesses`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Protocol, cast


class DeviceProcess(Protocol):
    """A process that computes on a device. `usedGpuMemory` is bytes; `None` where the driver does not tell."""

    pid: int
    usedGpuMemory: int | None


class Nvml(Protocol):
    """What is used of the module `pynvml`."""

    NVMLError: type[Exception]

    def nvmlInit(self) -> None: ...

    def nvmlShutdown(self) -> None: ...

    def nvmlDeviceGetCount(self) -> int: ...

    def nvmlDeviceGetHandleByIndex(self, index: int) -> object: ...

    def nvmlDeviceGetComputeRunningProcesses(self, handle: object) -> Sequence[DeviceProcess]: ...


def find_nvml() -> Nvml | None:
    """The binding, where it is installed."""
    try:
        module: ModuleType = import_module("pynvml")
    except ImportError:
        return None
    return cast(Nvml, module)


def gpu_memory_bytes(pid: int, nvml: Nvml | None) -> int | None:
    """Memory that process `pid` holds on all devices together; 0 where it holds none.

    `None` where there is no device, or the driver does not tell: in some containers and on WSL it does not know the
    pids, or gives no amounts.
    """
    if nvml is None:
        return None
    try:
        with _session(nvml):
            devices = [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(nvml.nvmlDeviceGetCount())]
            processes = [one for device in devices for one in nvml.nvmlDeviceGetComputeRunningProcesses(device)]
    except nvml.NVMLError:
        return None
    own = [process.usedGpuMemory for process in processes if process.pid == pid]
    if not devices or None in own:
        return None
    return sum(size for size in own if size is not None)


@contextmanager
def _session(nvml: Nvml) -> Iterator[None]:
    """NVML counts its users: each one that begins must end."""
    nvml.nvmlInit()
    try:
        yield
    finally:
        nvml.nvmlShutdown()
