"""Who asks for leniency gets an answer, and hears what was left out; who does not is refused by name."""

from typing import Any

import httpx
import pytest

CHAT = "/v1/chat/completions"
LENIENT = {"x-alive-lenient": "1"}


def ask(**more: Any) -> dict[str, Any]:
    return {"model": "plain", "messages": [{"role": "user", "content": "hello"}], **more}


async def test_an_unknown_field_is_refused_by_name(client: httpx.AsyncClient) -> None:
    body = ask()
    body["messages"][0]["mood"] = "happy"
    answer = await client.post(CHAT, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "messages[0].mood"
    assert answer.json()["error"]["code"] == "unknown_parameter"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (ask(), LENIENT),
        (ask(alive={"lenient": True}), {}),
        (ask(model="forgiving"), {}),
        (ask(stream=True), LENIENT),
    ],
)
async def test_each_way_to_ask_leaves_out_the_unknown_and_what_cannot_be_honoured(
    client: httpx.AsyncClient, body: dict[str, Any], headers: dict[str, str]
) -> None:
    changed = body | {"mystery": {"a": [1]}, "temperature": 0.5, "top_p": 1}
    answer = await client.post(CHAT, json=changed, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-alive-ignored"] == "mystery,temperature"


@pytest.mark.parametrize("headers", [{}, {"x-alive-lenient": "0"}, {"x-alive-lenient": ""}])
async def test_who_does_not_ask_is_refused(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    for extra, code in (({"mystery": 1}, "unknown_parameter"), ({"temperature": 0.5}, "unsupported_parameter")):
        answer = await client.post(CHAT, json=ask(alive={"lenient": False}) | extra, headers=headers)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == code
        assert answer.json()["error"]["param"] in extra


async def test_nothing_left_out_means_no_header_and_no_trace_in_the_next_answer(client: httpx.AsyncClient) -> None:
    first = await client.post(CHAT, json=ask(mystery=1), headers=LENIENT)
    second = await client.post(CHAT, json=ask(), headers=LENIENT)
    assert "x-alive-ignored" in first.headers
    assert "x-alive-ignored" not in second.headers


async def test_what_is_wrong_is_refused_all_the_same(client: httpx.AsyncClient) -> None:
    for body in (ask(n=0, mystery=1), ask(messages=[], mystery=1), ask(model="nobody", mystery=1), ["mystery"]):
        answer = await client.post(CHAT, json=body, headers=LENIENT)
        assert 400 <= answer.status_code < 500
        assert answer.json()["error"]["code"] not in {"unknown_parameter", "unsupported_parameter"}


async def test_the_end_of_a_body_that_is_no_json_is_refused_as_such(client: httpx.AsyncClient) -> None:
    answer = await client.post(CHAT, content=b'{"mystery": 1, "model": ', headers=LENIENT)
    assert answer.status_code == 400
    assert "not valid JSON" in answer.json()["error"]["message"]


async def test_any_name_is_a_safe_header(client: httpx.AsyncClient) -> None:
    body = ask() | {"a,b": 1, "x\r\nset-cookie: y": 2, "漢": 3, "": 4}
    answer = await client.post(CHAT, json=body, headers=LENIENT)
    assert answer.status_code == 200
    assert answer.headers["x-alive-ignored"] == "a%2Cb,x%0D%0Aset-cookie%3A%20y,%E6%BC%A2,"
    assert "set-cookie" not in answer.headers


async def test_what_nothing_is_left_without_is_refused_by_name_not_ignored(client: httpx.AsyncClient) -> None:
    body = {"model": "chat", "prompt": {"id": "pmpt_1"}}
    answer = await client.post("/v1/responses", json=body, headers=LENIENT)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "prompt")
    assert "cannot be ignored" in answer.json()["error"]["message"]
    heard = await client.post("/v1/responses", json=body | {"input": "hello"}, headers=LENIENT)
    assert (heard.status_code, heard.headers["x-alive-ignored"]) == (200, "prompt")


@pytest.mark.parametrize(
    ("path", "body", "ignored"),
    [
        (
            "/v1/rerank",
            {"model": "rerank", "query": "a", "documents": [{"text": "b", "page": 1}], "max_tokens_per_doc": 5},
            "documents[0].page,mystery,max_tokens_per_doc",
        ),
        ("/v1/classify", {"model": "classify", "input": "a", "labels": ["b"]}, "mystery"),
        ("/tokenize", {"model": "chat", "prompt": "a"}, "mystery"),
        ("/detokenize", {"model": "chat", "tokens": [97]}, "mystery"),
        ("/v1/responses", {"model": "plain", "input": "a", "temperature": 0.5}, "mystery,temperature"),
        ("/v1/conversations", {"metadata": {"a": "b"}}, "mystery"),
        ("/v1/conversations", {"items": [{"role": "user", "content": "a", "mood": 1}]}, "items[0].mood,mystery"),
    ],
)
async def test_the_other_resources_forgive_and_refuse_alike(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], ignored: str
) -> None:
    sent = body | {"mystery": 1}
    refused = await client.post(path, json=sent)
    forgiven = await client.post(path, json=sent, headers=LENIENT)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "unknown_parameter")
    assert (forgiven.status_code, forgiven.headers.get("x-alive-ignored")) == (200, ignored), forgiven.text


async def test_what_changes_a_conversation_forgives_too(client: httpx.AsyncClient) -> None:
    made = (await client.post("/v1/conversations", json={})).json()["id"]
    for path, body in (("", {"metadata": None}), ("/items", {"items": [{"role": "user", "content": "a"}]})):
        sent = body | {"mystery": 1}
        refused = await client.post(f"/v1/conversations/{made}{path}", json=sent)
        forgiven = await client.post(f"/v1/conversations/{made}{path}", json=sent, headers=LENIENT)
        assert (refused.status_code, refused.json()["error"]["param"]) == (400, "mystery")
        assert (forgiven.status_code, forgiven.headers["x-alive-ignored"]) == (200, "mystery")


async def test_our_own_options_are_honoured_not_ignored(client: httpx.AsyncClient) -> None:
    options = {"lenient": True, "load": "load", "max_wait_s": 10.5}
    answer = await client.post(CHAT, json=ask(alive=options))
    assert answer.status_code == 200
    assert "x-alive-ignored" not in answer.headers


async def test_dimensions_that_are_the_models_own_are_honoured_not_ignored(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/v1/embeddings", json={"model": "embed", "input": "a", "dimensions": 3}, headers=LENIENT
    )
    assert answer.status_code == 200
    assert "x-alive-ignored" not in answer.headers
