"""P24: a server that is asked to end finishes what it has begun, takes nothing new, and leaves nothing behind."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path

import httpx
import pytest

from support.random_model import CONTROL_TOKENS, SLOW, write_random_model
from support.servers import Server, running, wait_until_gone

NEVER_ENDS = {str(token): -100 for token in range(len(CONTROL_TOKENS))}  # random weights end their turn at any time
TOKENS = 150
CHAT: dict[str, object] = {
    "model": "chat",
    "messages": [{"role": "user", "content": "Go on"}],
    "max_tokens": TOKENS,
    "logit_bias": NEVER_ENDS,
}
LONG = CHAT | {"max_tokens": 4000}
EMBED = {"model": "embed", "input": ["a word or two of text"] * 600}
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
    folder = tmp_path_factory.mktemp("slow")
    profiles = folder / "profiles.toml"
    profiles.write_text(PROFILES.format(path=write_random_model(folder / "slow.gguf", SLOW)))
    return profiles


@pytest.fixture
def slow_server(slow_profiles: Path, tmp_path: Path) -> Iterator[Server]:
    with running("command_server", tmp_path, "--profiles", str(slow_profiles)) as server:
        yield server


class Asked:
    """A request that has been sent whole; its answer is read later."""

    def __init__(self, server: Server, path: str, body: dict[str, object]) -> None:
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=120)
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", f"/v1{path}", json.dumps(body), headers)

    def begin(self) -> "Asked":
        """Wait for the first line of a streamed answer."""
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200
        self._first = self._answer.readline()
        return self

    def events(self) -> list[str]:
        """The rest of a streamed answer. Raises IncompleteRead where it breaks off."""
        with closing(self._connection), self._answer:
            text = (self._first + self._answer.read()).decode()
        return [line for line in text.splitlines() if line.startswith("data: ")]

    def json(self) -> dict[str, object]:
        with closing(self._connection), self._connection.getresponse() as answer:
            body: dict[str, object] = json.loads(answer.read())
        assert answer.status == 200, body
        return body


def settle(server: Server) -> None:
    """Return when the server has seen every request sent before: it has answered a later one."""
    assert httpx.get(f"{server.api}/models").status_code == 200


def assert_nothing_is_left(server: Server, engines: list[int]) -> None:
    wait_until_gone(engines, within_s=2.0)
    assert list(server.home.rglob("run/*.json")) == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.url}/health/live")


def test_a_drain_under_load_finishes_every_answer_it_began_and_refuses_the_rest(slow_server: Server) -> None:
    streams = [Asked(slow_server, "/chat/completions", CHAT | {"stream": True}).begin() for _ in range(2)]
    queued = [Asked(slow_server, "/chat/completions", CHAT) for _ in range(4)]  # behind the two
    settle(slow_server)
    engines = slow_server.children()

    slow_server.process.send_signal(signal.SIGTERM)
    refused = ask_until_refused(slow_server)
    assert refused.json()["error"]["code"] == "draining"
    assert int(refused.headers["retry-after"]) > 0
    assert refused.headers["connection"] == "close"
    assert httpx.get(f"{slow_server.url}/health/ready").status_code == 503
    assert slow_server.process.poll() is None

    for stream in streams:
        events = stream.events()
        assert events[-1] == "data: [DONE]"
        assert '"finish_reason":"length"' in events[-2]
    for one in queued:
        usage = one.json()["usage"]
        assert isinstance(usage, dict)
        assert usage["completion_tokens"] == TOKENS
    assert slow_server.process.wait(30) == 0
    assert_nothing_is_left(slow_server, engines)


def test_a_second_signal_ends_at_once_and_streams_break_visibly(slow_server: Server) -> None:
    streams = [Asked(slow_server, "/chat/completions", LONG | {"stream": True}).begin() for _ in range(2)]
    engines = slow_server.children()
    slow_server.process.send_signal(signal.SIGTERM)
    ask_until_refused(slow_server)
    asked_twice = time.monotonic()
    slow_server.process.send_signal(signal.SIGTERM)
    for stream in streams:
        with pytest.raises(IncompleteRead) as broken:
            stream.events()
        assert b"[DONE]" not in broken.value.partial
    assert slow_server.process.wait(30) == 0
    assert time.monotonic() - asked_twice < 8.0
    assert_nothing_is_left(slow_server, engines)


def test_the_providers_server_finishes_its_batches_too(tmp_path: Path) -> None:
    with running("providers_server", tmp_path) as server:
        Asked(server, "/embeddings", {"model": "embed", "input": "loads the model"}).json()
        engines = server.children()
        batches = [Asked(server, "/embeddings", EMBED) for _ in range(3)]
        settle(server)
        server.process.send_signal(signal.SIGTERM)
        for batch in batches:
            vectors = batch.json()["data"]
            assert isinstance(vectors, list)
            assert len(vectors) == 600
        assert server.process.wait(30) == 0
        assert_nothing_is_left(server, engines)


def ask_until_refused(server: Server) -> httpx.Response:
    """The first 503 after the signal; what comes before the signal arrives is answered as always."""
    until = time.monotonic() + 10
    while (answer := httpx.get(f"{server.api}/models")).status_code == 200:
        assert time.monotonic() < until
    assert answer.status_code == 503
    return answer
