"""`task down`."""

import signal
from pathlib import Path

import pytest

from alive_core.console import down
from alive_core.console.down import stop_servers
from support.runs import STUBBORN, process, put, run_of


def test_without_servers_nothing_is_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stop_servers(tmp_path, []) == 0
    assert capsys.readouterr().out == "No server runs.\n"


def test_a_name_that_does_not_run_is_said_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stop_servers(tmp_path, ["command_server"]) == 1
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "command_server does not run. `task ps` shows what does.\n")


def test_all_servers_are_ended_and_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with process() as one, process() as two:
        put(tmp_path, run_of(one.pid))
        put(tmp_path, run_of(two.pid, service="providers_server", port=11436))
        assert stop_servers(tmp_path, []) == 0
        assert one.wait() == two.wait() == -signal.SIGTERM
    assert capsys.readouterr().out == (
        "Ending command_server on port 11435 … ended.\nEnding providers_server on port 11436 … ended.\n"
    )


def test_only_the_servers_that_are_named_are_ended(tmp_path: Path) -> None:
    with process() as one, process() as two:
        put(tmp_path, run_of(one.pid))
        put(tmp_path, run_of(two.pid, service="providers_server", port=11436))
        assert stop_servers(tmp_path, ["providers_server"]) == 0
        assert two.wait() == -signal.SIGTERM
        assert one.poll() is None


def test_a_server_that_does_not_end_is_named_with_its_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(down, "DOWN_TIMEOUT_S", 0.05)
    monkeypatch.setattr(down, "DOWN_POLL_S", 0.01)
    with process(STUBBORN) as child:
        put(tmp_path, run_of(child.pid))
        assert stop_servers(tmp_path, []) == 1
        assert child.poll() is None
        shown = capsys.readouterr()
        assert shown.out == "Ending command_server on port 11435 …\n"
        assert shown.err == (
            f"command_server (pid {child.pid}) still runs after 0.05 seconds. "
            "Its log: /logs/command_server-11435.log\n"
        )
