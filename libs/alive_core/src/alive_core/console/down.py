"""`task down`: ask this user's servers to end, and wait until they have."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from alive_core.constants import DOWN_POLL_S, DOWN_TIMEOUT_S
from alive_core.operations.runfiles import RunFile, run_folder, running_servers


def stop_servers(state: Path, names: Sequence[str]) -> int:
    """Send SIGTERM to the servers called `names`, or to all, and wait for the drain.

    Returns 1 where a name is not running, or a server did not end in time.
    """
    runs = [run for run in running_servers(run_folder(state)) if not names or run.service in names]
    missing = [name for name in names if all(run.service != name for run in runs)]
    for name in missing:
        sys.stderr.write(f"{name} does not run. `task ps` shows what does.\n")
    if not runs and not names:
        sys.stdout.write("No server runs.\n")
    stubborn = [run for run in _end(runs) if run.is_running]
    for run in stubborn:
        words = f"{run.service} (pid {run.pid}) still runs after {DOWN_TIMEOUT_S:g} seconds. Its log: {run.log}\n"
        sys.stderr.write(words)
    return 1 if missing or stubborn else 0


def _end(runs: list[RunFile]) -> list[RunFile]:
    """Ask all of them, then wait for each; returns them."""
    for run in runs:
        run.ask_to_end()
    until = time.monotonic() + DOWN_TIMEOUT_S
    for run in runs:
        sys.stdout.write(f"Ending {run.service} on port {run.port} ")
        sys.stdout.flush()
        while run.is_running and time.monotonic() < until:
            time.sleep(DOWN_POLL_S)
        sys.stdout.write("… ended.\n" if not run.is_running else "…\n")
    return runs
