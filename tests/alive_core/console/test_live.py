"""A table that stays on a terminal, on a real one."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from alive_core.console.live import is_end

CODE = """
import itertools, sys
from alive_core.console.live import show_live
count = itertools.count(1)
show_live(lambda: f"round {next(count)}\\n" + "x" * 500 + "\\n" + "line\\n" * 100, 0.05, sys.stdout, sys.stdin)
print("over")
"""


@contextmanager
def on_terminal(*, with_keys: bool = True) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """The program with a terminal of 24 lines as its output, and its keys where they are wanted."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 60))
    keys = theirs if with_keys else subprocess.DEVNULL
    environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    with subprocess.Popen(
        [sys.executable, "-c", CODE],
        env=environment,
        stdin=keys,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        try:
            yield ours, process
        finally:
            process.kill()
            os.close(ours)
            os.close(theirs)


@pytest.mark.parametrize(
    ("typed", "ends"),
    [(b"q", True), (b"xQ", True), (b"\x1b", True), (b"", True), (b"\x1b[A", False), (b"x\n", False)],
)
def test_only_some_keys_end_it(typed: bytes, ends: bool) -> None:
    assert is_end(typed) == ends


def read_until(terminal: int, words: str) -> str:
    seen = b""
    while words.encode() not in seen:
        assert select.select([terminal], [], [], 10)[0], f"nothing more came after {seen[-200:]!r}"
        seen += os.read(terminal, 65536)
    return seen.decode()


def test_it_is_written_anew_in_its_place_until_q_is_pressed() -> None:
    with on_terminal() as (terminal, process):
        seen = read_until(terminal, "round 3")
        os.write(terminal, b"zq")
        seen += read_until(terminal, "over")
        assert process.wait(10) == 0
    assert "\x1b[23F\x1b[J" in seen  # up by what was written, which left a line of the 24 free
    assert "z" not in seen.replace("\r\n", "")
    assert all(len(line.split("\x1b[J")[-1]) <= 60 for line in seen.splitlines())


@pytest.mark.parametrize("with_keys", [True, False])
def test_an_interrupt_ends_it_quietly(with_keys: bool) -> None:
    with on_terminal(with_keys=with_keys) as (terminal, process):
        read_until(terminal, "round 2")
        process.send_signal(signal.SIGINT)
        assert "Traceback" not in read_until(terminal, "over")
        assert process.wait(10) == 0


def test_the_terminal_is_as_before() -> None:
    with on_terminal() as (terminal, process):
        before = termios.tcgetattr(terminal)
        read_until(terminal, "round 2")
        during = termios.tcgetattr(terminal)
        os.write(terminal, b"q")
        read_until(terminal, "over")
        process.wait(10)
        assert termios.tcgetattr(terminal)[3] == before[3] | termios.ECHO | termios.ICANON
        assert not during[3] & termios.ECHO
