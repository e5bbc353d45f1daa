"""`task ps`: which servers of this user run."""

import sys
import time
from pathlib import Path

import msgspec

from alive_core.operations.runfiles import RunFile, run_folder, running_servers
from alive_core.utils.addresses import http_url
from alive_core.utils.durations import format_duration
from alive_core.utils.tables import format_table

HEADINGS = ("SERVICE", "VERSION", "ADDRESS", "PID", "UP")


def show_servers(state: Path, *, as_json: bool) -> int:
    """Write a table, or with `as_json` one JSON array, to stdout."""
    runs = list(running_servers(run_folder(state)))
    if as_json:
        sys.stdout.write(msgspec.json.encode(runs).decode() + "\n")
    elif runs:
        sys.stdout.write(format_table([HEADINGS, *(_row(run) for run in runs)]))
    else:
        sys.stdout.write("No server runs. Start one with `task up:command` or `task up:providers`.\n")
    return 0


def _row(run: RunFile) -> tuple[str, ...]:
    up = format_duration(max(time.time() - run.started, 0.0))
    return run.service, run.version, http_url(run.host, run.port), str(run.pid), up
