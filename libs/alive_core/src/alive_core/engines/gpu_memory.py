# ruff: noqa: N802, N815  # the names are NVML's own
"""How much GPU memory there is, and how much a process holds, as NVIDIA's management library (NVML) tells.

The binding is the package `nvidia-ml-py`, which need not be there; nor need a GPU. It is asked nothing else, and
starts no context on a device. Source: https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceQueries.html
(`nvmlDeviceGetComputeRunningProcesses`, `nvmlDeviceGetMemoryInfo`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Protocol, cast


class DeviceProcess(Protocol):
    """A process that computes on a device. `usedGpuMemory` is bytes; `None` where the driver does not tell."""

    pid: int
    usedGpuMemory: int | None


class MemoryInfo(Protocol):
    """Bytes of one device."""

    total: int
    free: int


class Nvml(Protocol):
    """What is used of the module `pynvml`."""

    NVMLError: type[Exception]

    def nvmlInit(self) -> None: ...

    def nvmlShutdown(self) -> None: ...

    def nvmlDeviceGetCount(self) -> int: ...

    def nvmlDeviceGetHandleByIndex(self, index: int) -> object: ...

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> object: ...

    def nvmlDeviceGetMemoryInfo(self, handle: object) -> MemoryInfo: ...

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


@dataclass(frozen=True, slots=True)
class DeviceMemory:
    """Bytes of all devices together that engines may use."""

    total: int
    free: int


def device_memory(nvml: Nvml, visible: Sequence[str] | None = None) -> DeviceMemory | None:
    """What the `visible` devices have, by number or UUID, or all devices; `None` where the driver does not tell."""
    try:
        with _session(nvml):
            names = range(nvml.nvmlDeviceGetCount()) if visible is None else visible
            infos = [nvml.nvmlDeviceGetMemoryInfo(_device(nvml, name)) for name in names]
    except nvml.NVMLError:
        return None
    return DeviceMemory(sum(info.total for info in infos), sum(info.free for info in infos)) if infos else None


def visible_devices(environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """The devices that `CUDA_VISIBLE_DEVICES` leaves to this process and its children; `None` means all."""
    names = environment.get("CUDA_VISIBLE_DEVICES")
    return None if names is None else tuple(name.strip() for name in names.split(",") if name.strip())


def _device(nvml: Nvml, name: str | int) -> object:
    text = str(name)
    return nvml.nvmlDeviceGetHandleByIndex(int(text)) if text.isdigit() else nvml.nvmlDeviceGetHandleByUUID(text)


@contextmanager
def _session(nvml: Nvml) -> Iterator[None]:
    """NVML counts its users: each one that begins must end."""
    nvml.nvmlInit()
    try:
        yield
    finally:
        nvml.nvmlShutdown()
