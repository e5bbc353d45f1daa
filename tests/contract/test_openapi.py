"""The document at `/openapi.json` is valid, whole, and true: what the server really answers is what it describes."""

import asyncio
import itertools
import json
import re
import typing
from collections.abc import Callable
from functools import partial

import httpx
import pytest
from jsonschema import ValidationError
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route

from alive_core.errors import InvalidRequest
from alive_core.http.app import create_app
from alive_core.http.context import TASK_PATHS
from alive_core.http.documentation import Documentation
from alive_core.http.paths import BESIDE, canonical_path, resources_of
from alive_core.http.response_routes import ABSENT
from alive_core.http.routes import ENDPOINTS
from alive_core.schemas.foreign import decode_with_items
from alive_core.schemas.responses import ResponseRequest
from alive_core.testing.server import Served
from support.described import Described, data_of
from support.made import first_example, real_path

Json = typing.Any  # a JSON document as `json` has it

CHAT = "/v1/chat/completions"
TOOL = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}


FUNCTION = {"type": "function", "name": "look_up", "parameters": {"type": "object"}}
ITEM = {"type": "message", "role": "user", "content": "hello"}
RESPONSES = "/v1/responses"
CONVERSATIONS = "/v1/conversations"
LEFT_OUT = object()
WHOLE_REQUEST: list[tuple[str, tuple[Json, ...]]] = [
    ("model", (LEFT_OUT, "chat")),
    ("input", (LEFT_OUT, None, "", [], "hello", [ITEM])),
    ("conversation", (LEFT_OUT, None, "conv_1")),
    ("previous_response_id", (LEFT_OUT, None, "resp_1")),
    ("prompt", (LEFT_OUT, {"id": "pmpt_1"})),
]
ALL = [(each.method, each.public_path) for each in ENDPOINTS]
VERSIONED = [(method, path) for method, path in ALL if path.startswith("/v1/")]
STORED = [(each.method, each.public_path) for each in ENDPOINTS if each.origin]


def say(words: str, **more: object) -> Json:
    return {"model": "chat", "messages": [{"role": "user", "content": words}], **more}


GOOD: list[tuple[str, str, Json]] = [
    ("GET", "/v1/models", None),
    ("GET", "/v1/models/chat", None),
    ("GET", "/v1/models/away", None),
    ("GET", "/health/live", None),
    ("GET", "/health/ready", None),
    ("GET", "/openapi.json", None),
    ("GET", "/docs", None),
    ("POST", CHAT, say("hello")),
    ("POST", CHAT, say("hello", n=3, logprobs=True, top_logprobs=2)),
    ("POST", CHAT, say("", tools=[TOOL], tool_choice="required")),
    ("POST", CHAT, say("hello", stream=True)),
    ("POST", CHAT, say("hello", stream=True, n=2, logprobs=True, stream_options={"include_usage": True})),
    ("POST", CHAT, say("", stream=True, tools=[TOOL], tool_choice="required")),
    ("POST", CHAT, say("break", stream=True)),
    ("POST", CHAT, say("hello", temperature=1.5) | {"model": "forgiving", "extra": 1}),
    ("POST", "/v1/completions", {"model": "chat", "prompt": ["a", "b"], "logprobs": 2}),
    ("POST", "/v1/completions", {"model": "chat", "prompt": [1, 2], "n": 2}),
    ("POST", "/v1/completions", {"model": "chat", "prompt": "a", "stream": True}),
    ("POST", "/v1/embeddings", {"model": "embed", "input": ["a", "b"]}),
    ("POST", "/v1/embeddings", {"model": "embed", "input": "a", "encoding_format": "base64"}),
    ("POST", "/v1/rerank", {"model": "rerank", "query": "a", "documents": ["b", {"text": "c"}]}),
    ("POST", "/v1/rerank", {"model": "rerank", "query": "a", "documents": ["b"], "return_documents": True}),
    ("POST", "/v1/classify", {"model": "classify", "input": "a"}),
    ("POST", "/v1/classify", {"model": "classify", "input": ["a", "b"], "labels": ["x", "y"]}),
    ("POST", "/tokenize", {"model": "chat", "prompt": "hello"}),
    ("POST", "/detokenize", {"model": "chat", "tokens": [104, 105]}),
    ("POST", RESPONSES, {"model": "chat", "input": "hello"}),
    ("POST", RESPONSES, {"model": "chat", "input": [ITEM], "include": ["message.output_text.logprobs"]}),
    ("POST", RESPONSES, {"model": "chat", "input": "hello", "stream": True}),
    ("POST", RESPONSES, {"model": "chat", "input": "a", "tools": [FUNCTION], "tool_choice": "required"}),
    (
        "POST",
        RESPONSES,
        {"model": "chat", "input": "a", "tools": [FUNCTION], "tool_choice": "required", "stream": True},
    ),
    ("POST", RESPONSES, {"model": "chat", "input": "break", "stream": True}),
    ("POST", CONVERSATIONS, {}),
    ("POST", CONVERSATIONS, {"items": [ITEM], "metadata": {"a": "b"}}),
]
BAD: list[tuple[int, str, str, Json]] = [
    (400, "POST", CHAT, say("a", n=0)),
    (400, "POST", CHAT, say("a", extra=1)),
    (400, "POST", CHAT, say("a", temperature=0.5) | {"model": "plain"}),
    (400, "POST", CHAT, []),
    (404, "POST", CHAT, say("a") | {"model": "nobody"}),
    (404, "GET", "/v1/models/nobody", None),
    (429, "POST", CHAT, say("fail")),
    (429, "POST", CHAT, say("fail", stream=True)),
    (429, "POST", CHAT, say("break")),
    (503, "POST", CHAT, say("a") | {"model": "away"}),
    (400, "POST", "/v1/completions", {"model": "chat"}),
    (400, "POST", "/v1/embeddings", {"model": "plain", "input": "a"}),
    (400, "POST", "/v1/rerank", {"model": "rerank", "query": "a", "documents": []}),
    (400, "POST", "/v1/rerank", {"model": "rerank", "query": "a", "documents": ["b"], "max_tokens_per_doc": 1}),
    (400, "POST", "/v1/rerank", {"model": "plain", "query": "a", "documents": ["b"]}),
    (400, "POST", "/v1/classify", {"model": "classify", "input": ""}),
    (404, "POST", "/v1/classify", {"model": "nobody", "input": "a"}),
    (400, "POST", "/detokenize", {"model": "chat", "tokens": [-1]}),
    (400, "POST", "/tokenize", {"model": "plain", "prompt": "a"}),
    (412, "POST", RESPONSES, {"model": "chat", "input": "a", "alive": {"fingerprint": "another"}}),
    (400, "POST", RESPONSES, {"model": "chat"}),
    (400, "POST", RESPONSES, {"input": "hello"}),
    (400, "POST", RESPONSES, {"model": "chat", "input": "hello", "extra": 1}),
    (400, "POST", RESPONSES, {"model": "chat", "input": "hello", "previous_response_id": "resp_nobody"}),
    (404, "POST", RESPONSES, {"model": "chat", "input": "hello", "conversation": "conv_nobody"}),
    (429, "POST", RESPONSES, {"model": "chat", "input": "fail", "stream": True}),
    (400, "POST", CONVERSATIONS, {"extra": 1}),
    (400, "POST", CONVERSATIONS, {"items": [{"type": "mcp_call"}]}),
    (404, "POST", CONVERSATIONS, {"items": [{"type": "item_reference", "id": "msg_nobody"}]}),
]


def test_it_is_a_valid_openapi_document(described: Described) -> None:
    assert list(OpenAPIV31SpecValidator(described.document).iter_errors()) == []


def test_every_route_is_described_and_everything_described_is_a_route(fake: Served, described: Described) -> None:
    routes = {
        (route.path.replace(":path}", "}"), method)
        for route in create_app(fake.context).routes
        if isinstance(route, Route) and route.path not in ABSENT
        for method in (route.methods or set()) - {"HEAD"}
    }
    paths = described.document["paths"]
    assert routes == {(path, method.upper()) for path, operations in paths.items() for method in operations}


def test_it_is_made_when_first_asked_for_and_only_once(fake: Served) -> None:
    documentation = Documentation(ENDPOINTS, fake.context)
    assert not {"document", "page"} & set(vars(documentation))
    assert documentation.document is documentation.document
    assert documentation.page is documentation.page


def test_every_field_of_every_request_is_explained(described: Described) -> None:
    schemas = described.document["components"]["schemas"]
    operations = [op for each in described.document["paths"].values() for op in each.values()]
    for operation in operations:
        assert [each["name"] for each in operation["parameters"] if not each["description"]] == []
    bodies = [op["requestBody"] for op in operations if "requestBody" in op]
    names = [body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2] for body in bodies]
    assert {"ChatRequest", "CompletionRequest", "EmbeddingRequest"} <= set(names)
    for name in [*names, "AliveOptions", "StreamOptions"]:
        unexplained = [field for field, shape in schemas[name]["properties"].items() if not shape.get("description")]
        assert unexplained == [], name


def test_requests_are_closed_and_answers_carry_every_field_that_has_a_default(described: Described) -> None:
    schemas = described.document["components"]["schemas"]
    assert schemas["ChatRequest"]["additionalProperties"] is False
    assert schemas["ChatRequest"]["required"] == ["messages", "model"]
    assert schemas["ChatRequest"]["properties"]["temperature"]["anyOf"][0] == {
        "type": "number",
        "minimum": 0.0,
        "maximum": 2.0,
    }
    assert schemas["ChatCompletion"]["required"] == ["id", "object", "created", "model", "choices", "usage"]


@pytest.mark.parametrize(("method", "path", "body"), GOOD)
async def test_a_real_answer_is_as_described(
    client: httpx.AsyncClient, described: Described, method: str, path: str, body: Json
) -> None:
    answer = await client.request(method, path, json=body)
    assert answer.status_code == 200, answer.text
    described.check(answer)
    if body and body.get("stream"):
        assert len(data_of(answer.text)) > 1


@pytest.mark.parametrize(("status", "method", "path", "body"), BAD)
async def test_a_real_error_is_as_described(
    client: httpx.AsyncClient, described: Described, status: int, method: str, path: str, body: Json
) -> None:
    answer = await client.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    described.check(answer)


async def test_a_body_over_the_limit_is_as_described(client: httpx.AsyncClient, described: Described) -> None:
    answer = await client.post("/v1/embeddings", content=b" " * (33 * 2**20))
    assert answer.status_code == 413
    described.check(answer)


async def test_a_server_that_ends_answers_as_described(
    fake: Served, client: httpx.AsyncClient, described: Described
) -> None:
    fake.context.drain()
    answer = await client.post(CHAT, json=say("hello"))
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    described.check(answer)
    assert (await client.get("/docs")).status_code == 200


@pytest.mark.parametrize("method_path_body", [(m, p, b) for m, p, b in GOOD if m == "POST"])
def test_what_works_is_a_request_as_described(described: Described, method_path_body: tuple[str, str, Json]) -> None:
    method, path, body = method_path_body
    if "extra" not in body:
        content = described.operation(method, path)["requestBody"]["content"]
        described.check_value(body, content["application/json"]["schema"])


async def test_every_example_works(client: httpx.AsyncClient, threaded: httpx.Client, described: Described) -> None:
    asked = []
    for path, operations in described.document["paths"].items():
        body = operations.get("post", {}).get("requestBody")
        examples = body["content"]["application/json"]["examples"] if body else {}
        assert examples or not body, path
        for name, example in examples.items():
            real = await asyncio.to_thread(real_path, described, threaded, ("POST", path))
            answer = await client.post(real, json=example["value"])
            assert answer.status_code == (503 if name == "away" else 200), answer.text
            described.check(answer)
            asked.append((path, name))
    assert (CHAT, "plain") in asked
    assert ("/v1/embeddings", "embed") in asked
    assert (RESPONSES, "plain") in asked
    assert ("/v1/rerank", "rerank") in asked


@pytest.mark.parametrize("of", STORED, ids=" ".join)
async def test_what_is_stored_answers_as_described_and_a_made_up_id_is_a_404(
    client: httpx.AsyncClient, threaded: httpx.Client, described: Described, of: tuple[str, str]
) -> None:
    method, path = of
    operation = described.operation(method, path)
    body = first_example(described, of) if "requestBody" in operation else None
    real = await asyncio.to_thread(real_path, described, threaded, of)
    names = re.findall(r"{(\w+)}", path)
    found = await client.request(method, real, json=body)
    missing = await client.request(method, path.format(**dict.fromkeys(names, "made_up")), json=body)
    assert found.status_code == (200 if "200" in operation["responses"] else 400)
    assert missing.status_code == 404
    described.check(found)
    described.check(missing)


@pytest.mark.parametrize("of", STORED, ids=" ".join)
def test_the_document_tells_where_the_ids_in_a_path_come_from(described: Described, of: tuple[str, str]) -> None:
    operation = described.operation(*of)
    ((_, link),) = described.links_to(operation["operationId"])
    assert set(link["parameters"]) == {each["name"] for each in operation["parameters"] if each["in"] == "path"}


async def test_what_a_query_may_ask_for_is_described_and_honoured(
    client: httpx.AsyncClient, threaded: httpx.Client, described: Described
) -> None:
    of = ("GET", f"{CONVERSATIONS}/{{conversation_id}}/items")
    asked = {each["name"]: each["schema"] for each in described.operation(*of)["parameters"] if each["in"] == "query"}
    assert asked["limit"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    assert asked["order"] == {"enum": ["asc", "desc"], "default": "desc"}
    assert asked["after"] == {"type": "string"}
    assert asked["include"]["type"] == "array"
    path = await asyncio.to_thread(real_path, described, threaded, of)
    for query in ({"limit": 1, "order": "asc"}, {"include": ["file_search_call.results"]}, {}):
        answer = await client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        described.check(answer)
    for wrong in ({"limit": 0}, {"order": "up"}, {"include": ["mood"]}, {"after": "made_up"}, {"mood": "good"}):
        answer = await client.get(path, params=wrong)
        assert (answer.status_code, answer.json()["error"]["param"].partition("[")[0]) == (400, *wrong)
        described.check(answer)


def test_a_fingerprint_is_announced_exactly_where_a_model_answers(described: Described) -> None:
    for endpoint in ENDPOINTS:
        answer = described.operation(endpoint.method, endpoint.public_path)["responses"].get("200", {"headers": {}})
        assert ("x-alive-fingerprint" in answer["headers"]) is (endpoint.task is not None)


def test_what_a_response_needs_is_described_as_it_is_refused(described: Described) -> None:
    schema = described.operation("POST", RESPONSES)["requestBody"]["content"]["application/json"]["schema"]
    outcomes = set()
    for given in itertools.product(*(choices for _, choices in WHOLE_REQUEST)):
        body = {name: value for (name, _), value in zip(WHOLE_REQUEST, given, strict=True) if value is not LEFT_OUT}
        text = json.dumps(body)
        is_described = passes(partial(described.check_value, body, schema))
        is_accepted = passes(partial(decode_with_items, text.encode(), ResponseRequest))
        assert is_described is is_accepted, text
        outcomes.add(is_accepted)
    assert outcomes == {True, False}


def passes(check: Callable[[], object]) -> bool:
    """Whether a check is passed."""
    try:
        check()
    except (ValidationError, InvalidRequest):
        return False
    return True


async def test_where_a_key_is_needed_the_document_says_how_and_needs_none(guarded: httpx.AsyncClient) -> None:
    described = Described((await guarded.get("/openapi.json")).json())
    assert list(OpenAPIV31SpecValidator(described.document).iter_errors()) == []
    refused = await guarded.post(CHAT, json=say("hello"))
    assert refused.status_code == 401
    described.check(refused)
    schemes = described.document["components"]["securitySchemes"]
    assert described.document["security"] == [{name: []} for name in schemes]
    assert described.operation("GET", "/health/live")["security"] == []
    for headers in ({"authorization": "Bearer secret"}, {schemes["key"]["name"]: "secret"}):
        assert (await guarded.post(CHAT, json=say("hello"), headers=headers)).status_code == 200


def test_where_no_key_is_needed_none_is_asked_for(described: Described) -> None:
    assert "security" not in described.document
    assert "401" not in described.operation("POST", CHAT)["responses"]


def test_every_resource_is_found_without_its_version_too(described: Described) -> None:
    resources = resources_of(each.path for each in ENDPOINTS)
    for path in described.document["paths"]:
        if path.startswith("/v1/"):
            assert canonical_path(path.removeprefix("/v1"), resources) == path
    for name in BESIDE:
        assert f"/{name}" in described.document["paths"]
        assert canonical_path(f"/v1/{name}", resources) == f"/{name}"


@pytest.mark.parametrize("of", VERSIONED, ids=" ".join)
async def test_an_address_without_its_version_gets_the_same_answer(
    client: httpx.AsyncClient, of: tuple[str, str]
) -> None:
    method, path = of
    meant, short = [await client.request(method, each) for each in (path, path.removeprefix("/v1"))]
    assert (short.status_code, sorted(short.json())) == (meant.status_code, sorted(meant.json()))


def test_refusals_send_people_to_addresses_that_exist(described: Described) -> None:
    assert set(TASK_PATHS.values()) <= set(described.document["paths"])


async def test_a_conversation_begins_without_any_body_as_described(
    client: httpx.AsyncClient, described: Described
) -> None:
    assert described.operation("POST", "/v1/conversations")["requestBody"]["required"] is False
    answer = await client.post("/v1/conversations")
    assert answer.status_code == 200
    described.check(answer)
