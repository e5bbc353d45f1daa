"""Tokens on the real models: counted as the answers count them, and never a way to bring an engine down."""

import httpx
import pytest
from openai import OpenAI

from support.servers import Server

TEXT = "What are you? Olá, tudo bem?"


def post(server: Server, path: str, **body: object) -> httpx.Response:
    return httpx.post(f"{server.url}{path}", json=body, timeout=30)


def test_the_chat_models_tokens_go_there_and_back(command_server: Server) -> None:
    cut = post(command_server, "/tokenize", model="chat", prompt=TEXT).json()
    assert cut["count"] == len(cut["tokens"]) > 0
    assert post(command_server, "/detokenize", model="chat", tokens=cut["tokens"]).json() == {"prompt": TEXT}


def test_tokens_are_counted_as_a_completion_counts_them(command_server: Server, command: OpenAI) -> None:
    cut = post(command_server, "/tokenize", model="chat", prompt=TEXT).json()
    answer = command.completions.create(model="chat", prompt=cut["tokens"], max_tokens=1)
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == cut["count"]


def test_the_embedding_models_tokens_go_there_and_back(providers_server: Server) -> None:
    cut = post(providers_server, "/tokenize", model="embed", prompt="the cat sat").json()
    assert cut["count"] == 3
    assert post(providers_server, "/detokenize", model="embed", tokens=cut["tokens"]).json() == {
        "prompt": "the cat sat"
    }


@pytest.mark.parametrize(("name", "model"), [("command_server", "chat"), ("providers_server", "embed")])
def test_a_token_that_does_not_exist_is_a_400_and_harms_nothing(
    request: pytest.FixtureRequest, name: str, model: str
) -> None:
    server: Server = request.getfixturevalue(name)
    post(server, "/tokenize", model=model, prompt="awake")
    engines = server.children()
    answer = post(server, "/detokenize", model=model, tokens=[2**31 - 1])
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "tokens"
    assert server.children() == engines
