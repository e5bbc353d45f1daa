"""Leniency: extra fields are left out and named, and nothing else changes."""

import copy
import json
import typing

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.errors import InvalidRequest
from alive_core.schemas.chat import ChatRequest
from alive_core.schemas.completions import CompletionRequest
from alive_core.schemas.decoding import decode
from alive_core.schemas.embeddings import EmbeddingRequest
from alive_core.schemas.leniency import parse, read_known

Json = typing.Any  # a JSON document as `json` has it
Place = tuple[str | int, ...]

CHAT: Json = {
    "model": "chat",
    "messages": [
        {"role": "system", "content": [{"type": "text", "text": "a"}]},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u"}}, {"type": "text", "text": ""}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "content": "a", "tool_call_id": "1"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "anything": [{}]}}}],
    "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}},
    "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": {"$defs": {}}}},
    "prediction": {"type": "content", "content": "x"},
    "audio": {"format": "wav", "voice": {"id": "v"}},
    "stop": ["a", "b"],
    "documents": ["one", {"text": "a"}],
    "metadata": {"any": "thing"},
    "logit_bias": {"17": 1.5, "0": -1},
    "alive": {"load": "wait", "lenient": True},
    "temperature": 1,
    "seed": 2**62,
}
CHAT["tool_choice"]["allowed_tools"]["tools"] = [{"type": "function", "function": {"name": "f"}}]
COMPLETION: Json = {"model": "m", "prompt": [[1, 2], [3]], "stop": "x", "stream_options": {}, "logit_bias": {"1": 1}}
EMBEDDING: Json = {"model": "m", "input": ["a", "b"], "alive": {}}
BODIES = [(CHAT, ChatRequest), (COMPLETION, CompletionRequest), (EMBEDDING, EmbeddingRequest)]
FREE = {"parameters", "schema", "metadata", "logit_bias"}  # objects whose keys are the client's own

ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def objects(value: Json, place: Place = ()) -> list[Place]:
    """The places of all objects whose fields we define."""
    if isinstance(value, list):
        return [found for index, item in enumerate(value) for found in objects(item, (*place, index))]
    if not isinstance(value, dict):
        return []
    inside = [found for key, item in value.items() if key not in FREE for found in objects(item, (*place, key))]
    return [place, *inside]


def at(body: Json, place: Place) -> Json:
    for key in place:
        body = body[key]
    return body


def written(place: Place) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place).removeprefix(".")


@pytest.mark.parametrize(("body", "kind"), BODIES)
@given(st.data())
def test_a_valid_body_with_extras_is_read_as_the_valid_body_and_exactly_the_extras_are_named(
    body: Json, kind: type[msgspec.Struct], data: st.DataObject
) -> None:
    changed, extras = copy.deepcopy(body), []
    for place in data.draw(st.lists(st.sampled_from(objects(body)), unique=True)):
        holder = at(changed, place)
        for name, value in data.draw(st.dictionaries(st.text(), ANY_JSON, min_size=1, max_size=2)).items():
            if name not in kind.__struct_fields__ and name not in holder and name not in KNOWN:
                holder[name] = value
                extras.append(written((*place, name)))
    known, ignored = read_known(parse(json.dumps(changed).encode()), kind)
    assert known == decode(json.dumps(body).encode(), kind)
    assert sorted(ignored) == sorted(extras)


KNOWN = {"name", "refusal", "audio", "content", "type", "role", "id", "title", "text", "strict", "ttl", "mode"}


@pytest.mark.parametrize(("body", "kind"), BODIES)
@given(st.data())
def test_any_value_anywhere_is_taken_and_refused_as_without_leniency(
    body: Json, kind: type[msgspec.Struct], data: st.DataObject
) -> None:
    changed = copy.deepcopy(body)
    place = data.draw(st.sampled_from([place for place in objects(body) if at(body, place)]))
    at(changed, place)[data.draw(st.sampled_from(sorted(at(body, place))))] = data.draw(ANY_JSON)
    sent = json.dumps(changed).encode()
    try:
        strict: object = decode(sent, kind)
    except InvalidRequest as refused:
        if refused.code == "unknown_parameter":
            return
        strict = (refused.message, refused.param)
    try:
        lenient: object = read_known(parse(sent), kind)[0]
    except InvalidRequest as refused:
        lenient = (refused.message, refused.param)
    assert lenient == strict


@pytest.mark.parametrize(
    "change",
    [
        {"messages": [{"role": "wizard", "content": "a"}], "extra": 1},
        {"messages": [{"content": "a"}], "extra": 1},
        {"temperature": 3, "extra": 1},
        {"stop": list("abcde"), "extra": 1},
    ],
)
def test_what_is_wrong_stays_wrong(change: Json) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_known(CHAT | change, ChatRequest)
    assert refused.value.code is None
    assert refused.value.param is not None


@pytest.mark.parametrize("sent", [None, 1, "x", [], [{"model": "a"}]])
def test_what_is_no_object_is_refused(sent: Json) -> None:
    with pytest.raises(InvalidRequest, match="must be an object"):
        read_known(sent, ChatRequest)


def test_what_is_no_json_is_refused() -> None:
    for body in (b'{"extra": 1, ', b"\xff", b'{"a":' * 100_000):
        with pytest.raises(InvalidRequest):
            parse(body)
