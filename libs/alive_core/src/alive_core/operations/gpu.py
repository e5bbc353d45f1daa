"""Whether this machine has a GPU that a process may use, found without any GPU library.

What the drivers leave in the file system tells enough: NVIDIA's `/proc/driver/nvidia/gpus`, AMD's compute nodes in
`/sys/class/kfd`, WSL's `/dev/dxg`. A Mac with Apple's own chip always has one. The variables that hide devices are
those of CUDA and ROCm: an empty value or `-1` hides all of them.
"""

import platform
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Final

from alive_core.errors import ConfigurationError

_NVIDIA_VARIABLE: Final = "CUDA_VISIBLE_DEVICES"
_AMD_VARIABLES: Final = ("HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
_VULKAN_VARIABLE: Final = "GGML_VK_VISIBLE_DEVICES"
_HIDES_ALL: Final = frozenset({"", "-1"})


def find_gpu(environment: Mapping[str, str], *, root: Path = Path("/")) -> str | None:
    """Whose GPU a process with this environment may use: `NVIDIA`, `AMD` or `Apple`; `None` where there is none.

    `root` is where the file system begins; only tests give another one.
    """
    if sys.platform == "darwin":
        return "Apple" if platform.machine() == "arm64" else None
    if not _is_hidden(environment, _NVIDIA_VARIABLE) and _has_nvidia(root):
        return "NVIDIA"
    if not any(_is_hidden(environment, variable) for variable in _AMD_VARIABLES) and _has_amd(root):
        return "AMD"
    return None


def hide_gpus(environment: MutableMapping[str, str]) -> None:
    """Make every engine that is started with this environment run on the CPU."""
    for variable in (_NVIDIA_VARIABLE, *_AMD_VARIABLES, _VULKAN_VARIABLE):
        environment[variable] = ""


def require_gpu(service: str, environment: Mapping[str, str], *, root: Path = Path("/")) -> None:
    """Raise ConfigurationError where there is no GPU for `service`."""
    if find_gpu(environment, root=root) is None:
        raise ConfigurationError(
            f"{service} needs a GPU, and this machine has none that it may use; "
            "to try it on the CPU, slowly, start it with --cpu."
        )


def _is_hidden(environment: Mapping[str, str], variable: str) -> bool:
    return environment.get(variable, "all").strip() in _HIDES_ALL


def _has_nvidia(root: Path) -> bool:
    return any(root.glob("proc/driver/nvidia/gpus/*")) or (root / "dev/dxg").exists()


def _has_amd(root: Path) -> bool:
    """A compute node that is a GPU has a number; the node of the CPU has 0."""
    nodes = root.glob("sys/class/kfd/kfd/topology/nodes/*/gpu_id")
    return any(node.read_text(encoding="ascii").strip() not in {"", "0"} for node in nodes)
