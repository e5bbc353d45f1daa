"""`task models:load`, `unload`, `pin`, `unpin` and `task ps` against a server that runs."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from alive_core import Service
from alive_core.__main__ import main
from alive_core.console import servers as console_servers
from alive_core.console.loading import LoadLine
from alive_core.console.servers import operator_key
from alive_core.schemas.status import ModelStatus
from alive_core.settings import Settings
from alive_core.testing.scripted import ScriptedAdapter
from alive_core.testing.server import TEST_SETTINGS, serving
from support.runs import put, this_process

PROFILES = """
[profiles.chat]
task = "chat"
description = "Says what it is told."
targets = ["first", "second"]

[profiles.bad]
task = "chat"
description = "Fails to load."
targets = ["broken"]

[targets.first]
adapter = "scripted"
engine = "child"
options = { load_steps = 3, load_s = 0.6 }

[targets.second]
adapter = "scripted"

[targets.broken]
adapter = "scripted"
options = { load = "fail" }
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALIVE_HOME", str(tmp_path / "home"))
    for name in console_servers.KEY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@asynccontextmanager
async def server(home: Path, name: str = "command_server", settings: Settings = TEST_SETTINGS) -> AsyncIterator[str]:
    """A server with a run file, as if it had been started; yields its address."""
    folder = home / name
    folder.mkdir(parents=True)
    (folder / "profiles.toml").write_text(PROFILES)
    async with serving(Service(name, "0.1.0", 0, {"scripted": ScriptedAdapter}, folder), settings=settings) as served:
        port = int(served.url.rpartition(":")[2])
        run = replace(this_process(), service=name, port=port)
        file = put(home / "state", run)
        try:
            yield served.url
        finally:
            file.unlink()


async def run(*arguments: str) -> int:
    """The command in a thread of its own, as the server needs this one."""
    return await asyncio.to_thread(main, arguments)


async def test_a_model_is_loaded_pinned_unpinned_and_unloaded(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with server(home):
        assert await run("models", "load", "chat") == 0
        assert "chat is loaded in command_server-" in capsys.readouterr().out
        assert await run("models", "pin", "chat") == 0
        assert "chat is pinned in command_server-" in capsys.readouterr().out
        assert await run("models", "unload", "chat") == 1
        assert "is pinned. Unpin it first." in capsys.readouterr().err
        assert await run("models", "unpin", "chat") == 0
        assert "(first, second)" in capsys.readouterr().out
        assert await run("models", "unload", "chat") == 0
        assert " MiB came back.\n" in capsys.readouterr().out
        assert await run("models", "unload", "chat") == 0
        assert "was not loaded" in capsys.readouterr().out


async def test_a_pin_of_what_is_not_loaded_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with server(home):
        assert await run("models", "pin", "chat", "--target", "second") == 0
        said = capsys.readouterr().out
    assert "(second)" in said
    assert "It is not loaded yet: `task models:load -- chat` does that." in said


async def test_ps_shows_the_models_of_the_server(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with server(home):
        assert await run("models", "load", "chat", "--target", "second") == 0
        capsys.readouterr()
        assert await run("ps") == 0
        lines = capsys.readouterr().out.splitlines()
        assert await run("ps", "--json") == 0
        (shown,) = json.loads(capsys.readouterr().out)
    assert lines[3].startswith("command_server-")
    assert [line.split()[:3] for line in lines[5:]] == [
        ["first", "chat", "idle"],
        ["second", "chat", "ready"],
        ["broken", "bad", "idle"],
    ]
    assert shown["service"] == "command_server"
    assert shown["problem"] is None
    assert [each["target"] for each in shown["status"]["models"]] == ["first", "second", "broken"]


async def test_a_load_that_fails_says_why(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with server(home):
        assert await run("models", "load", "bad") == 1
    shown = capsys.readouterr()
    assert "bad was not loaded in command_server-" in shown.out
    assert shown.err == "The script says so.\n"


async def test_an_unknown_name_is_refused_with_those_that_are_served(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with server(home):
        assert await run("models", "load", "chta") == 1
        assert capsys.readouterr().err == "No running server serves `chta`. Known: chat, bad.\n"
        assert await run("models", "load", "chat", "--target", "third") == 1
        assert "Those that can: first, second." in capsys.readouterr().err
        assert await run("models", "load", "chat", "--server", "providers_server") == 1
        assert "providers_server does not run. Running: command_server-" in capsys.readouterr().err


def test_without_servers_it_says_how_to_start_one(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "load", "chat"]) == 1
    assert capsys.readouterr().err == "No server runs. Start one with `task up:command` or `task up:providers`.\n"


async def test_every_server_that_serves_it_is_meant_unless_one_is_named(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with server(home), server(home, "other_server"):
        assert await run("models", "load", "chat", "--target", "second") == 0
        assert capsys.readouterr().out.count("is loaded in") == 2
        assert await run("models", "unload", "chat", "--server", "other_server") == 0
        said = capsys.readouterr().out
    assert "other_server-" in said
    assert "command_server-" not in said


async def test_the_operators_key_is_sent_and_a_missing_one_is_explained(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with server(home, settings=replace(TEST_SETTINGS, api_keys=("secret",))):
        assert await run("ps") == 0
        assert "asks for a key: set ALIVE_ADMIN_KEYS" in capsys.readouterr().out
        assert await run("models", "load", "chat") == 1
        assert "asks for a key: set ALIVE_ADMIN_KEYS" in capsys.readouterr().err
        monkeypatch.setenv("ALIVE_API_KEYS", " secret , other")
        assert await run("models", "load", "chat", "--target", "second") == 0


@pytest.mark.parametrize(
    ("environment", "key"),
    [
        ({}, None),
        ({"ALIVE_API_KEYS": "a,b"}, "a"),
        ({"ALIVE_API_KEYS": "a", "ALIVE_ADMIN_KEYS": " , c"}, "c"),
        ({"ALIVE_API_KEYS": " "}, None),
    ],
)
def test_the_best_key_of_the_environment(environment: dict[str, str], key: str | None) -> None:
    assert operator_key(environment) == key


async def test_a_proxy_of_the_environment_never_sees_the_key(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with server(home):
        assert await run("models", "load", "chat", "--target", "second") == 0


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (403, b"{}", "wants the key of an operator: set ALIVE_ADMIN_KEYS"),
        (503, b'{"error": {"message": "The server is shutting down.", "type": "server_error"}}', "shutting down"),
        (404, b"<html>", "is of version 0.1.0, which answers otherwise"),
        (200, b"{}", "is of version 0.1.0, which answers otherwise"),
    ],
)
def test_whatever_a_server_answers_is_one_sentence(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    body: bytes,
    words: str,
) -> None:
    answers(monkeypatch, lambda _: httpx.Response(status, content=body))
    put(home / "state", this_process())
    assert main(["models", "load", "chat"]) == 1
    assert words in capsys.readouterr().err


def test_a_server_that_is_busy_for_too_long_is_said_to_be(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    answers(monkeypatch, never)
    put(home / "state", this_process())
    assert main(["ps"]) == 0
    assert "command_server-11435 does not answer: it is busy or stopped." in capsys.readouterr().out


def test_a_load_line_moves_on_a_terminal_only() -> None:
    model = ModelStatus(target="a", profiles=[], state="loading", progress=0.5, expected_s=2.0)
    plain = StringIO()
    line = LoadLine(plain, "Loading")
    line.show(model)
    line.end("Done.")
    assert plain.getvalue() == "Done.\n"

    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    line = LoadLine(terminal, "Loading")
    line.show(model)
    line.end("Done.")
    assert terminal.getvalue() == "\r\x1b[KLoading █████░░░░░ 50%, 2 s left\r\x1b[KDone.\n"


def answers(monkeypatch: pytest.MonkeyPatch, answer: Callable[[httpx.Request], httpx.Response]) -> None:
    """Let every server answer so."""
    client = httpx.Client

    def faked(**_: object) -> httpx.Client:
        return client(transport=httpx.MockTransport(answer))

    monkeypatch.setattr(httpx, "Client", faked)
