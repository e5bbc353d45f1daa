"""Real servers as a person starts them: a process of their own, a free port, a home of their own."""

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_TIMEOUT_S = 60.0
END_TIMEOUT_S = 45.0
POLL_S = 0.02


@dataclass(frozen=True)
class Server:
    """A server that is ready."""

    url: str
    process: "subprocess.Popen[str]"
    home: Path

    @property
    def api(self) -> str:
        """What an OpenAI client takes as `base_url`."""
        return f"{self.url}/v1"

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def children(self) -> list[int]:
        """The pids of its engines."""
        listing = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in listing.stdout.split()]


def environment(home: Path, **extra: str) -> dict[str, str]:
    """The person's own environment, without their settings; models come from their cache, state goes to `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ALIVE_")}
    return kept | {"XDG_STATE_HOME": str(home), "PYTHONUNBUFFERED": "1"} | extra


def command(service: str, *arguments: str) -> list[str]:
    """How a service is started, on any free port."""
    return [sys.executable, "-m", service, "--port", "0", *arguments]


@contextmanager
def running(service: str, home: Path, *arguments: str, **extra: str) -> Iterator[Server]:
    """Start `service`, wait for its ready line, and end it when the block ends."""
    log = home / f"{service}.stderr"
    home.mkdir(parents=True, exist_ok=True)
    with log.open("w+") as words:
        process = subprocess.Popen(
            command(service, *arguments),
            env=environment(home, **extra),
            stdout=subprocess.PIPE,
            stderr=words,
            text=True,
        )
        try:
            yield Server(ready_url(process, log), process, home)
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(END_TIMEOUT_S)
            assert process.stdout is not None
            process.stdout.close()


def refused(service: str, home: Path, *arguments: str, **extra: str) -> str:
    """Start a `service` that cannot start; returns what it says. Fails where it starts, or shows a traceback."""
    done = subprocess.run(
        command(service, *arguments),
        env=environment(home, **extra),
        capture_output=True,
        text=True,
        timeout=START_TIMEOUT_S,
        check=False,
    )
    assert done.returncode != 0, "it should not have started"
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().count("\n") == 0, f"one sentence, not {done.stderr}"
    return done.stderr


def alive(*arguments: str, home: Path) -> "subprocess.CompletedProcess[str]":
    """Run `python -m alive_core …`, which is behind `task ps`, `down`, `logs` and `models:*`."""
    return subprocess.run(
        [sys.executable, "-m", "alive_core", *arguments],
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=END_TIMEOUT_S,
        check=False,
    )


def is_running(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pids: list[int], within_s: float) -> None:
    """Return when none of `pids` runs; fail where one still does after `within_s`."""
    until = time.monotonic() + within_s
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < until, f"still running: {[pid for pid in pids if is_running(pid)]}"
        time.sleep(POLL_S)


def ready_url(process: "subprocess.Popen[str]", log: Path) -> str:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        assert selector.select(START_TIMEOUT_S), f"no ready line in time: {log.read_text()}"
    line = process.stdout.readline()
    assert line.startswith("ready http://"), f"not ready: {line!r} {log.read_text()}"
    return line.split()[1]
