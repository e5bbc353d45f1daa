"""What tells one process from another: the only place that knows how Linux and macOS differ here."""

import subprocess
import sys
from pathlib import Path


def identity(pid: int) -> str | None:
    """A name that no other process ever has, though it had the same pid; `None` where `pid` does not run."""
    return _linux_identity(pid) if sys.platform == "linux" else _ps_identity(pid)


def _linux_identity(pid: int) -> str | None:
    """The boot's id and the start time in ticks since then: field 22 of `/proc/PID/stat`, see `man 5 proc`."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name in brackets may hold blanks; field 3 comes first here
    state, ticks = fields[0], fields[19]
    return None if state == "Z" else f"{boot}/{ticks}"


def _ps_identity(pid: int) -> str | None:
    """The start time to the second, as `ps` prints it."""
    command = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"LC_ALL": "C"})
    return done.stdout.strip() or None
