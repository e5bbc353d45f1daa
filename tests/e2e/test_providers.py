"""providers_server as its users meet it: the real server, the real embedding model, the official client."""

import base64
import math
import struct

import httpx
import openai
import pytest
from openai import OpenAI

from support.servers import Server

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


def test_a_chat_profile_is_not_to_be_had_here(providers: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="Available: embed"):
        providers.chat.completions.create(model="chat", messages=[{"role": "user", "content": "Hi"}])


def test_embeddings_asked_for_at_the_wrong_address_are_told_the_right_one(providers: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="/v1/embeddings"):
        providers.chat.completions.create(model="embed", messages=[{"role": "user", "content": "Hi"}])


def test_other_dimensions_are_refused_by_name(providers: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refusal:
        providers.embeddings.create(model="embed", input="a", dimensions=100)
    assert refusal.value.param == "dimensions"


def test_the_models_own_dimensions_are_honoured(providers: OpenAI) -> None:
    answer = providers.embeddings.create(model="embed", input="a", dimensions=384)
    assert len(answer.data[0].embedding) == 384


def _dot(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
