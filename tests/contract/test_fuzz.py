"""Whatever a client sends, right or wrong, gets an answer that the document describes: no 5xx, no hang.

Requests are made by schemathesis from the server's own document, the same ones in each run.
"""

import asyncio
import json
import os
import re
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
from jsonschema import ValidationError
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
from support.made import real_path, real_values

ANSWER_TIMEOUT_S = 5.0  # the engine is a fake: an answer that takes longer hangs
START_TIMEOUT_S = 20.0
# Of each operation and way to ask. All tests of this file together take about 15 s of one core; a long run, such as
# one before a release, sets FUZZ_EXAMPLES=500.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "20"))
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
WITH_BODY = [(each.method, each.public_path) for each in ENDPOINTS if each.request]
WITH_INPUT = [(each.method, each.public_path) for each in ENDPOINTS if each.request or each.query]
STORED = {(each.method, each.public_path) for each in ENDPOINTS if each.origin}
REFUSED = {(each.method, each.public_path) for each in ENDPOINTS if each.response is None}
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


@pytest.fixture(scope="module")
def http(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=ANSWER_TIMEOUT_S) as client:
        yield client


@pytest.fixture(scope="module")
def schema(http: httpx.Client) -> BaseSchema:
    """The server's document, narrowed to names that it serves and to requests that do not ask for leniency."""
    document = http.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    with_model = {name for name in schemas if name.endswith("Request") and "model" in schemas[name]["properties"]}
    assert {"ChatRequest", "EmbeddingRequest", "RerankRequest", "ClassifyRequest", "ResponseRequest"} <= with_model
    for request in with_model:
        schemas[request]["properties"]["model"] = {"enum": MODELS}
    schemas["AliveOptions"]["properties"]["lenient"] = {"const": False}
    for path in document["paths"].values():
        for operation in path.values():
            operation["parameters"] = [each for each in operation["parameters"] if each["in"] != "header"]
    return schemathesis.openapi.from_dict(document)


@pytest.fixture(scope="module")
def described(http: httpx.Client) -> Described:
    """The server's document as it is."""
    return Described(http.get("/openapi.json").json())


def fuzz(
    schema: BaseSchema, http: httpx.Client, of: tuple[str, str], mode: GenerationMode, **how: Any
) -> Counter[int]:
    """Send many requests and hold each answer against the document; how often each status came.

    `checks` are held besides, `add` goes into each body, `headers` into each request. Of the things that a path
    names, as many as drawn are there, by what `described` tells; the others are nobody's.
    """
    method, path = of
    checks = [*TRUE_TO_THE_DOCUMENT, *how.get("checks", [])]
    statuses: Counter[int] = Counter()

    @always_the_same
    @given(case=schema[path][method].as_strategy(mode), made=st.integers(0, path.count("{")))
    def send(case: Case, made: int) -> None:
        if isinstance(case.body, dict):
            case.body |= how.get("add", {})
        if made:
            names = re.findall(r"{(\w+)}", path)[:made]
            there = real_values(how["described"], http, of)
            case.path_parameters |= {name: there[name] for name in names}
        answer = case.call(base_url=str(http.base_url), timeout=ANSWER_TIMEOUT_S, headers=how.get("headers"))
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
def test_right_requests_are_answered_as_described(
    schema: BaseSchema, http: httpx.Client, described: Described, of: tuple[str, str]
) -> None:
    statuses = fuzz(schema, http, of, GenerationMode.POSITIVE, described=described)
    assert statuses[400 if of in REFUSED else 200] > 0
    assert (statuses[404] > 0) or of not in STORED


@pytest.mark.parametrize("of", WITH_INPUT, ids=" ".join)
def test_wrong_requests_are_refused_as_described(
    schema: BaseSchema, http: httpx.Client, described: Described, of: tuple[str, str]
) -> None:
    statuses = fuzz(schema, http, of, GenerationMode.NEGATIVE, checks=[negative_data_rejection], described=described)
    assert statuses[400] > 0


@pytest.mark.parametrize("of", WITH_BODY, ids=" ".join)
def test_requests_that_ask_for_leniency_are_answered_as_described(
    schema: BaseSchema, http: httpx.Client, described: Described, of: tuple[str, str]
) -> None:
    extra, ask = {"sur,prise": [{}]}, {"x-alive-lenient": "1"}
    statuses = fuzz(schema, http, of, GenerationMode.POSITIVE, add=extra, headers=ask, described=described)
    assert statuses[200] > 0


@pytest.mark.parametrize("of", WITH_BODY, ids=" ".join)
def test_any_bytes_are_refused_as_described_unless_they_are_a_right_request(
    schema: BaseSchema, http: httpx.Client, described: Described, of: tuple[str, str]
) -> None:
    method, path = of
    operation = schema[path][method]
    real = real_path(described, http, of)
    refused: Counter[bool] = Counter()

    @always_the_same
    @given(body=st.binary(max_size=200) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
    def send(body: bytes) -> None:
        answer = http.post(real, content=body)
        right = is_right(described, of, body)
        assert answer.status_code == 200 if right else 400 <= answer.status_code < 500, answer.text
        operation.validate_response(answer)
        refused[not right] += 1

    send()
    assert refused[True] > EXAMPLES / 2


def is_right(described: Described, of: tuple[str, str], body: bytes) -> bool:
    """Whether a body is one that the document describes."""
    asked = described.operation(*of)["requestBody"]
    if not body:
        return not asked["required"]
    try:
        described.check_value(json.loads(body.decode()), asked["content"]["application/json"]["schema"])
    except (ValueError, ValidationError):
        return False
    return True
