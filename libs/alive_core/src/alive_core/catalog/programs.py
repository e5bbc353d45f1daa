"""A program that fetches or makes model files is run, and every line it prints is passed on as it comes."""

import subprocess
from collections.abc import Callable, Sequence


def run_program(command: Sequence[str], say: Callable[[str], None]) -> tuple[int, list[str]]:
    """Run `command` to its end; return its exit status and its lines. It is ended where this is interrupted."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as running:
        try:
            lines = [_said(line, say) for line in running.stdout or ()]
        except BaseException:
            running.terminate()
            raise
    return running.returncode, lines


def _said(line: str, say: Callable[[str], None]) -> str:
    say(line.rstrip())
    return line.rstrip()
