"""Starts a server in the background and stays until it is ready, or says why it is not."""

import select
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from alive_core.constants import CHILD_CLOSE_TIMEOUT_S, DETACH_TIMEOUT_S
from alive_core.errors import ConfigurationError
from alive_core.service import Service

BACKGROUND_FLAG = "--in-background"
"""Tells a server that nobody reads its stderr once it is ready."""


def run_detached(service: Service, arguments: Sequence[str]) -> int:
    """Start this program anew as a process of its own and return once it is ready: 0, or its own status if it ended.

    Raises ConfigurationError where it is not ready in time; it is then ended.
    """
    program = sys.orig_argv[1 : len(sys.orig_argv) - len(sys.argv) + 1]  # `-m command_server`, or a file's name
    with tempfile.TemporaryFile("w+", encoding="utf-8") as words:
        child = subprocess.Popen(
            [sys.executable, *program, BACKGROUND_FLAG, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=words,
            text=True,
            start_new_session=True,
        )
        assert child.stdout is not None
        with child.stdout:
            is_readable, _, _ = select.select([child.stdout], [], [], DETACH_TIMEOUT_S)
            line = child.stdout.readline() if is_readable else ""
        if line:
            sys.stdout.write(
                f"{line.rstrip()}\nIt runs in the background. `task logs` shows its log, `task down` ends it.\n"
            )
            return 0
        status = child.wait() if is_readable else _end(child)
        words.seek(0)
        sys.stderr.write(words.read())
    if not is_readable:
        raise ConfigurationError(f"{service.name} was not ready after {DETACH_TIMEOUT_S:g} seconds and was ended.")
    return status or 1


def _end(child: subprocess.Popen[str]) -> int:
    """Ask it to end, make sure that it does, and return its status."""
    child.terminate()
    try:
        return child.wait(CHILD_CLOSE_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()
