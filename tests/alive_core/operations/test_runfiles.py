"""Run files: there while a server runs, never believed when it does not."""

import os
import signal
from pathlib import Path

import msgspec
import pytest

from alive_core.operations.runfiles import log_file, run_folder, running_servers, written
from support.runs import process, put, run_of, this_process


def test_a_run_file_is_there_while_the_block_runs(tmp_path: Path) -> None:
    folder = run_folder(tmp_path)
    run = this_process()
    with written(folder, run):
        assert [file.name for file in folder.iterdir()] == ["command_server-11435.json"]
        assert list(running_servers(folder)) == [run]
    assert list(folder.iterdir()) == []


def test_a_run_file_goes_when_the_server_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), written(tmp_path, this_process()):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_run_file_that_someone_removed_is_no_trouble(tmp_path: Path) -> None:
    with written(tmp_path, this_process()):
        (tmp_path / "command_server-11435.json").unlink()


def test_a_folder_that_is_not_there_holds_no_servers(tmp_path: Path) -> None:
    assert list(running_servers(tmp_path / "nowhere")) == []


def test_servers_are_listed_by_name(tmp_path: Path) -> None:
    runs = [run_of(os.getpid(), service=service, port=port) for service, port in [("b", 1), ("a", 2), ("a", 1)]]
    for run in runs:
        put(tmp_path, run)
    assert [run.name for run in running_servers(run_folder(tmp_path))] == ["a-1", "a-2", "b-1"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"service": "s"}', b'{"service": "\xff"}'])
def test_a_file_that_cannot_be_read_is_removed(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "odd-1.json"
    file.write_bytes(content)
    assert list(running_servers(tmp_path)) == []
    assert not file.exists()


def test_a_file_that_goes_while_the_folder_is_read_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, this_process())

    def read_bytes(file: Path) -> bytes:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    assert list(running_servers(run_folder(tmp_path))) == []


def test_a_reused_pid_is_not_mistaken_for_the_server(tmp_path: Path) -> None:
    former = msgspec.structs.replace(this_process(), identity="another boot/1")
    file = put(tmp_path, former)
    assert not former.is_running
    assert not former.ask_to_end()
    assert list(running_servers(run_folder(tmp_path))) == []
    assert not file.exists()


def test_a_running_server_is_asked_to_end() -> None:
    with process() as child:
        run = run_of(child.pid)
        assert run.ask_to_end()
        assert child.wait() == -signal.SIGTERM
        assert not run.is_running


def test_a_server_that_ends_while_it_is_asked_was_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(pid: int, number: int) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(os, "kill", kill)
    assert not this_process().ask_to_end()


def test_logs_and_run_files_lie_in_the_state_directory() -> None:
    assert run_folder(Path("/state")) == Path("/state/run")
    assert log_file(Path("/state"), "command_server", 11435) == Path("/state/logs/command_server-11435.log")
