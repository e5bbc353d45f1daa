"""`task models:*` as an operator types it: processes of their own, a stand-in hub, a real server."""

import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from support.servers import environment, running
from support.stand_in_hub import COMMIT, StandInHub, answer, cut_after, stand_in_hub

MODEL = Path("services/command_server/src/command_server/models/demo-command.gguf")
PROFILES = """
[profiles.chat]
task = "chat"
description = "Talks."
targets = ["mine"]

[targets.mine]
adapter = "llamacpp"
model = "mine"
engine = "child"
context = 1024
"""
ARRIVED = 1_500_000
"""Bytes of the model that come before the stand-in breaks off: more than a tenth, for a line of progress."""
Say = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[StandInHub]:
    content = (request.config.rootpath / MODEL).read_bytes()
    with stand_in_hub({"owner/model/model.gguf": content}) as site:
        yield site


@pytest.fixture
def home(tmp_path: Path, site: StandInHub) -> dict[str, str]:
    """An operator with a home of their own, whose hub is the stand-in."""
    return {"ALIVE_HOME": str(tmp_path / "home"), "HF_ENDPOINT": site.hub_url}


@pytest.fixture
def models(tmp_path: Path, home: dict[str, str]) -> Say:
    def models(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "alive_core", "models", *arguments],
            env=environment(tmp_path, **home),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return models


def test_a_model_of_ones_own_from_its_name_to_an_answer_and_away_again(
    models: Say, site: StandInHub, home: dict[str, str], tmp_path: Path
) -> None:
    """Added, pulled over a connection that is cut ten times, verified, served, kept while it serves, removed."""
    assert models("add", "mine", "owner/model:model.gguf", "--licence", "Apache-2.0").returncode == 0
    refused = models("pull", "mine")
    assert refused.returncode == 1
    assert "task models:pull -- mine --yes" in refused.stderr

    site.troubles = [cut_after(200_000)] * 10
    pulled = models("pull", "mine", "--yes")
    assert (pulled.returncode, pulled.stderr) == (0, "")
    assert "Apache-2.0" in pulled.stdout
    assert len(site.at_storage) == 11

    (mine,) = (one for one in json.loads(models("list", "--json").stdout) if one["name"] == "mine")
    assert (mine["state"], mine["checksums"], mine["revision"]) == ("ready", "pinned", COMMIT)
    assert mine["size_bytes"] == Path(mine["path"]).stat().st_size
    assert "mine  ok" in models("verify", "mine").stdout

    profiles = tmp_path / "profiles.toml"
    profiles.write_text(PROFILES)
    with running("command_server", tmp_path, "--profiles", str(profiles), **home) as server:
        body = {"model": "chat", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 5}
        assert httpx.post(f"{server.api}/chat/completions", json=body, timeout=60).status_code == 200
        in_use = models("remove", "mine", "--yes")
        assert in_use.returncode == 1
        assert f"in use by command_server on port {server.port}" in in_use.stderr

    removed = models("remove", "mine", "--yes")
    assert removed.returncode == 0
    assert "are free again" in removed.stdout
    assert not Path(mine["path"]).exists()
    assert "mine" not in [one["name"] for one in json.loads(models("list", "--json").stdout)]


def test_a_changed_byte_is_found_and_the_status_tells(models: Say) -> None:
    models("add", "mine", "owner/model:model.gguf")
    models("pull", "mine", "--yes")
    (mine,) = (one for one in json.loads(models("list", "--json").stdout) if one["name"] == "mine")
    path = Path(mine["path"])
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    verified = models("verify", "mine")
    assert verified.returncode == 1
    assert hashlib.sha256(content).hexdigest() in verified.stdout
    assert "Traceback" not in verified.stderr


def test_a_gated_model_says_what_to_do_in_one_sentence(models: Say, site: StandInHub) -> None:
    models("add", "mine", "owner/model:model.gguf")
    site.needs_token = True
    refused = models("pull", "mine", "--yes")
    assert refused.returncode == 1
    assert f"Open {site.hub_url}/owner/model, sign in and accept the licence" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_ctrl_c_keeps_what_has_arrived(models: Say, site: StandInHub, home: dict[str, str], tmp_path: Path) -> None:
    models("add", "mine", "owner/model:model.gguf")
    site.troubles = [cut_after(ARRIVED), *[answer(503, Retry_After="250")] * 9]
    with subprocess.Popen(
        [sys.executable, "-m", "alive_core", "models", "pull", "mine", "--yes"],
        env=environment(tmp_path, **home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as pulling:
        assert pulling.stdout is not None
        assert any("of" in line and "%" in line for line in iter(pulling.stdout.readline, ""))
        site.wait_for_storage(2)  # it waits now, as the server asked
        pulling.send_signal(signal.SIGINT)
        _, words = pulling.communicate(timeout=30)
    assert (pulling.returncode, words) == (1, "\nStopped.\n")
    (part,) = Path(home["ALIVE_HOME"]).rglob("model.gguf.part")
    assert part.stat().st_size == ARRIVED
    site.troubles = []
    assert models("pull", "mine", "--yes").returncode == 0
    assert site.at_storage[-1].headers["Range"] == f"bytes={ARRIVED}-"
