"""What one request may ask for at most."""

import msgspec
import pytest

from alive_core.errors import AliveError, InvalidRequest, PayloadTooLarge
from alive_core.prepare.limits import hold_to_limits
from alive_core.profiles.profile import RequestLimits
from alive_core.schemas.chat import ChatRequest
from alive_core.schemas.common import RequestStruct
from alive_core.schemas.completions import CompletionRequest
from alive_core.schemas.embeddings import EmbeddingRequest
from alive_core.schemas.responses import ResponseRequest

SCHEMA = {"type": "object", "properties": {f"field_{number}": {"type": "string"} for number in range(20)}}
LIMITS = RequestLimits(max_tokens=100, body_bytes=1000, schema_bytes=300)


def chat(**fields: object) -> ChatRequest:
    return msgspec.convert({"model": "m", "messages": [{"role": "user", "content": "a"}]} | fields, ChatRequest)


def refusal(body: RequestStruct, *, body_bytes: int = 900) -> AliveError:
    with pytest.raises(AliveError) as caught:
        hold_to_limits(body, LIMITS, body_bytes=body_bytes)
    return caught.value


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (chat(max_tokens=101), "max_tokens"),
        (chat(max_completion_tokens=101), "max_completion_tokens"),
        (CompletionRequest(model="m", prompt="a", max_tokens=101), "max_tokens"),
        (ResponseRequest(model="m", input="a", max_output_tokens=101), "max_output_tokens"),
    ],
)
def test_a_longer_answer_than_the_profile_gives_is_refused_by_name(body: RequestStruct, field: str) -> None:
    error = refusal(body)
    assert isinstance(error, InvalidRequest)
    assert error.param == field
    assert "101" in error.message and "100 tokens" in error.message


def test_what_is_at_its_limit_passes() -> None:
    hold_to_limits(chat(max_tokens=100), LIMITS, body_bytes=1000)
    hold_to_limits(EmbeddingRequest(model="m", input="a"), LIMITS, body_bytes=1000)
    hold_to_limits(chat(max_tokens=10**9), RequestLimits(), body_bytes=1000)


def test_a_larger_body_is_refused() -> None:
    error = refusal(chat(), body_bytes=1001)
    assert isinstance(error, PayloadTooLarge)
    assert error.message == "The request body has 1001 B; this model takes 1000 B."


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (
            chat(response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}),
            "response_format",
        ),
        (chat(tools=[{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}]), "tools"),
        (chat(functions=[{"name": "f", "parameters": SCHEMA}]), "functions"),
        (
            msgspec.convert(
                {
                    "model": "m",
                    "input": "a",
                    "text": {"format": {"type": "json_schema", "name": "n", "schema": SCHEMA}},
                },
                ResponseRequest,
            ),
            "text",
        ),
    ],
)
def test_a_longer_schema_is_refused_by_name(body: RequestStruct, field: str) -> None:
    error = refusal(body)
    assert isinstance(error, InvalidRequest)
    assert error.param == field


def test_a_short_format_in_a_long_body_passes() -> None:
    hold_to_limits(chat(response_format={"type": "json_object"}), LIMITS, body_bytes=1000)
