"""Vectors through the official Python client, which asks for base64 by itself."""

import math

import pytest
from openai import AsyncOpenAI, OpenAI

from support.witness import Witness


def test_the_client_asks_for_base64_and_hands_on_numbers(providers: OpenAI, witness: Witness) -> None:
    answer = providers.embeddings.create(model="embed", input="A cat sat on the mat.")
    assert witness.last_request["encoding_format"] == "base64"
    (vector,) = [item.embedding for item in answer.data]
    assert len(vector) == 384
    assert math.isclose(math.fsum(number**2 for number in vector), 1.0, rel_tol=1e-4)


@pytest.mark.parametrize(("name", "length"), [("providers", 384), ("scripted", 8)])
def test_numbers_are_the_same_vectors(name: str, length: int, request: pytest.FixtureRequest) -> None:
    openai: OpenAI = request.getfixturevalue(name)
    texts = ["one", "two words", "one"]
    packed = openai.embeddings.create(model="embed", input=texts)
    plain = openai.embeddings.create(model="embed", input=texts, encoding_format="float")
    assert [item.index for item in plain.data] == [0, 1, 2]
    for one, other in zip(packed.data, plain.data, strict=True):
        assert len(other.embedding) == length
        assert one.embedding == pytest.approx(other.embedding, abs=1e-6)
    assert plain.data[0].embedding == pytest.approx(plain.data[2].embedding, abs=1e-6)
    assert packed.usage == plain.usage


async def test_the_asynchronous_client_gets_vectors_too(scripted_async: AsyncOpenAI) -> None:
    answer = await scripted_async.embeddings.create(model="embed", input=["/vector 0.5 -0.25"])
    assert answer.data[0].embedding == [0.5, -0.25]
