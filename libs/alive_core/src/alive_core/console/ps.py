"""`task ps`: which servers of this user run, and what each has in memory."""

import os
import sys
import time
from pathlib import Path

import msgspec
from msgspec.structs import asdict

from alive_core.console.live import show_live
from alive_core.console.model_table import describe
from alive_core.console.servers import Servers
from alive_core.constants import WATCH_INTERVAL_S


def show_servers(state: Path, *, as_json: bool, is_live: bool) -> int:
    """Write tables to stdout, or with `as_json` one JSON array: a run file's fields each, and what the server says.

    `is_live` keeps the tables up to date until q is pressed.
    """
    with Servers(state, os.environ) as servers:

        def render() -> str:
            return describe(servers.look(), time.time())

        if as_json:
            rows = [asdict(seen.run) | {"status": seen.status, "problem": seen.problem} for seen in servers.look()]
            sys.stdout.write(msgspec.json.encode(rows).decode() + "\n")
        elif is_live:
            show_live(render, WATCH_INTERVAL_S, sys.stdout, sys.stdin)
        else:
            sys.stdout.write(render())
    return 0
