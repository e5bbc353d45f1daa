"""How much memory a process holds. The one place that knows how each system tells."""

import subprocess
import sys
from pathlib import Path

from alive_core.constants import KIB


def process_memory_bytes(pid: int) -> int | None:
    """Memory of process `pid`; `None` where it is gone or the system does not tell.

    Linux: proportional set size, in which a page mapped by several processes counts once between them
    (`/proc/PID/smaps_rollup`, Linux 4.14; see proc(5)). Elsewhere: the resident set size that `ps` shows.
    """
    if sys.platform == "linux":
        return _proportional_bytes(pid)
    return _resident_bytes(pid)


def held_by_children(pid: int) -> int:
    """Memory that the children of `pid` hold and the kernel cannot take back: none of it counts as available.

    Files that are mapped are not in it: they fill memory, yet may be dropped. Linux only (`/proc/PID/status`, cheap
    counters; the list of children needs CONFIG_PROC_CHILDREN, which every distribution sets); elsewhere 0.
    """
    return sum(unreclaimable_bytes_in(_read(f"/proc/{child}/status")) for child in _children(pid))


def unreclaimable_bytes_in(status: str) -> int:
    """The `RssAnon:` and `RssShmem:` lines of a `status`, in bytes."""
    lines = [line.split() for line in status.splitlines() if line.startswith(("RssAnon:", "RssShmem:"))]
    return sum(int(amount) * KIB for _, amount, _ in lines)


def proportional_bytes_in(rollup: str) -> int | None:
    """The `Pss:` line of a `smaps_rollup`, in bytes."""
    for line in rollup.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * KIB
    return None


def _proportional_bytes(pid: int) -> int | None:
    return proportional_bytes_in(_read(f"/proc/{pid}/smaps_rollup"))


def _children(pid: int) -> list[int]:
    """Every thread lists the children that it started itself."""
    return [
        int(child) for thread in Path(f"/proc/{pid}/task").glob("*") for child in _read(f"{thread}/children").split()
    ]


def _read(path: str) -> str:
    """The text of a file of /proc; nothing where the process is gone or the system has no such file."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _resident_bytes(pid: int) -> int | None:
    answer = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return int(answer.stdout) * KIB if answer.stdout.strip() else None
