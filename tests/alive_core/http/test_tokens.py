"""`/tokenize` and `/detokenize`: a text as the model's tokens, and back."""

import httpx
import pytest


@pytest.mark.parametrize("prefix", ["", "/v1"])
async def test_a_text_and_its_tokens_are_each_others_way_back(client: httpx.AsyncClient, prefix: str) -> None:
    cut = (await client.post(f"{prefix}/tokenize", json={"model": "chat", "prompt": "Olá a b"})).json()
    assert cut["count"] == len(cut["tokens"]) == 3
    assert cut["max_model_len"] == 8192
    whole = await client.post(f"{prefix}/detokenize/", json={"model": "chat", "tokens": cut["tokens"]})
    assert whole.json() == {"prompt": "Olá a b"}


async def test_a_token_that_does_not_exist_is_refused_by_name(client: httpx.AsyncClient) -> None:
    answer = await client.post("/detokenize", json={"model": "chat", "tokens": [2**40]})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "tokens"


async def test_a_negative_token_is_refused_with_its_place(client: httpx.AsyncClient) -> None:
    answer = await client.post("/detokenize", json={"model": "chat", "tokens": [1, -1]})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "tokens[1]"
