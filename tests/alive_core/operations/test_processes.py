"""What tells one process from another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from alive_core.operations.processes import identity


def test_this_process_always_has_the_same_name() -> None:
    assert identity(os.getpid()) == identity(os.getpid()) is not None


def test_two_processes_have_two_names() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert identity(child.pid) not in (None, identity(os.getpid()))
        child.communicate(b"\n")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows ended children as running")
def test_an_ended_child_that_nobody_has_asked_about_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.read()  # ends when the child does
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert identity(child.pid) is None
    child.stdout.close()
    child.wait()
    assert identity(child.pid) is None


@pytest.mark.parametrize("pid", [0, -1, 2**31 - 1])
def test_a_pid_that_does_not_run_has_no_name(pid: int) -> None:
    assert identity(pid) is None


def test_a_program_name_cannot_confuse_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = " ".join(str(number) for number in range(4, 30))
    files = {"stat": f"7 (a) S 1 (b) S {fields}\n", "boot_id": "boot\n"}
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(Path, "read_text", lambda file, **_: files[file.name])
    assert identity(7) == "boot/22"


@pytest.mark.parametrize(
    ("printed", "name"), [("Mon Jan  5 10:00:00 2026\n", "Mon Jan  5 10:00:00 2026"), ("", None)]
)
def test_elsewhere_ps_is_asked(printed: str, name: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, stdout=printed)

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", run)
    assert identity(7) == name
    assert asked == [["/bin/ps", "-o", "lstart=", "-p", "7"]]
