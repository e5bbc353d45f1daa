"""No prompt, no answer and no key is ever logged, counted, traced or reported, whatever is sent and goes wrong."""

import asyncio
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from alive_core.constants import GIB
from alive_core.http.routes import ENDPOINTS
from alive_core.settings import Settings
from support.described import Described
from support.fake_server import fake_server
from support.made import first_example, real_path
from support.receiver import Receiver, receiving
from support.watched import Log, Watch

SECRET = "Zx9SecretWords"
KEY = f"sk-{SECRET}-key"
WRONG_KEY = f"sk-{SECRET}-wrong"
MODELS = ("chat", "embed", "rerank", "classify", "plain", "forgiving")
ALL = [(each.method, each.public_path) for each in ENDPOINTS]
HEADERS = {
    "cookie": f"session={SECRET}",
    "traceparent": f"00-{SECRET}-01",
    "x-request-id": f"{SECRET} with a blank, so it is none",
    "user-agent": SECRET,
    "forwarded": f"for={SECRET}",
}


@pytest.fixture
def receivers() -> Iterator[tuple[Receiver, Receiver]]:
    with receiving() as traces, receiving() as errors:
        yield traces, errors


def telling(receivers: tuple[Receiver, Receiver]) -> dict[str, object]:
    """Settings of a server that tells everything to everyone who may hear."""
    traces, errors = receivers
    return {
        "traces_endpoint": f"{traces.url}/v1/traces",
        "sentry_dsn": f"http://public@127.0.0.1:{errors.port}/7",
        "api_keys": (KEY,),
    }


def told(log: Log, receivers: tuple[Receiver, Receiver], capfd: pytest.CaptureFixture[str]) -> str:
    """All that a server told anybody but its client."""
    output = capfd.readouterr()
    sent = [request.body.decode("latin-1") + repr(request) for each in receivers for request in each.all()]
    return "\n".join([*log.lines, *log.plain, *sent, output.out, output.err])


def with_secrets(value: object, *, everywhere: bool) -> object:
    """A body with the secret in place of each sentence, or of each text."""
    if isinstance(value, dict):
        return {name: with_secrets(each, everywhere=everywhere) for name, each in value.items()}
    if isinstance(value, list):
        return [with_secrets(each, everywhere=everywhere) for each in value]
    is_meant = isinstance(value, str) and (everywhere or " " in value)
    return f"{SECRET} {value}" if is_meant else value


def bodies_for(example: dict[str, object]) -> list[bytes]:
    """Right ones and wrong ones."""
    right = with_secrets(example, everywhere=False)
    assert isinstance(right, dict)
    every_model = [right | {"model": model} for model in MODELS] if "model" in right else [right]
    odd: list[object] = [
        with_secrets(example, everywhere=True),
        right | {SECRET: SECRET},
        {**right, "model": SECRET},
        dict.fromkeys(right, SECRET),
        {name: [SECRET] for name in right},
        right | {"stream": True},
        right | {"metadata": {SECRET: SECRET}, "user": SECRET},
        SECRET,
    ]
    broken = [f'{{"messages": "{SECRET}', f'{{"model": "chat", "{SECRET}": "\\ud800"}}']
    return [json.dumps(body).encode() for body in [*every_model, *odd]] + [
        *(text.encode() for text in broken),
        SECRET.encode() + b"\xff",
    ]


@pytest.mark.parametrize("lenient", ["0", "1"])
async def test_nothing_that_is_sent_to_any_route_is_told_to_anybody(
    lenient: str,
    tmp_path: Path,
    log: Log,
    receivers: tuple[Receiver, Receiver],
    capfd: pytest.CaptureFixture[str],
) -> None:
    settings = Settings(memory_budget=GIB, **telling(receivers))  # type: ignore[arg-type] # each has its own type
    counted = 0
    async with (
        fake_server(tmp_path, settings=settings) as served,
        httpx.AsyncClient(base_url=served.url, headers=HEADERS | {"x-alive-lenient": lenient}) as http,
    ):
        known = {"authorization": f"Bearer {KEY}"}
        described = Described((await http.get("/openapi.json")).json())
        paths = await asyncio.to_thread(paths_of, described, served.url, known)
        keys: list[dict[str, str]] = [known, {"authorization": f"Bearer {WRONG_KEY}"}, {"x-api-key": WRONG_KEY}, {}]
        for (method, template), path in paths.items():
            operation = described.document["paths"][template][method.lower()]
            example = first_example(described, (method, template)) if "requestBody" in operation else {}
            bodies = bodies_for(example) if example else [b"", SECRET.encode()]
            for headers, body in itertools.chain(
                ((known, body) for body in bodies), ((key, bodies[0]) for key in keys)
            ):
                response = await http.request(
                    method, path, params={"q": SECRET, "include": SECRET}, content=body, headers=headers
                )
                assert response.status_code < 500 or response.status_code == 503, response.text
                counted += 1
        metrics = (await http.get("/metrics", headers=known)).text
    assert len(await log.requests(counted)) >= counted
    everything = told(log, receivers, capfd) + metrics
    assert SECRET not in everything
    assert "queue and load" in everything, "traces were told"


def paths_of(described: Described, url: str, headers: dict[str, str]) -> dict[tuple[str, str], str]:
    """The real path of every operation; what it names is made first."""
    with httpx.Client(base_url=url, headers=headers) as http:
        return {of: real_path(described, http, of) for of in ALL}


@pytest.mark.parametrize("model", ["chat", "child", "careful"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_failure_that_speaks_the_prompt_is_told_without_it(
    model: str,
    *,
    stream: bool,
    watch: Watch,
    receivers: tuple[Receiver, Receiver],
    capfd: pytest.CaptureFixture[str],
) -> None:
    async with watch(**telling(receivers)) as watched:
        headers = {"authorization": f"Bearer {KEY}", "x-request-id": "r1"}
        words = ["fail", "break", *(["die"] if model == "child" else [])]
        for word in words:
            response = await watched.chat(f"{word} {SECRET}", model, stream=stream, headers=headers)
            assert (response.status_code == 200) == (stream and word == "break")
        metrics = (await watched.http.get("/metrics", headers=headers)).text
        await watched.log.requests(len(words))
    everything = told(watched.log, receivers, capfd)
    assert SECRET not in everything + metrics
    assert "ValueError" in everything, "what happened is told"
    assert "telltale.py" in everything, "and where"


async def test_a_mistake_of_our_own_is_told_without_the_prompt(
    watch: Watch,
    receivers: tuple[Receiver, Receiver],
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def wrong(*_: object, **__: object) -> None:
        raise KeyError(f"{SECRET} is not there")

    monkeypatch.setattr("alive_core.http.chat.prepare_chat", wrong)
    async with watch(**telling(receivers)) as watched:
        response = await watched.chat(SECRET, headers={"authorization": f"Bearer {KEY}"})
        await watched.log.requests()
    assert response.status_code == 500
    assert SECRET not in response.text
    everything = told(watched.log, receivers, capfd)
    assert "unforeseen error" in everything
    assert "KeyError" in everything
    assert SECRET not in everything
