"""The document at `/openapi.json` is valid, whole, and true: what the server really answers is what it describes."""

import typing

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route

from alive_core.http.app import create_app
from alive_core.http.context import TASK_PATHS
from alive_core.http.documentation import Documentation
from alive_core.http.paths import canonical_path
from alive_core.http.routes import ENDPOINTS
from alive_core.testing.server import Served
from support.described import Described, data_of

Json = typing.Any  # a JSON document as `json` has it

CHAT = "/v1/chat/completions"
TOOL = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}


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
]


def test_it_is_a_valid_openapi_document(described: Described) -> None:
    assert list(OpenAPIV31SpecValidator(described.document).iter_errors()) == []


def test_every_route_is_described_and_everything_described_is_a_route(fake: Served, described: Described) -> None:
    routes = {
        (route.path.replace(":path}", "}"), method)
        for route in create_app(fake.context).routes
        if isinstance(route, Route)
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
    bodies = [
        op["requestBody"]
        for each in described.document["paths"].values()
        for op in each.values()
        if "requestBody" in op
    ]
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


async def test_every_example_works(client: httpx.AsyncClient, described: Described) -> None:
    asked = []
    for path, operations in described.document["paths"].items():
        body = operations.get("post", {}).get("requestBody")
        if body is not None:
            examples = body["content"]["application/json"]["examples"]
            for name, example in examples.items():
                answer = await client.post(path, json=example["value"])
                assert answer.status_code == (503 if name == "away" else 200), answer.text
                asked.append((path, name))
    assert (CHAT, "plain") in asked
    assert ("/v1/embeddings", "embed") in asked


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
    for path in described.document["paths"]:
        if path.startswith("/v1/"):
            assert canonical_path(path.removeprefix("/v1")) == path


def test_refusals_send_people_to_addresses_that_exist(described: Described) -> None:
    assert set(TASK_PATHS.values()) <= set(described.document["paths"])
