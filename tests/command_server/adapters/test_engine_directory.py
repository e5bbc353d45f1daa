"""Sockets of engines that are gone do not pile up."""

import socket
import stat
import tempfile
from pathlib import Path

import pytest

from command_server.adapters.engine_directory import SOCKET_NAME, make_engine_directory


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_only_this_user_can_enter() -> None:
    assert stat.S_IMODE(make_engine_directory().stat().st_mode) == 0o700


def test_a_directory_whose_engine_was_killed_is_removed() -> None:
    left = make_engine_directory()
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(left / SOCKET_NAME))
    make_engine_directory()
    assert not left.exists()


def test_a_directory_whose_engine_lives_or_is_starting_stays() -> None:
    starting, living = make_engine_directory(), make_engine_directory()
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(living / SOCKET_NAME))
        engine.listen()
        make_engine_directory()
    assert starting.exists()
    assert living.exists()
