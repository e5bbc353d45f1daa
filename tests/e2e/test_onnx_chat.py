"""Conversations with an ONNX model as clients meet them: a real server, random weights, the official client."""

import json
import threading
import time
from collections.abc import Iterator

import httpx
import jsonschema
import openai
import pytest
from openai import OpenAI

from support.random_chat_model import QWEN, SLOW, write_random_chat_model
from support.servers import Server, running

PROFILES = """
default = "chat"

[profiles.chat]
task = "chat"
description = "Talks with you."
promises = {{ context = 1024, tools = true, json_schema = true }}
targets = ["random"]

[profiles.slow]
task = "chat"
description = "Talks slowly."
promises = {{ context = 1024 }}
targets = ["slow"]

[targets.random]
adapter = "onnx-chat"
path = "{random}"
engine = "child"
parallel = 2

[targets.slow]
adapter = "onnx-chat"
path = "{slow}"
engine = "child"
parallel = 2
"""
HELLO = [{"role": "user", "content": "Hello!"}]
CITY = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "maxLength": 8},
        "days": {"type": "integer", "minimum": 1, "maximum": 9},
    },
    "required": ["city", "days"],
    "additionalProperties": False,
}
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": CITY, "strict": True}}
NOW = {
    "type": "function",
    "function": {"name": "now", "parameters": {"type": "object", "additionalProperties": False}},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("onnx-chat")
    random = write_random_chat_model(folder / "random", family=QWEN)
    slow = write_random_chat_model(folder / "slow", SLOW)
    profiles = folder / "profiles.toml"
    profiles.write_text(PROFILES.format(random=random, slow=slow))
    with running("providers_server", folder / "home", "--profiles", str(profiles)) as started:
        yield started


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[OpenAI]:
    with OpenAI(base_url=server.api, api_key="any", max_retries=0) as one:
        yield one


def test_an_answer_comes_whole(client: OpenAI) -> None:
    answer = client.chat.completions.create(model="chat", messages=HELLO, max_tokens=12, temperature=0)
    assert answer.choices[0].finish_reason == "length"
    assert answer.choices[0].message.content
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 12
    assert answer.system_fingerprint


def test_a_stream_says_the_same_as_the_whole(client: OpenAI) -> None:
    asked = {"model": "chat", "messages": HELLO, "max_tokens": 40, "temperature": 0.8, "seed": 4}
    whole = client.chat.completions.create(**asked)
    chunks = list(client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "weather"}}])
def test_a_call_that_is_asked_for_comes_and_keeps_its_schema(client: OpenAI, choice: object) -> None:
    answer = client.chat.completions.create(
        model="chat",
        messages=HELLO,
        tools=[WEATHER, NOW],
        tool_choice=choice,
        parallel_tool_calls=False,
        max_tokens=600,
        seed=2,
    )
    assert answer.choices[0].finish_reason == "tool_calls"
    (call,) = answer.choices[0].message.tool_calls or ()
    assert call.id
    jsonschema.validate(json.loads(call.function.arguments), CITY if call.function.name == "weather" else {})
    assert choice == "required" or call.function.name == "weather"


def test_a_schema_is_kept(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="chat",
        messages=HELLO,
        response_format={"type": "json_schema", "json_schema": {"name": "trip", "schema": CITY, "strict": True}},
        max_tokens=600,
        seed=2,
    )
    jsonschema.validate(json.loads(answer.choices[0].message.content or ""), CITY)


def test_what_does_not_fit_is_refused_with_both_numbers(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match=r"2048 tokens, the prompt has \d{4}") as refused:
        client.chat.completions.create(model="chat", messages=[{"role": "user", "content": "word " * 2000}])
    assert refused.value.code == "context_length_exceeded"


def test_log_probabilities_come_with_each_token(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="chat", messages=HELLO, max_tokens=5, temperature=0, logprobs=True, top_logprobs=2
    )
    assert answer.choices[0].logprobs is not None
    tokens = answer.choices[0].logprobs.content or []
    assert [len(token.top_logprobs) for token in tokens] == [2] * 5


def test_two_are_answered_at_once(client: OpenAI) -> None:
    begun = threading.Barrier(2, timeout=60)

    def ask(texts: list[str]) -> None:
        stream = client.chat.completions.create(
            model="slow", messages=HELLO, max_tokens=30, temperature=0, stream=True
        )
        chunks = iter(stream)
        while not (first := next(chunks)).choices[0].delta.content:
            pass
        begun.wait()  # passes only when both are in the middle of their answers
        texts.append((first.choices[0].delta.content or "") + "".join(_texts(chunks)))

    texts: list[str] = []
    asking = [threading.Thread(target=ask, args=(texts,)) for _ in range(2)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(texts) == 2
    assert texts[0] == texts[1]


def test_who_leaves_frees_the_engine(server: Server, client: OpenAI) -> None:
    body = {"model": "slow", "messages": HELLO, "temperature": 0, "stream": True}
    with httpx.stream("POST", f"{server.api}/chat/completions", json=body, timeout=60) as stream:
        next(line for line in stream.iter_lines() if '"content":"' in line)
    until = time.monotonic() + 10
    while _busy(server) and time.monotonic() < until:
        time.sleep(0.02)  # asks a server, as an operator would
    assert not _busy(server)


def test_the_models_list_tells_what_it_can(client: OpenAI) -> None:
    model = client.models.retrieve("chat").model_dump()
    table = model["alive"]["support"]
    assert table["tools"] == table["response_format"] == table["seed"] == table["logit_bias"] == "honoured"
    assert table["documents"] == "refused"


def _texts(chunks: Iterator[object]) -> Iterator[str]:
    for chunk in chunks:
        for choice in chunk.choices:
            yield choice.delta.content or ""


def _busy(server: Server) -> int:
    status = httpx.get(f"{server.url}/alive/status").json()
    return sum(model["leases"] for model in status["models"])
