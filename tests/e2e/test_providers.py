"""providers_server as its users meet it: the real server, the models it comes with, the official client."""

import base64
import math
import struct
from pathlib import Path

import httpx
import openai
import pytest
from openai import OpenAI

from support.servers import Server, running

HELLO = [{"role": "user", "content": "Hello!"}]
TEXTS = ["A cat sat on the mat.", "Um gato sentou no tapete.", "Quarterly revenue rose by nine percent."]


def test_vectors_have_the_promised_length_and_norm_one(providers: OpenAI) -> None:
    answer = providers.embeddings.create(model="embed", input=TEXTS)
    assert [item.index for item in answer.data] == [0, 1, 2]
    for item in answer.data:
        assert len(item.embedding) == 384
        assert math.isclose(sum(x * x for x in item.embedding), 1.0, abs_tol=1e-5)
    assert answer.model == "embed"
    assert answer.usage.prompt_tokens == answer.usage.total_tokens > 0


def test_base64_and_numbers_are_the_same_vectors(providers_server: Server) -> None:
    url = f"{providers_server.api}/embeddings"
    numbers = httpx.post(url, json={"model": "embed", "input": TEXTS[0], "encoding_format": "float"}).json()
    encoded = httpx.post(url, json={"model": "embed", "input": TEXTS[0], "encoding_format": "base64"}).json()
    unpacked = struct.unpack("<384f", base64.b64decode(encoded["data"][0]["embedding"]))
    assert unpacked == pytest.approx(numbers["data"][0]["embedding"], abs=1e-7)


def test_what_means_the_same_lies_closer(providers: OpenAI) -> None:
    texts = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    sun, sunny, stadium = (item.embedding for item in providers.embeddings.create(model="embed", input=texts).data)
    assert _dot(sun, sunny) > _dot(sun, stadium) + 0.2


def test_chat_is_listed_and_says_that_a_demo_stands_behind_it(providers_server: Server) -> None:
    models = {model["id"]: model["alive"] for model in httpx.get(f"{providers_server.api}/models").json()["data"]}
    assert set(models) == {"chat", "embed"}
    assert (models["chat"]["demo"], models["embed"]["demo"]) == (True, False)
    assert models["chat"]["state"] in {"idle", "loading", "ready"}
    assert models["chat"]["context_window"] == 2048
    support = models["chat"]["support"]
    assert support["tools"] == support["response_format"] == support["documents"] == "honoured"


def test_chat_answers_at_once_with_nothing_fetched(tmp_path: Path) -> None:
    home = tmp_path / "empty"
    with (
        running("providers_server", tmp_path, ALIVE_HOME=str(home)) as server,
        OpenAI(base_url=server.api, api_key="any", max_retries=0) as client,
    ):
        answer = client.chat.completions.create(model="chat", messages=HELLO, max_tokens=40, temperature=0)
    assert answer.choices[0].message.content
    assert not (home / "cache").exists()


def test_readiness_is_about_the_embeddings_and_not_about_the_demo(providers_server: Server) -> None:
    ready = httpx.get(f"{providers_server.url}/health/ready")
    assert (ready.status_code, ready.json()["profile"]) == (200, "embed")


def test_what_only_the_other_server_offers_is_not_to_be_had_here(providers: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="Available: chat, embed"):
        providers.chat.completions.create(model="code", messages=HELLO)


def test_embeddings_asked_for_at_the_wrong_address_are_told_the_right_one(providers: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="/v1/embeddings"):
        providers.chat.completions.create(model="embed", messages=HELLO)


def test_other_dimensions_are_refused_by_name(providers: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refusal:
        providers.embeddings.create(model="embed", input="a", dimensions=100)
    assert refusal.value.param == "dimensions"


def test_the_models_own_dimensions_are_honoured(providers: OpenAI) -> None:
    answer = providers.embeddings.create(model="embed", input="a", dimensions=384)
    assert len(answer.data[0].embedding) == 384


def _dot(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
