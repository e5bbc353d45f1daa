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


def proportional_bytes_in(rollup: str) -> int | None:
    """The `Pss:` line of a `smaps_rollup`, in bytes."""
    for line in rollup.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * KIB
    return None


def _proportional_bytes(pid: int) -> int | None:
    try:
        return proportional_bytes_in(Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"))
    except OSError:
        return None


def _resident_bytes(pid: int) -> int | None:
    answer = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return int(answer.stdout) * KIB if answer.stdout.strip() else None
