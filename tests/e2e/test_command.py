"""command_server as its users meet it: the real server, the demo model, the official client."""

import httpx
import openai
import pytest
from openai import OpenAI

from support.servers import Server

GREETING = [{"role": "user", "content": "Hello!"}]
SERVED_BY_DEMO = {"chat"}


def test_a_plain_chat_answers_and_ends_its_turn(command: OpenAI) -> None:
    answer = command.chat.completions.create(model="chat", messages=GREETING, temperature=0)
    choice = answer.choices[0]
    assert choice.finish_reason == "stop"
    assert choice.message.content
    assert "<|" not in choice.message.content
    assert answer.model == "chat"
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_stream_is_the_plain_answer_in_pieces(command: OpenAI) -> None:
    whole = command.chat.completions.create(model="chat", messages=GREETING, temperature=0)
    stream = command.chat.completions.create(
        model="chat", messages=GREETING, temperature=0, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert chunks[0].choices[0].delta.role == "assistant"
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert whole.usage is not None
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens


def test_the_demo_says_what_it_is(command: OpenAI) -> None:
    question = [{"role": "user", "content": "What are you?"}]
    answer = command.chat.completions.create(model="chat", messages=question, temperature=0)
    assert "demo" in (answer.choices[0].message.content or "").lower()


def test_models_say_plainly_what_serves_and_what_does_not(command: OpenAI, command_server: Server) -> None:
    names = {model.id for model in command.models.list()}
    assert names == {"chat", "code", "agent", "grounded-answer", "summarize", "translate"}
    for model in httpx.get(f"{command_server.api}/models").json()["data"]:
        alive = model["alive"]
        assert alive["description"]
        if model["id"] in SERVED_BY_DEMO:
            assert alive["demo"]
            assert alive["state"] in {"idle", "loading", "ready"}
        else:
            assert alive["state"] == "unavailable"
            assert "task models:pull -- " in alive["help"]


def test_a_profile_without_a_model_answers_503_with_the_command_that_helps(command: OpenAI) -> None:
    with pytest.raises(openai.InternalServerError, match="task models:pull -- command-r") as refusal:
        command.chat.completions.create(model="translate", messages=GREETING)
    assert refusal.value.status_code == 503


def test_an_unknown_model_is_a_404_that_names_what_exists(command: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="grounded-answer") as refusal:
        command.chat.completions.create(model="gpt-4o", messages=GREETING)
    assert refusal.value.code == "model_not_found"
    assert refusal.value.param == "model"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"{not json", None),
        (b'{"model": "chat"}', "messages"),
        (b'{"model": "chat", "messages": "hello"}', "messages"),
        (b'{"model": "chat", "messages": [{"role": "user", "content": "a"}], "temperature": "hot"}', "temperature"),
        (b'{"model": "chat", "messages": [{"role": "user", "content": "a"}], "temprature": 1}', "temprature"),
    ],
)
def test_a_wrong_request_is_a_400_that_names_the_field(
    command_server: Server, body: bytes, param: str | None
) -> None:
    answer = httpx.post(f"{command_server.api}/chat/completions", content=body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["param"] == param
    assert error["message"]


def test_an_unknown_route_and_a_wrong_method_have_the_same_shape(command_server: Server) -> None:
    missing = httpx.get(f"{command_server.url}/v1/nothing")
    wrong = httpx.get(f"{command_server.url}/v1/chat/completions")
    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert set(missing.json()["error"]) == set(wrong.json()["error"]) == {"message", "type", "param", "code"}


def test_a_body_over_the_limit_is_a_413(command_server: Server) -> None:
    answer = httpx.post(f"{command_server.api}/chat/completions", content=b" " * (33 * 1024 * 1024))
    assert answer.status_code == 413
    assert "32 MiB" in answer.json()["error"]["message"]


def test_every_answer_has_a_request_id_and_keeps_the_clients_own(command_server: Server) -> None:
    own = httpx.get(f"{command_server.api}/models", headers={"x-request-id": "mine-1"})
    made = httpx.get(f"{command_server.url}/nothing", headers={"x-request-id": "bad id"})
    assert own.headers["x-request-id"] == "mine-1"
    assert made.headers["x-request-id"].startswith("req_")
    assert made.headers["x-content-type-options"] == "nosniff"


def test_health_says_alive_and_ready(command_server: Server) -> None:
    assert httpx.get(f"{command_server.url}/health/live").status_code == 200
    ready = httpx.get(f"{command_server.url}/health/ready")
    assert ready.status_code == 200
    assert ready.json()["profile"] == "chat"
