"""Errors reach the official Python client as the classes its users catch, and retries do what they should."""

import asyncio
import json
import time
from pathlib import Path

import httpx2
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from alive_core.errors import AliveError, ConfigurationError
from support.servers import Server, running
from support.witness import Watched, Witness

CLASSES: dict[int, type[openai.APIStatusError]] = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
}
KINDS = [
    kind
    for kind in AliveError.tree()
    if kind is not ConfigurationError and kind.__module__ == AliveError.__module__  # commands have their own
]


def said(script: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": script}]


def failing(kind: str, **more: object) -> list[dict[str, str]]:
    return said("/fail " + json.dumps({"kind": kind, "message": "It went wrong.", **more}))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_each_error_is_the_class_its_status_stands_for(
    scripted: OpenAI, kind: type[AliveError], stream: bool
) -> None:
    expected = CLASSES.get(kind.status, openai.InternalServerError if kind.status >= 500 else openai.APIStatusError)
    with pytest.raises(expected) as failure:
        scripted.chat.completions.create(
            model="chat", messages=failing(kind.__name__, param="messages", retry_after=3), stream=stream
        )
    error = failure.value
    assert type(error) is expected
    assert error.status_code == kind.status
    assert (error.code, error.type, error.param) == (kind.code, kind.error_type, "messages")
    assert "It went wrong." in error.message
    assert error.request_id == error.response.headers["x-request-id"]
    assert error.response.headers["retry-after"] == "3"


@pytest.mark.parametrize("kind", ["rate_limit_exceeded", "queue_full", "model_unavailable"])
async def test_a_retry_waits_as_long_as_it_was_told(scripted_async: AsyncOpenAI, kind: str) -> None:
    """429 and 503, each alone and with its own script, so that nobody counts for another."""
    script = f"/fail {json.dumps({'kind': kind, 'retry_after': 1, 'times': 1})}\nwelcome back after {kind}"
    began = time.monotonic()
    raw = await scripted_async.with_options(max_retries=1).chat.completions.with_raw_response.create(
        model="chat", messages=said(script)
    )
    assert raw.retries_taken == 1
    assert 1.0 <= time.monotonic() - began < 3.0
    assert (raw.parse().choices[0].message.content or "").startswith("welcome back")


def test_what_cannot_get_better_is_not_tried_again(scripted: OpenAI, witness: Witness) -> None:
    with pytest.raises(openai.BadRequestError):
        scripted.with_options(max_retries=3).chat.completions.create(model="chat", messages=failing("InvalidRequest"))
    assert witness.judged["/v1/chat/completions"] == 1


def test_a_stream_is_tried_again_too_while_it_has_not_begun(scripted: OpenAI) -> None:
    script = '/fail {"kind": "queue_full", "retry_after": 0.1, "times": 1}\nstreams too'
    patient = scripted.with_options(max_retries=1)
    stream = patient.chat.completions.create(model="chat", messages=said(script), stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "streams too"


def test_refusals_before_any_work_name_what_is_wrong(command: OpenAI) -> None:
    ask = command.chat.completions.create
    with pytest.raises(openai.NotFoundError) as unknown:
        ask(model="gpt-4o", messages=said("hello"))
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.BadRequestError) as odd:
        ask(model="chat", messages=said("hello"), extra_body={"mystery": 1})
    assert (odd.value.code, odd.value.param) == ("unknown_parameter", "mystery")
    with pytest.raises(openai.BadRequestError) as unsupported:
        ask(model="chat", messages=said("hello"), web_search_options={})
    assert (unsupported.value.code, unsupported.value.param) == ("unsupported_parameter", "web_search_options")
    with pytest.raises(openai.InternalServerError) as absent:
        ask(model="code", messages=said("hello"))
    assert (absent.value.status_code, absent.value.code) == (503, "model_unavailable")


def test_a_plain_profile_refuses_each_option_by_its_name(scripted: OpenAI) -> None:
    options: dict[str, object] = {
        "temperature": 0.5,
        "n": 2,
        "stop": "x",
        "seed": 1,
        "logprobs": True,
        "max_tokens": 5,
        "tools": [{"type": "function", "function": {"name": "look"}}],
        "response_format": {"type": "json_object"},
    }
    for name, value in options.items():
        with pytest.raises(openai.BadRequestError) as refusal:
            scripted.chat.completions.create(model="plain", messages=said("a"), extra_body={name: value})
        assert (refusal.value.code, refusal.value.param) == ("unsupported_parameter", name)


async def test_an_answer_that_takes_too_long_is_a_timeout(scripted_async: AsyncOpenAI) -> None:
    hasty = scripted_async.with_options(timeout=0.3)
    with pytest.raises(openai.APITimeoutError):
        await hasty.chat.completions.create(model="chat", messages=said("/sleep 20"))
    late, again = await asyncio.gather(
        scripted_async.chat.completions.create(model="hurry", messages=said("/sleep 20")),
        scripted_async.chat.completions.create(model="chat", messages=said("well")),
        return_exceptions=True,
    )
    assert isinstance(late, openai.InternalServerError)
    assert late.code == "deadline_exceeded"
    assert not isinstance(again, BaseException)


def test_keys(tmp_path: Path, witness: Witness) -> None:
    with running("alive_core.testing.scripted_server", tmp_path, ALIVE_API_KEYS="right") as server:
        for key in ("wrong", ""):
            with _client(server, key, witness) as stranger, pytest.raises(openai.AuthenticationError) as refusal:
                stranger.models.list()
            assert refusal.value.code == "invalid_api_key"
        with _client(server, "right", witness) as friend:
            assert list(friend.models.list())


def _client(server: Server, key: str, witness: Witness) -> OpenAI:
    http = httpx2.Client(transport=Watched(witness))
    return OpenAI(base_url=server.api, api_key=key or "none", max_retries=0, http_client=http)
