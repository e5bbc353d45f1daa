"""The promises about the contract, P1 to P11, each kept by real servers over real sockets."""

import asyncio
import base64
import json
import os
import re
import signal
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletionChunk

from alive_core.constants import COMMENT_INTERVAL_S
from alive_core.profiles.support import CHAT
from alive_core.shape.chat import ChatChunks
from alive_core.shape.shape import Head
from command_server.adapters.turn import TurnReader
from support.servers import Server, running

Json = Any  # a JSON document as `json` has it
PROMPTLY_S = 1.0  # for answers that take no work, on a busy machine
FEW_MS = 0.05  # for the median of answers from memory, likewise


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as client:
        yield client


def said(content: str) -> list[Json]:
    return [{"role": "user", "content": content}]


def chat(content: str = "Hello!", model: str = "chat", **more: Json) -> Json:
    return {"model": model, "messages": said(content), **more}


def refusal(answer: httpx.Response, status: int = 400) -> Json:
    """The error of an answer that must be one."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert len(error["message"].split()) >= 3, "a sentence, not a word"
    return error


def data_of(lines: Iterator[str]) -> list[str]:
    return [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]


def stream(http: httpx.Client, server: Server, body: Json) -> list[Json]:
    """The chunks of a stream that ends well."""
    with http.stream("POST", f"{server.api}/chat/completions", json=body | {"stream": True}) as answer:
        assert answer.status_code == 200, answer.read()
        data = data_of(answer.iter_lines())
    assert data[-1] == "[DONE]"
    return [json.loads(item) for item in data[:-1]]


# --- P1 -----------------------------------------------------------------------------------------------------------
DEFAULTS = {
    "audio": None,
    "frequency_penalty": 0,
    "function_call": None,
    "functions": None,
    "logit_bias": None,
    "logprobs": False,
    "max_completion_tokens": None,
    "max_tokens": None,
    "metadata": None,
    "modalities": ["text"],
    "n": 1,
    "parallel_tool_calls": True,
    "prediction": None,
    "presence_penalty": 0,
    "prompt_cache_key": None,
    "reasoning_effort": None,
    "response_format": {"type": "text"},
    "safety_identifier": None,
    "seed": None,
    "service_tier": "auto",
    "stop": None,
    "store": False,
    "stream": False,
    "stream_options": None,
    "temperature": 1,
    "tool_choice": None,
    "tools": None,
    "top_logprobs": None,
    "top_p": 1,
    "user": None,
    "verbosity": "medium",
    "web_search_options": None,
}


@pytest.mark.parametrize("model", ["chat", "plain"])
def test_p1_every_value_equal_to_the_documented_default_is_honoured(
    http: httpx.Client, scripted_server: Server, model: str
) -> None:
    whole = http.post(f"{scripted_server.api}/chat/completions", json=chat(model=model) | DEFAULTS)
    assert whole.status_code == 200, whole.text
    assert "x-alive-ignored" not in whole.headers


def test_p1_every_field_is_honoured_or_refused_by_name_as_the_support_table_says(
    http: httpx.Client, scripted_server: Server
) -> None:
    values: dict[str, Json] = {
        "frequency_penalty": 0.5,
        "logit_bias": {"5": 1},
        "logprobs": True,
        "max_completion_tokens": 5,
        "max_tokens": 5,
        "n": 2,
        "presence_penalty": 0.5,
        "reasoning_effort": "high",
        "response_format": {"type": "json_object"},
        "seed": 3,
        "service_tier": "flex",
        "stop": "x",
        "temperature": 0.5,
        "top_p": 0.5,
        "verbosity": "high",
        "web_search_options": {},
    }
    for model in ("chat", "plain"):
        table = http.get(f"{scripted_server.api}/models/{model}").json()["alive"]["support"]
        assert set(table) == set(CHAT.request.__struct_fields__)
        for name, value in values.items():
            body = chat("{}", model=model) | {name: value}
            answer = http.post(f"{scripted_server.api}/chat/completions", json=body)
            if table[name] == "refused":
                error = refusal(answer)
                assert (error["param"], error["code"]) == (name, "unsupported_parameter")
            else:
                assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("chat/completions", chat()),
        ("completions", {"model": "complete", "prompt": "a"}),
        ("embeddings", {"model": "embed", "input": "a"}),
        ("responses", {"model": "chat", "input": "a", "store": False}),
    ],
)
def test_p1_an_unknown_field_is_refused_by_name_unless_the_client_is_lenient(
    http: httpx.Client, scripted_server: Server, path: str, body: Json
) -> None:
    url = f"{scripted_server.api}/{path}"
    error = refusal(http.post(url, json=body | {"mystery": 1}))
    assert (error["param"], error["code"]) == ("mystery", "unknown_parameter")
    for extra, headers in (({"alive": {"lenient": True}}, {}), ({}, {"x-alive-lenient": "1"})):
        answer = http.post(url, json=body | {"mystery": 1} | extra, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["x-alive-ignored"] == "mystery"


# --- P2 -----------------------------------------------------------------------------------------------------------
SCHEMAS: dict[str, Json] = {
    "enum": {"enum": ["red", "green"]},
    "const": {"const": "always"},
    "anyOf": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
    "tuple": {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 3},
    "bounds": {"type": "integer", "minimum": 3, "maximum": 17},
    "$ref": {
        "$ref": "#/$defs/leaf",
        "$defs": {
            "leaf": {
                "type": "object",
                "properties": {"v": {"type": "boolean"}},
                "required": ["v"],
                "additionalProperties": False,
            }
        },
    },
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_p2_a_json_schema_is_enforced_while_decoding(http: httpx.Client, command_server: Server, name: str) -> None:
    schema = {
        "type": "object",
        "properties": {"value": {k: v for k, v in SCHEMAS[name].items() if k != "$defs"}},
        "required": ["value"],
        "additionalProperties": False,
        "$defs": SCHEMAS[name].get("$defs", {}),
    }
    for tries, temperature in enumerate((0, 1.5)):
        answer = http.post(
            f"{command_server.api}/chat/completions",
            json=chat(
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "schema": schema, "strict": True},
                },
                temperature=temperature,
                seed=tries,
                max_tokens=200,
            ),
        )
        assert answer.status_code == 200, answer.text
        (choice,) = answer.json()["choices"]
        assert choice["finish_reason"] == "stop"
        jsonschema.validate(json.loads(choice["message"]["content"]), schema)


def test_p2_what_cannot_be_enforced_is_refused(http: httpx.Client, command_server: Server) -> None:
    for schema in (
        {"type": "object", "properties": {"a": {"$ref": "https://example.org/elsewhere.json"}}},
        {"type": "string", "pattern": "(?<=a)b\\1"},
        {"type": "no such type"},
    ):
        body = chat(response_format={"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}})
        began = time.monotonic()
        error = refusal(http.post(f"{command_server.api}/chat/completions", json=body))
        assert time.monotonic() - began < PROMPTLY_S
        assert error["param"].startswith("response_format")


def test_p2_a_strict_tools_arguments_satisfy_its_schema(http: httpx.Client, command_server: Server) -> None:
    schema = {
        "type": "object",
        "properties": {"to": {"enum": ["north", "south"]}, "steps": {"type": "integer", "minimum": 1, "maximum": 9}},
        "required": ["to", "steps"],
        "additionalProperties": False,
    }
    tool = {"type": "function", "function": {"name": "walk", "parameters": schema, "strict": True}}
    for seed in range(3):
        body = chat("Walk!", tools=[tool], tool_choice="required", temperature=1.5, seed=seed, max_tokens=200)
        (choice,) = http.post(f"{command_server.api}/chat/completions", json=body).json()["choices"]
        assert choice["finish_reason"] == "tool_calls"
        for call in choice["message"]["tool_calls"]:
            jsonschema.validate(json.loads(call["function"]["arguments"]), schema)


def test_p2_a_result_that_breaks_its_schema_in_spite_of_everything_is_an_error_and_never_an_answer(
    http: httpx.Client, scripted_server: Server
) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema, "strict": True}}
    tool = {"type": "function", "function": {"name": "look", "parameters": schema, "strict": True}}
    text = {"format": {"type": "json_schema", "name": "x", "schema": schema}}
    for path, body in (
        ("chat/completions", chat('{"a": "one"}', response_format=wanted)),
        ("chat/completions", chat('/call look {"b": 1}', tools=[tool])),
        ("responses", {"model": "chat", "input": '{"a": "one"}', "text": text}),
    ):
        url = f"{scripted_server.api}/{path}"
        error = refusal(http.post(url, json=body), 502)
        assert (error["type"], error["code"]) == ("server_error", "invalid_answer")
        with http.stream("POST", url, json=body | {"stream": True}) as answer:
            data = data_of(answer.iter_lines())
        assert "[DONE]" not in data
        assert all('"finish_reason":"' not in item and "response.completed" not in item for item in data)
        assert "invalid_answer" in "".join(data[-2:])
    cut = http.post(
        f"{scripted_server.api}/chat/completions", json=chat('{"a": 1', response_format=wanted, max_tokens=1)
    )
    assert cut.json()["choices"][0]["finish_reason"] == "length"


# --- P3 -----------------------------------------------------------------------------------------------------------
def _tool(name: str) -> Json:
    parameters = {
        "type": "object",
        "properties": {"at": {"enum": ["left", "right"]}},
        "required": ["at"],
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


TOOLS = [_tool("look"), _tool("go")]
NAMED = {"type": "function", "function": {"name": "go"}}
ALLOWED = {
    "type": "allowed_tools",
    "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "look"}}]},
}


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    ("choice", "names"),
    [("none", set()), ("required", {"look", "go"}), (NAMED, {"go"}), (ALLOWED, {"look"})],
    ids=["none", "required", "named", "allowed_tools"],
)
def test_p3_tool_choice_does_what_it_says(
    http: httpx.Client, command_server: Server, choice: Json, names: set[str], is_stream: bool
) -> None:
    body = chat("Look left!", tools=TOOLS, tool_choice=choice, temperature=0, max_tokens=120)
    called, reason = _calls(http, command_server, body, is_stream=is_stream)
    assert (reason == "tool_calls") == bool(names)
    assert bool(called) == bool(names)
    assert set(called) <= names


def test_p3_without_parallel_tool_calls_there_is_one_call(http: httpx.Client, command_server: Server) -> None:
    for seed in range(3):
        body = chat("Look left and right!", tools=TOOLS, tool_choice="required", parallel_tool_calls=False)
        body |= {"temperature": 1.5, "seed": seed, "max_tokens": 120}
        called, _ = _calls(http, command_server, body, is_stream=False)
        assert len(called) == 1


def test_p3_auto_hands_on_what_the_model_says(http: httpx.Client, command_server: Server) -> None:
    body = chat("Hello!", tools=TOOLS, tool_choice="auto", temperature=0, max_tokens=120)
    answer = http.post(f"{command_server.api}/chat/completions", json=body)
    assert answer.status_code == 200
    message = answer.json()["choices"][0]["message"]
    assert message["content"] or message["tool_calls"]


def _calls(http: httpx.Client, server: Server, body: Json, *, is_stream: bool) -> tuple[list[str], str]:
    """The names of the functions called, and why the answer ended."""
    if is_stream:
        choices = [chunk["choices"][0] for chunk in stream(http, server, body)]
        calls = [call for choice in choices for call in choice["delta"].get("tool_calls", [])]
        names = [call["function"]["name"] for call in calls if "id" in call]
        return names, choices[-1]["finish_reason"]
    answer = http.post(f"{server.api}/chat/completions", json=body)
    assert answer.status_code == 200, answer.text
    (choice,) = answer.json()["choices"]
    return [call["function"]["name"] for call in choice["message"].get("tool_calls", [])], choice["finish_reason"]


# --- P4 -----------------------------------------------------------------------------------------------------------
ARGUMENTS = st.dictionaries(
    st.text(max_size=4), st.text(max_size=6) | st.integers() | st.lists(st.booleans(), max_size=2), max_size=3
)
CALLS = st.lists(st.tuples(st.sampled_from(["look", "go"]), ARGUMENTS), min_size=1, max_size=3)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(calls=CALLS, data=st.data())
def test_p4_tool_calls_are_the_same_however_the_text_is_cut(
    calls: list[tuple[str, dict[str, Json]]], data: st.DataObject
) -> None:
    """What a model writes, cut anywhere, read by the engine's reader, put on the wire, and gathered by the client."""
    written = json.dumps(
        [{"tool_call_id": str(n), "tool_name": name, "parameters": args} for n, (name, args) in enumerate(calls)],
        ensure_ascii=False,
    )
    text = f"<|START_ACTION|>{written}<|END_ACTION|>"
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1), max_size=len(text) - 1)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    message = _gathered(pieces)
    assert [(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or []] == calls
    ids = [call.id for call in message.tool_calls or []]
    assert all(ids)
    assert len(set(ids)) == len(ids)


def test_p4_every_cut_in_two_gives_the_same_calls() -> None:
    text = '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "look", "parameters": {"at": "ö\\n"}}]<|END_ACTION|>'
    for cut in range(len(text)):
        (call,) = _gathered([text[:cut], text[cut:]]).tool_calls or []
        assert (call.function.name, json.loads(call.function.arguments)) == ("look", {"at": "ö\n"})


def _gathered(pieces: list[str]) -> Any:
    """The message that the official client's accumulator makes of the stream."""
    reader, shape = TurnReader(), ChatChunks(Head("chatcmpl-1", 1, "chat"), include_usage=False)
    events = [event for piece in pieces for event in reader.feed(piece)] + reader.finish("stop")
    state: ChatCompletionStreamState[None] = ChatCompletionStreamState()
    seen: list[int] = []
    for event in events:
        for chunk in shape.of(event):
            raw = json.loads(_encode(chunk))
            for call in raw["choices"][0]["delta"].get("tool_calls", []):
                if call["index"] not in seen:  # the first piece of a call, and no other, says who it is
                    assert call["id"]
                    assert call["type"] == "function"
                    assert call["function"]["name"]
                    seen.append(call["index"])
                else:
                    assert not {"id", "type"} & set(call)
            state.handle_chunk(ChatCompletionChunk.model_validate(raw))
    assert seen == list(range(len(seen)))
    return state.get_final_completion().choices[0].message


def _encode(chunk: object) -> bytes:
    from alive_core.schemas.common import encode

    return encode(chunk)


# --- P5 -----------------------------------------------------------------------------------------------------------
def test_p5_a_prompt_is_never_cut(
    http: httpx.Client, command_server: Server, scripted_server: Server, providers_server: Server
) -> None:
    cases = [
        (command_server, "chat", "chat/completions", chat("word " * 9000)),
        (scripted_server, "narrow", "chat/completions", chat("word " * 17, model="narrow")),
        (scripted_server, "narrow", "chat/completions", chat("a b", model="narrow", max_tokens=15)),
        (providers_server, "embed", "embeddings", {"model": "embed", "input": ["short", "word " * 300]}),
    ]
    for server, model, path, body in cases:
        window = http.get(f"{server.api}/models/{model}").json()["alive"]["context_window"]
        began = time.monotonic()
        error = refusal(http.post(f"{server.api}/{path}", json=body))
        assert error["code"] == "context_length_exceeded"
        numbers = [int(number) for number in re.findall(r"\d+", error["message"])]
        assert window in numbers
        assert any(number > window for number in numbers)
        assert time.monotonic() - began < 5 * PROMPTLY_S  # the command server may still be loading its model


# --- P6 -----------------------------------------------------------------------------------------------------------
def test_p6_usage_is_exact_and_comes_only_when_asked_exactly_once(
    http: httpx.Client, command_server: Server, scripted_server: Server
) -> None:
    for server in (command_server, scripted_server):
        body = chat("Hello! How are you today?", temperature=0, max_tokens=6)
        whole = http.post(f"{server.api}/chat/completions", json=body).json()["usage"]
        unasked = stream(http, server, body)
        assert all("usage" not in chunk for chunk in unasked)
        asked = stream(http, server, body | {"stream_options": {"include_usage": True}})
        *before, last = asked
        assert all(chunk["usage"] is None for chunk in before)
        assert last["choices"] == []
        assert last["usage"]["completion_tokens"] == whole["completion_tokens"] <= 6
        assert last["usage"]["prompt_tokens"] == whole["prompt_tokens"]
        assert last["usage"]["total_tokens"] == whole["prompt_tokens"] + whole["completion_tokens"]
    words = http.post(f"{scripted_server.api}/chat/completions", json=chat("four words are here", n=3)).json()[
        "usage"
    ]
    assert (words["prompt_tokens"], words["completion_tokens"]) == (4, 12)


def test_p6_cached_tokens_are_reported(http: httpx.Client, command_server: Server) -> None:
    body = chat("Tell me about the sea, the sky and the land between them.", temperature=0, max_tokens=3)
    usages = [http.post(f"{command_server.api}/chat/completions", json=body).json()["usage"] for _ in range(2)]
    assert usages[0]["prompt_tokens"] == usages[1]["prompt_tokens"]
    assert 0 < usages[1]["prompt_tokens_details"]["cached_tokens"] < usages[1]["prompt_tokens"]


# --- P7 -----------------------------------------------------------------------------------------------------------
def test_p7_every_error_has_the_api_s_shape(http: httpx.Client, command_server: Server) -> None:
    url, api = command_server.url, command_server.api
    json_type = {"content-type": "application/json"}
    cases = [
        (http.get(f"{url}/nothing/here"), 404),
        (http.get(f"{api}/chat/completions"), 405),
        (http.delete(f"{api}/models"), 405),
        (http.put(f"{api}/embeddings", json={}), 405),
        (http.get(f"{api}/models/nobody"), 404),
        (http.post(f"{api}/chat/completions", content=b"", headers=json_type), 400),
        (http.post(f"{api}/chat/completions", content=b"[1, 2", headers=json_type), 400),
        (http.post(f"{api}/chat/completions", content=b"\xff\xfe{}", headers=json_type), 400),
        (http.post(f"{api}/chat/completions", content=b"[" * 100_000, headers=json_type), 400),
        (http.post(f"{api}/chat/completions", json=[]), 400),
        (http.post(f"{api}/chat/completions", json=chat(model="nobody")), 404),
        (http.post(f"{api}/chat/completions", json=chat(temperature=9)), 400),
        (http.post(f"{api}/embeddings", json={"model": "chat", "input": "a"}), 400),
        (http.post(f"{api}/chat/completions", json=chat(model="code")), 503),
    ]
    for answer, status in cases:
        error = refusal(answer, status)
        assert error["type"] in {"invalid_request_error", "server_error"}
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-request-id"]
        assert "Traceback" not in answer.text


def test_p7_what_is_no_http_gets_no_silence(command_server: Server) -> None:
    with socket.create_connection(("127.0.0.1", command_server.port), timeout=5) as connection:
        connection.sendall(b"GARBAGE\r\n\r\n")
        assert connection.recv(64).startswith((b"HTTP/1.1 400", b""))


# --- P8 -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("direction", ["/exit 3", f"/kill {signal.SIGKILL:d}", f"/kill {signal.SIGSEGV:d}"])
def test_p8_a_stream_whose_engine_dies_ends_with_a_typed_error_at_once(
    http: httpx.Client, tmp_path: Path, direction: str
) -> None:
    with running("alive_core.testing.scripted_server", tmp_path) as server:
        body = chat(f"half an answer\n{direction}", model="crash", stream=True)
        began = time.monotonic()
        with http.stream("POST", f"{server.api}/chat/completions", json=body) as answer:
            data = data_of(answer.iter_lines())
        assert time.monotonic() - began < 3 * PROMPTLY_S
        last = json.loads(data[-1])
        assert (last["error"]["type"], last["error"]["code"]) == ("server_error", "engine_crashed")
        usage = last["usage"]
        assert (usage["completion_tokens"], usage["total_tokens"]) == (3, usage["prompt_tokens"] + 3)
        assert all('"finish_reason":"' not in item for item in data)
        assert http.post(f"{server.api}/chat/completions", json=chat("next", model="crash")).is_success


def test_p8_a_broken_stream_tells_its_usage_so_far_on_every_resource(
    http: httpx.Client, scripted_server: Server
) -> None:
    script = 'one two\n/fail {"kind": "engine_crashed"}'
    messages = chat(script, stream=True)
    for path, body in (
        ("chat/completions", messages),
        ("completions", {"model": "complete", "prompt": script, "stream": True}),
        ("responses", {"model": "chat", "input": script, "stream": True, "store": False}),
    ):
        with http.stream("POST", f"{scripted_server.api}/{path}", json=body) as answer:
            last = json.loads(data_of(answer.iter_lines())[-1])
        usage = last["response"]["usage"] if path == "responses" else last["usage"]
        written = usage["output_tokens" if path == "responses" else "completion_tokens"]
        assert (written, usage["total_tokens"]) == (2, 7), path


def test_p8_a_stream_whose_server_is_killed_is_visibly_unfinished(http: httpx.Client, tmp_path: Path) -> None:
    with running("alive_core.testing.scripted_server", tmp_path) as server:
        body = chat("half an answer\n/wait", stream=True)
        with http.stream("POST", f"{server.api}/chat/completions", json=body) as answer:
            lines = answer.iter_lines()
            seen = [next(lines) for _ in range(6)]
            began = time.monotonic()
            os.kill(server.process.pid, signal.SIGKILL)
            with pytest.raises(httpx.RemoteProtocolError):
                seen.extend(lines)
    assert time.monotonic() - began < PROMPTLY_S
    assert not any("[DONE]" in line or '"finish_reason":"' in line for line in seen)


# --- P9 -----------------------------------------------------------------------------------------------------------
async def test_p9_no_stream_is_silent_for_more_than_ten_seconds(scripted_server: Server) -> None:
    """Loading, working without a word, in a queue, and reading a long prompt, all at once to save time."""
    async with httpx.AsyncClient(base_url=scripted_server.api, timeout=60) as http:
        asked = {
            "loading": chat("at last", model="slow-load"),
            "silent": chat("/sleep 11\nat last", model="chat"),
            "in the middle": chat("first\n/sleep 11\nat last", model="chat"),
            "first in the queue": chat("/sleep 10.5\nat last", model="queue"),
            "second in the queue": chat("at last", model="queue"),
        }
        silences = await asyncio.gather(*(_longest_silence(http, body) for body in asked.values()))
    for (longest, comments), name in zip(silences, asked, strict=True):
        assert comments, f"{name}: no comment came"
        assert longest < COMMENT_INTERVAL_S + 0.5, name


async def _longest_silence(http: httpx.AsyncClient, body: Json) -> tuple[float, list[str]]:
    """The longest time without a line, and the comments that came."""
    longest, comments, last = 0.0, [], time.monotonic()
    async with http.stream("POST", "/chat/completions", json=body | {"stream": True}) as answer:
        async for line in answer.aiter_lines():
            now = time.monotonic()
            longest, last = max(longest, now - last), now
            if line.startswith(":"):
                comments.append(line)
    return longest, comments


# --- P10 ----------------------------------------------------------------------------------------------------------
def test_p10_embeddings_take_every_form_of_input_and_give_both_forms_of_output(
    http: httpx.Client, providers_server: Server, scripted_server: Server
) -> None:
    for server, dimensions in ((providers_server, 384), (scripted_server, 8)):
        for sent, count in (("one", 1), (["one", "two"], 2), ([2023, 3899], 1), ([[2023], [3899, 102]], 2)):
            forms = {}
            for form in (None, "float", "base64"):
                body = {"model": "embed", "input": sent} | ({"encoding_format": form} if form else {})
                answer = http.post(f"{server.api}/embeddings", json=body)
                assert answer.status_code == 200, answer.text
                forms[form] = [item["embedding"] for item in answer.json()["data"]]
                assert len(forms[form]) == count
            assert all(isinstance(vector, list) and len(vector) == dimensions for vector in forms["float"])
            for packed, plain, unsaid in zip(forms["base64"], forms["float"], forms[None], strict=True):
                unpacked = struct.unpack(f"<{dimensions}f", base64.b64decode(packed))
                assert unpacked == pytest.approx(plain, abs=1e-6)
                assert unsaid == pytest.approx(plain, abs=1e-6)


# --- P11 ----------------------------------------------------------------------------------------------------------
async def test_p11_models_answer_from_memory_whatever_is_loading_or_down(scripted_server: Server) -> None:
    async with httpx.AsyncClient(base_url=scripted_server.api, timeout=20) as http:
        loading = asyncio.ensure_future(http.post("/chat/completions", json=chat("a", model="slow-load")))
        down = await http.post("/chat/completions", json=chat("a", model="bad-load"))
        assert down.status_code == 503
        took = []
        for _ in range(21):
            began = time.perf_counter()
            models = (await http.get("/models")).json()["data"]
            took.append(time.perf_counter() - began)
        loading.cancel()
    states = {model["id"]: model["alive"]["state"] for model in models}
    assert states["slow-load"] in {"loading", "ready"}
    assert states["bad-load"] == "cooling_down"
    assert states["missing"] == "unavailable"
    assert sorted(took)[len(took) // 2] < FEW_MS


@pytest.mark.parametrize("base", ["/v1", "/v1/", "", "/", "/v1/v1"])
def test_p11_every_base_address_works(http: httpx.Client, scripted_server: Server, base: str) -> None:
    """Clients put `/models` behind the base address as it was typed, with or without its last slash."""
    for url in (f"{scripted_server.url}{base}/models", f"{scripted_server.url}{base}/models/"):
        assert http.get(url).json()["object"] == "list", url
    sent = {
        "chat/completions": chat(),
        "completions": {"model": "complete", "prompt": "a"},
        "embeddings": {"model": "embed", "input": "a"},
        "rerank": {"model": "rerank", "query": "a", "documents": ["a"]},
        "classify": {"model": "classify", "input": "a"},
        "responses": {"model": "chat", "input": "a", "store": False},
    }
    for path, body in sent.items():
        answer = http.post(f"{scripted_server.url}{base}/{path}", json=body)
        assert answer.status_code == 200, f"{path}: {answer.text}"
