"""Whatever a client sends, right or wrong, gets an answer that the document describes: no 5xx, no hang.

Requests are made by schemathesis from the server's own document, the same ones in each run.
"""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import BaseSchema, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from alive_core.http.routes import ENDPOINTS
from support.described import Described, data_of
from support.fake_server import fake_server

ANSWER_TIMEOUT_S = 5.0  # the engine is a fake: an answer that takes longer hangs
START_TIMEOUT_S = 20.0
EXAMPLES = 60  # of each operation and way to ask; all tests of this file together take about 25 s
MODELS = ["chat", "plain", "embed"]  # of the fake server: honours everything, honours nothing, another task

TRUE_TO_THE_DOCUMENT = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["model", "messages", "prompt", "x"]), inner),
    max_leaves=8,
)
ALL = [(each.method, each.public_path) for each in ENDPOINTS]
ALWAYS_REFUSED = {("POST", "/v1/responses/{response}/cancel")}  # there are no background responses
WITH_BODY = [(each.method, each.public_path) for each in ENDPOINTS if each.request]
always_the_same = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a fake server that runs beside the tests, in a thread of its own."""
    address: Future[str] = Future()
    end: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve(folder: Path) -> None:
        done = asyncio.Event()
        async with fake_server(folder) as fake:
            end.set_result((asyncio.get_running_loop(), done))
            address.set_result(fake.url)
            await done.wait()

    thread = threading.Thread(target=asyncio.run, args=[serve(tmp_path_factory.mktemp("fuzz"))])
    thread.start()
    yield address.result(START_TIMEOUT_S)
    loop, done = end.result()
    loop.call_soon_threadsafe(done.set)
    thread.join()


@pytest.fixture
def schema(url: str) -> BaseSchema:
    """The server's document, narrowed to what it serves and stores and to requests that do not ask for leniency."""
    document = httpx.get(f"{url}/openapi.json").json()
    schemas = document["components"]["schemas"]
    for request in {each.request.__name__ for each in ENDPOINTS if each.request and each.task}:
        schemas[request]["properties"]["model"] = {"enum": MODELS}
    schemas["AliveOptions"]["properties"]["lenient"] = {"const": False}
    there = stored_things(url)
    for path in document["paths"].values():
        for operation in path.values():
            operation["parameters"] = [each for each in operation["parameters"] if each["in"] == "path"]
            for each in operation["parameters"]:
                each["schema"] = {"enum": [there[each["name"]]]} if each["name"] in there else each["schema"]
    return schemathesis.openapi.from_dict(document)


def is_wrong(body: bytes) -> bool:
    """Whether no address takes `body`; an empty object begins a conversation."""
    return body.strip() != b"{}"


def stored_things(url: str) -> dict[str, str]:
    """By the name in a path: the id of a new response, of a new conversation, and of its item."""
    response = httpx.post(f"{url}/v1/responses", json={"model": "chat", "input": "Hi"}).json()
    said = {"items": [{"role": "user", "content": "Hi"}]}
    conversation = httpx.post(f"{url}/v1/conversations", json=said).json()
    items = httpx.get(f"{url}/v1/conversations/{conversation['id']}/items").json()
    return {"response": response["id"], "conversation": conversation["id"], "item": items["first_id"]}


def fuzz(schema: BaseSchema, url: str, of: tuple[str, str], mode: GenerationMode, **how: Any) -> Counter[int]:
    """Send many requests and hold each answer against the document; how often each status came.

    `checks` are held besides, `add` goes into each body, `headers` into each request.
    """
    method, path = of
    checks = [*TRUE_TO_THE_DOCUMENT, *how.get("checks", [])]
    statuses: Counter[int] = Counter()

    @always_the_same
    @given(case=schema[path][method].as_strategy(mode))
    def send(case: Case) -> None:
        if isinstance(case.body, dict):
            case.body |= how.get("add", {})
        answer = case.call(base_url=url, timeout=ANSWER_TIMEOUT_S, headers=how.get("headers"))
        statuses[answer.status_code] += 1
        if answer.headers["content-type"][0].startswith("text/event-stream"):
            check_events(schema, of, answer.text)
            case.validate_response(answer, checks=checks, excluded_checks=[response_schema_conformance])
        else:
            case.validate_response(answer, checks=checks)

    send()
    return statuses


def check_events(schema: BaseSchema, of: tuple[str, str], stream: str) -> None:
    """Hold what a stream carries against the document: as OpenAI's own, it describes the data of an event."""
    described = Described(schema.raw_schema)
    answers = described.operation(*of)["responses"]
    for data in data_of(stream):
        described.check_value(data, answers["200"]["content"]["text/event-stream"]["schema"])


@pytest.mark.parametrize("of", ALL, ids=" ".join)
def test_right_requests_are_answered_as_described(schema: BaseSchema, url: str, of: tuple[str, str]) -> None:
    statuses = fuzz(schema, url, of, GenerationMode.POSITIVE)
    assert statuses[400 if of in ALWAYS_REFUSED else 200] > 0, statuses


@pytest.mark.parametrize("of", WITH_BODY, ids=" ".join)
def test_wrong_requests_are_refused_as_described(schema: BaseSchema, url: str, of: tuple[str, str]) -> None:
    statuses = fuzz(schema, url, of, GenerationMode.NEGATIVE, checks=[negative_data_rejection])
    assert statuses[400] > 0


@pytest.mark.parametrize("of", WITH_BODY, ids=" ".join)
def test_requests_that_ask_for_leniency_are_answered_as_described(
    schema: BaseSchema, url: str, of: tuple[str, str]
) -> None:
    extra, ask = {"sur,prise": [{}]}, {"x-alive-lenient": "1"}
    statuses = fuzz(schema, url, of, GenerationMode.POSITIVE, add=extra, headers=ask)
    assert statuses[200] > 0, statuses


@pytest.mark.parametrize("of", WITH_BODY, ids=" ".join)
def test_any_bytes_are_refused_as_described(schema: BaseSchema, url: str, of: tuple[str, str]) -> None:
    method, path = of
    operation = schema[path][method]

    @always_the_same
    @given(body=(st.binary(max_size=200) | ANY_JSON.map(lambda value: json.dumps(value).encode())).filter(is_wrong))
    def send(body: bytes) -> None:
        answer = httpx.post(f"{url}{path}", content=body, timeout=ANSWER_TIMEOUT_S)
        assert 400 <= answer.status_code < 500, answer.text
        operation.validate_response(answer)

    send()
