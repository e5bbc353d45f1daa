"""What a child gets from the server, and what its exit status says."""

import signal
import socket
import sys

import pytest

from alive_core.engines.child.process import ChildProcess, child_environment, exit_sentence
from alive_core.errors import LoadFailed


def test_secrets_stay_with_the_server() -> None:
    environment = {
        "PATH": "/bin",
        "HOME": "/root",
        "OMP_NUM_THREADS": "2",
        "ALIVE_HOME": "/data",
        "ALIVE_API_KEYS": "a",
        "ALIVE_ADMIN_KEYS": "b",
        "HF_TOKEN": "c",
        "DEEPSEEK_API_KEY": "d",
        "AWS_SECRET_ACCESS_KEY": "e",
        "Db_Password": "f",
    }
    kept = child_environment(environment, ["/lib"])
    assert kept == {
        "PATH": "/bin",
        "HOME": "/root",
        "OMP_NUM_THREADS": "2",
        "ALIVE_HOME": "/data",
        "PYTHONPATH": "/lib",
    }


def test_a_child_searches_where_the_server_searches_but_never_the_current_folder() -> None:
    assert child_environment({"PYTHONPATH": "/old"}, ["", "/a", "/b"]) == {"PYTHONPATH": "/a:/b"}


def test_an_exit_status_is_told_in_words() -> None:
    assert exit_sentence(3) == "ended by itself with exit status 3"
    assert exit_sentence(-signal.SIGSEGV) == "was ended by signal 11 (SIGSEGV)"
    assert "memory killer" in exit_sentence(-signal.SIGKILL)
    assert exit_sentence(-250) == "was ended by signal 250 (unknown)"


async def test_a_system_that_starts_no_process_fails_the_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    ours, theirs = socket.socketpair()
    with ours, pytest.raises(LoadFailed, match="started no child process"):
        await ChildProcess.start("timeit", (), end=theirs, name="actor")
    assert theirs.fileno() == -1
