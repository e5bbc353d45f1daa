"""What an operator does with a real server and the demo model: look, load, unload, pin, back up and restore."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.servers import Server, alive, environment, running, wait_until_gone

TIMEOUT_S = 60.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running("command_server", tmp_path) as started:
        yield started


def model(home: Path, target: str) -> Any:
    (shown,) = json.loads(alive("ps", "--json", home=home).stdout)
    return next(each for each in shown["status"]["models"] if each["target"] == target)


def talk(server: Server, **more: Any) -> httpx.Response:
    return httpx.post(f"{server.api}/responses", json={"model": "chat", "input": "Hello!"} | more, timeout=TIMEOUT_S)


def test_a_model_is_loaded_before_the_first_request_and_unloading_ends_its_process(server: Server) -> None:
    assert model(server.home, "demo")["state"] == "idle"
    loaded = alive("models", "load", "chat", home=server.home)
    assert re.search(r"chat is loaded in command_server-\d+: demo, \d.* MiB in ", loaded.stdout), loaded
    demo = model(server.home, "demo")
    assert (demo["state"], demo["measured"], demo["engine"]) == ("ready", True, "child")
    assert demo["fingerprint"].startswith("fp_")
    engines = server.children()
    assert engines
    assert "demo" in alive("ps", home=server.home).stdout
    unloaded = alive("models", "unload", "chat", home=server.home)
    assert re.search(r"chat is unloaded in command_server-\d+: .* MiB came back\.", unloaded.stdout), unloaded
    wait_until_gone(engines, within_s=2.0)
    assert model(server.home, "demo")["state"] == "idle"


def test_a_pinned_model_is_not_unloaded(server: Server) -> None:
    alive("models", "load", "chat", home=server.home)
    assert alive("models", "pin", "chat", home=server.home).returncode == 0
    refused = alive("models", "unload", "chat", home=server.home)
    assert (refused.returncode, "pinned" in refused.stderr) == (1, True)
    assert talk(server).status_code == 200
    assert alive("models", "unpin", "chat", home=server.home).returncode == 0
    assert alive("models", "unload", "chat", home=server.home).returncode == 0


def test_ps_stays_on_a_terminal_and_shows_what_changes(server: Server) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, 160))
    kept = {name: value for name, value in environment(server.home).items() if name not in {"COLUMNS", "LINES"}}
    command = [sys.executable, "-m", "alive_core", "ps"]
    with subprocess.Popen(command, env=kept, stdin=theirs, stdout=theirs, stderr=theirs) as shown:
        try:
            assert re.search(r"demo\s+.*\bidle\b", _read(ours, "q ends this table"))
            alive("models", "load", "chat", home=server.home)
            _read(ours, "ready")
            os.write(ours, b"q")
            assert shown.wait(TIMEOUT_S) == 0
        finally:
            shown.kill()
            os.close(ours)
            os.close(theirs)


def test_a_backup_of_a_running_server_brings_back_what_was_lost(tmp_path: Path) -> None:
    archive = tmp_path / "b.tar.gz"
    with running("command_server", tmp_path / "home") as server:
        kept = talk(server).json()["id"]
        made = alive("backup", str(archive), home=server.home)
        assert made.returncode == 0, made.stderr
        later = talk(server).json()["id"]
        refused = alive("restore", str(archive), home=server.home)
        assert (refused.returncode, "Stop them first with `task down`" in refused.stderr) == (1, True)
    restored = alive("restore", str(archive), home=tmp_path / "home")
    assert restored.returncode == 0, restored.stderr
    with running("command_server", tmp_path / "home") as server:
        assert httpx.get(f"{server.api}/responses/{kept}").status_code == 200
        assert httpx.get(f"{server.api}/responses/{later}").status_code == 404


def test_a_killed_server_leaves_no_engine_no_run_file_and_no_memory_in_the_ledger(tmp_path: Path) -> None:
    with running("command_server", tmp_path) as server:
        alive("models", "load", "chat", home=server.home)
        engines = server.children()
        assert engines
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(TIMEOUT_S)
        wait_until_gone(engines, within_s=2.0)
        assert json.loads(alive("ps", "--json", home=server.home).stdout) == []
        assert "No server runs" in alive("ps", home=server.home).stdout
    with running("command_server", tmp_path) as again:
        memory = httpx.get(f"{again.url}/alive/status").json()["memory"]
        assert (memory["others"], memory["others_bytes"], memory["used_bytes"]) == ([], 0, 0)
        assert talk(again).status_code == 200


def test_two_servers_see_what_each_other_holds(tmp_path: Path) -> None:
    with running("command_server", tmp_path) as one, running("command_server", tmp_path) as two:
        alive("models", "load", "chat", "--server", f"command_server-{one.port}", home=tmp_path)
        held = httpx.get(f"{one.url}/alive/status").json()["memory"]["used_bytes"]
        until = time.monotonic() + TIMEOUT_S
        expected = {"service": "command_server", "pid": one.process.pid, "target": "demo", "bytes": held}
        while (others := httpx.get(f"{two.url}/alive/status").json()["memory"]["others"]) != [
            expected | {"loading": False}
        ]:
            assert time.monotonic() < until, others
            time.sleep(0.05)  # the other one looks once a second


def test_an_operators_address_is_closed_to_ordinary_keys(tmp_path: Path) -> None:
    with running("command_server", tmp_path, ALIVE_API_KEYS="user", ALIVE_ADMIN_KEYS="boss") as server:

        def status(key: str) -> int:
            return httpx.get(f"{server.url}/alive/status", headers={"authorization": f"Bearer {key}"}).status_code

        assert (status("boss"), status("user"), status("wrong")) == (200, 403, 401)
        assert "asks for a key" in alive("ps", home=server.home).stdout


def _read(terminal: int, words: str) -> str:
    seen = b""
    while words.encode() not in seen:
        assert select.select([terminal], [], [], TIMEOUT_S)[0], f"nothing more came after {seen[-500:]!r}"
        seen += os.read(terminal, 65536)
    return seen.decode()
