"""Processes and their run files, for tests of the console."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from alive_core.operations.processes import identity
from alive_core.operations.runfiles import RunFile, run_folder

OBEDIENT = "print(flush=True); input()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); input()"


def run_of(pid: int, *, service: str = "command_server", port: int = 11435, host: str = "127.0.0.1") -> RunFile:
    """The run file of a process that runs now."""
    return RunFile(service, "0.1.0", host, port, pid, identity(pid) or "", 0.0, f"/logs/{service}-{port}.log")


def put(state: Path, run: RunFile) -> Path:
    """Write a run file as a server does, and leave it."""
    folder = run_folder(state)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{run.name}.json"
    file.write_bytes(msgspec.json.encode(run))
    return file


@contextmanager
def process(code: str = OBEDIENT) -> Iterator[subprocess.Popen[bytes]]:
    """A child that is up when the block begins and gone when it has ended."""
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdout.readline()
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


def this_process() -> RunFile:
    """The run file of the tests themselves."""
    return run_of(os.getpid())
