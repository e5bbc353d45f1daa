"""What users see when things go wrong: clients that leave, engines that die, servers that cannot start."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest
from openai import OpenAI

from support.random_model import CONTROL_TOKENS, SLOW, write_random_model
from support.servers import Server, alive, refused, running, wait_until_gone

NEVER_ENDS = {str(token): -100 for token in range(len(CONTROL_TOKENS))}  # random weights end their turn at any time
LONG = {
    "model": "chat",
    "messages": [{"role": "user", "content": "Go on"}],
    "max_tokens": 4000,
    "stream": True,
    "logit_bias": NEVER_ENDS,
}
PROFILES = """
[profiles.chat]
task = "chat"
description = "Talks without end, slowly."
targets = ["slow"]

[targets.slow]
adapter = "llamacpp"
path = "{path}"
engine = "child"
context = 8192
parallel = 2
"""


@pytest.fixture(scope="module")
def slow_profiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with random weights, large enough that an answer takes many seconds."""
    folder = tmp_path_factory.mktemp("slow")
    model = write_random_model(folder / "slow.gguf", SLOW)
    profiles = folder / "profiles.toml"
    profiles.write_text(PROFILES.format(path=model))
    return profiles


@pytest.fixture
def slow_server(slow_profiles: Path, tmp_path: Path) -> Iterator[Server]:
    with running("command_server", tmp_path, "--profiles", str(slow_profiles)) as server:
        yield server


def test_an_engine_killed_mid_stream_ends_it_with_a_typed_error_and_the_next_request_works(
    slow_server: Server,
) -> None:
    with OpenAI(base_url=slow_server.api, api_key="any", max_retries=0) as client:
        stream = client.chat.completions.create(**LONG)
        _read_some(stream)
        (engine,) = slow_server.children()
        os.kill(engine, signal.SIGKILL)
        killed = time.monotonic()
        with pytest.raises(openai.APIError) as failure:
            for _ in stream:
                pass
        assert time.monotonic() - killed < 1.0
        assert failure.value.code == "engine_crashed"
        again = client.chat.completions.create(**(LONG | {"stream": False, "max_tokens": 4}))
        assert again.usage is not None
        assert again.usage.completion_tokens == 4


def test_p8_what_a_killed_engine_had_counted_is_told(slow_server: Server) -> None:
    url = f"{slow_server.api}/chat/completions"
    whole = httpx.post(url, json=LONG | {"stream": False, "max_tokens": 1}, timeout=30).json()["usage"]
    with httpx.stream("POST", url, json=LONG, timeout=30) as stream:
        lines = stream.iter_lines()
        seen = [next(lines) for _ in range(20)]
        (engine,) = slow_server.children()
        os.kill(engine, signal.SIGKILL)
        data = [line.removeprefix("data: ") for line in [*seen, *lines] if line.startswith("data: {")]
    *chunks, last = map(json.loads, data)
    pieces = [chunk for chunk in chunks if chunk["choices"][0]["delta"].get("content")]
    usage = last["usage"]
    assert usage["prompt_tokens"] == whole["prompt_tokens"]
    assert usage["completion_tokens"] >= len(pieces) > 0
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_a_client_that_leaves_frees_the_engine_at_once(slow_server: Server) -> None:
    with OpenAI(base_url=slow_server.api, api_key="any", max_retries=0) as client:
        for _ in range(4):  # more than the engine takes at once: a place that is not given back blocks the next
            stream = client.chat.completions.create(**LONG)
            _read_some(stream)
            stream.close()
        began = time.monotonic()
        client.chat.completions.create(**(LONG | {"stream": False, "max_tokens": 2}))
        assert time.monotonic() - began < 15.0


def test_a_plain_request_whose_client_leaves_is_cancelled_too(slow_server: Server) -> None:
    with OpenAI(base_url=slow_server.api, api_key="any", max_retries=0) as client:
        client.chat.completions.create(**(LONG | {"stream": False, "max_tokens": 1}))
        for _ in range(3):
            with pytest.raises(openai.APITimeoutError):
                client.with_options(timeout=0.3).chat.completions.create(**(LONG | {"stream": False}))
        # Two places, three long answers: had one gone on, this would wait for thousands of tokens.
        client.with_options(timeout=15.0).chat.completions.create(**(LONG | {"stream": False, "max_tokens": 1}))


def test_a_server_killed_with_no_warning_leaves_no_engine_behind(slow_server: Server) -> None:
    with httpx.stream("POST", f"{slow_server.api}/chat/completions", json=LONG, timeout=30) as stream:
        lines = stream.iter_lines()
        next(lines)
        engines = slow_server.children()
        assert engines
        slow_server.process.kill()
        with pytest.raises(httpx.RemoteProtocolError):  # visibly unfinished: no end of the body, no [DONE]
            for line in lines:
                assert line != "data: [DONE]"
    wait_until_gone(engines, within_s=2.0)


def test_a_server_asked_to_end_finishes_the_answer_in_flight(slow_server: Server) -> None:
    body = LONG | {"max_tokens": 40}
    with httpx.stream("POST", f"{slow_server.api}/chat/completions", json=body, timeout=60) as stream:
        lines = stream.iter_lines()
        next(lines)
        engines = slow_server.children()
        slow_server.process.send_signal(signal.SIGTERM)
        rest = [line for line in lines if line.startswith("data:")]
    assert rest[-1] == "data: [DONE]"
    assert slow_server.process.wait(30) == 0
    wait_until_gone(engines, within_s=2.0)


def test_ps_shows_it_down_ends_it_and_logs_remember_it(slow_server: Server) -> None:
    shown = json.loads(alive("ps", "--json", home=slow_server.home).stdout)
    assert [(run["service"], run["port"]) for run in shown] == [("command_server", slow_server.port)]
    assert "command_server" in alive("ps", home=slow_server.home).stdout
    assert alive("down", "providers_server", home=slow_server.home).returncode == 1
    assert alive("down", home=slow_server.home).returncode == 0
    assert slow_server.process.wait(10) == 0
    assert "No server runs" in alive("ps", home=slow_server.home).stdout
    assert "serves at" in alive("logs", "command_server", home=slow_server.home).stdout


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = refused("command_server", tmp_path, "--port", str(port))
    assert f"port {port}" in words
    assert "in use" in words


def test_a_corrupt_model_file_is_one_sentence_at_start(tmp_path: Path) -> None:
    model = tmp_path / "broken.gguf"
    model.write_bytes(b"GGUF" + b"\xff" * 4096)
    profiles = tmp_path / "profiles.toml"
    profiles.write_text(PROFILES.format(path=model))
    assert "broken.gguf" in refused("command_server", tmp_path, "--profiles", str(profiles))


def test_an_unknown_adapter_is_one_sentence_with_file_and_line(tmp_path: Path) -> None:
    profiles = tmp_path / "profiles.toml"
    profiles.write_text(PROFILES.format(path="x").replace("llamacpp", "lamacpp"))
    words = refused("command_server", tmp_path, "--profiles", str(profiles))
    assert f"{profiles}, line 8" in words
    assert "did you mean `llamacpp`?" in words


def test_serving_the_network_without_keys_is_refused(tmp_path: Path) -> None:
    assert "ALIVE_API_KEYS" in refused("command_server", tmp_path, "--host", "0.0.0.0")


def test_a_key_is_asked_for_where_keys_are_set(tmp_path: Path) -> None:
    with running("command_server", tmp_path, ALIVE_API_KEYS="first,second") as server:
        url = f"{server.api}/models"
        assert httpx.get(url).json()["error"]["code"] == "invalid_api_key"
        assert httpx.get(url, headers={"authorization": "Bearer wrong"}).status_code == 401
        assert httpx.get(url, headers={"authorization": "Bearer second"}).status_code == 200
        assert httpx.get(url, headers={"x-api-key": "first"}).status_code == 200
        assert httpx.get(f"{server.url}/health/ready").status_code == 200


def _read_some(stream: "openai.Stream[openai.types.chat.ChatCompletionChunk]") -> None:
    """Read until the answer has begun."""
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            return
