"""Starting a server in the background."""

import os
import sys
from pathlib import Path

import pytest

from alive_core.console import detach
from alive_core.console.detach import BACKGROUND_FLAG, run_detached
from alive_core.errors import ConfigurationError
from alive_core.operations.processes import identity
from alive_core.service import Service

SERVER = """
import os, signal, sys, pathlib
signal.alarm(60)  # nothing stays behind where the test fails
pathlib.Path({note!r}).write_text(f"{{os.getpid()}} {{' '.join(sys.argv[1:])}}")
{then}
"""


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    """Its program is a file of the test, as if this process had been started with it."""
    monkeypatch.setattr(sys, "argv", ["server.py", "--detach"])
    monkeypatch.setattr(sys, "orig_argv", [sys.executable, str(tmp_path / "server.py"), "--detach"])
    return Service("a_server", "0.1.0", 1, {}, tmp_path)


def write(tmp_path: Path, then: str) -> Path:
    note = tmp_path / "note"
    (tmp_path / "server.py").write_text(SERVER.format(note=str(note), then=then))
    return note


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")  # that is the point
def test_it_returns_once_the_server_is_ready_and_the_server_lives_on(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    note = write(tmp_path, f"print('ready http://x', flush=True); open({str(fifo)!r}).read()")
    assert run_detached(service, ["--port", "0"]) == 0
    assert capsys.readouterr().out == (
        "ready http://x\nIt runs in the background. `task logs` shows its log, `task down` ends it.\n"
    )
    assert note.read_text().split()[1:] == [BACKGROUND_FLAG, "--port", "0"]
    fifo.write_text("end")  # the server still reads it


@pytest.mark.parametrize(("status", "returned"), [(3, 3), (0, 1)])
def test_a_server_that_ends_instead_says_why(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str], status: int, returned: int
) -> None:
    write(tmp_path, f"sys.stderr.write('The port is taken.\\n'); sys.exit({status})")
    assert run_detached(service, []) == returned
    assert capsys.readouterr().err == "The port is taken.\n"


@pytest.mark.parametrize("is_stubborn", [False, True])
def test_a_server_that_is_not_ready_in_time_is_ended(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_stubborn: bool
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)

    def wait_in_vain(*_: object) -> tuple[list[object], list[object], list[object]]:
        assert fifo.read_text() == "up"
        return [], [], []

    monkeypatch.setattr(detach.select, "select", wait_in_vain)
    monkeypatch.setattr(detach, "CHILD_CLOSE_TIMEOUT_S", 0.1)
    ignoring = "signal.signal(signal.SIGTERM, signal.SIG_IGN); " if is_stubborn else ""
    note = write(tmp_path, f"{ignoring}pathlib.Path({str(fifo)!r}).write_text('up'); signal.pause()")
    with pytest.raises(ConfigurationError, match=r"a_server was not ready after 60 seconds and was ended\."):
        run_detached(service, [])
    assert identity(int(note.read_text().split()[0])) is None
