"""How much memory this machine has, and how much of it can still be had.

Linux tells both in `/proc/meminfo` (see proc(5)). A container or a service unit may get less: its control group says
how much, in version 2 (`memory.max`, see the kernel's cgroup-v2.rst) or version 1 (`memory.limit_in_bytes`). Pages
of files that the kernel can drop at once count as available, in both. `root` is where the file system begins; only
tests give another one.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

_KIB: Final = 1024
_V2: Final = ("memory.max", "memory.current", ("inactive_file", "active_file"))
_V1: Final = ("memory.limit_in_bytes", "memory.usage_in_bytes", ("total_inactive_file", "total_active_file"))


@dataclass(frozen=True, slots=True)
class GroupMemory:
    """A control group with a limit: bytes it may use, and bytes it could still take."""

    limit: int
    available: int


def machine_memory_bytes(root: Path = Path("/")) -> int:
    """Physical memory of this machine; where this process has a smaller limit, that."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([physical, *(group.limit for group in _groups(root))])


def available_memory_bytes(root: Path = Path("/")) -> int | None:
    """Memory that new work on this machine could take without swapping; `None` where the system does not tell."""
    try:
        lines = (root / "proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = next((int(line.split()[1]) * _KIB for line in lines if line.startswith("MemAvailable:")), None)
    return None if found is None else min([found, *(group.available for group in _groups(root))])


def _groups(root: Path) -> Iterator[GroupMemory]:
    """The limits that hold for this process: those of its own group and of every group around it."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            yield from _limits(root / "sys/fs/cgroup", path, _V2)
        elif "memory" in controllers.split(","):
            yield from _limits(root / "sys/fs/cgroup/memory", path, _V1)


def _limits(mount: Path, path: str, names: tuple[str, str, tuple[str, ...]]) -> Iterator[GroupMemory]:
    """Inside a container `path` may be the host's name of the group; then only the mount itself is there."""
    own = PurePosixPath(path.lstrip("/"))
    for folder in (own, *own.parents):
        group = _group(mount / folder, *names)
        if group is not None:
            yield group


def _group(folder: Path, limit_name: str, usage_name: str, reclaimable: tuple[str, ...]) -> GroupMemory | None:
    try:
        limit = (folder / limit_name).read_text(encoding="ascii").strip()
        usage = int((folder / usage_name).read_text(encoding="ascii"))
        stat = (folder / "memory.stat").read_text(encoding="ascii")
    except OSError:
        return None  # the root group has no such files, nor has a path that is only the host's
    if not limit.isdigit():
        return None  # `max`: no limit
    values = dict(line.split(maxsplit=1) for line in stat.splitlines())
    cached = sum(int(values.get(name, 0)) for name in reclaimable)
    return GroupMemory(int(limit), max(int(limit) - max(usage - cached, 0), 0))
