"""Decoding: any bytes give a Struct, or a sentence that a client understands and the field at fault."""

import copy
import json
import re
import typing

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.errors import InvalidRequest
from alive_core.schemas.chat import ChatRequest
from alive_core.schemas.completions import CompletionRequest
from alive_core.schemas.decoding import DECODE_FAILURES, decode, decoder_for, describe
from alive_core.schemas.embeddings import EmbeddingRequest

Json = typing.Any  # a JSON document as `json` has it
Path = tuple[str | int, ...]

KINDS: list[type[msgspec.Struct]] = [ChatRequest, CompletionRequest, EmbeddingRequest]

# Words of msgspec or Python that a client must never read.
INTERNAL = re.compile(
    r"`|\$|\bNone\b|\bstr\b|\bint\b|\bdict\b|\bfloat\b|msgspec|Struct|Error|codec|recursion|Expected"
)

RICH: Json = {
    "model": "chat",
    "messages": [
        {"role": "system", "content": [{"type": "text", "text": "a"}]},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u"}}]},
        {
            "role": "assistant",
            "content": "a",
            "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "content": "a", "tool_call_id": "1"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "description": "d"}}],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "response_format": {"type": "json_schema", "json_schema": {"name": "s", "strict": True}},
    "stream_options": {"include_usage": True},
    "stop": ["a", "b"],
    "documents": [{"text": "a"}],
    "alive": {"load": "wait"},
    "temperature": 0.5,
}


def nodes(value: Json, path: Path = ()) -> list[Path]:
    """The paths of all values in a JSON document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in items for found in nodes(item, (*path, key)))]


def at(path: Path) -> Json:
    """The value of `RICH` at a path."""
    value = RICH
    for key in path:
        value = value[key]
    return value


def with_change(path: Path, value: Json) -> bytes:
    """`RICH` with another value at a path."""
    if not path:
        return json.dumps(value).encode()
    changed = copy.deepcopy(RICH)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return json.dumps(changed).encode()


def written(path: Path) -> str:
    """A path as `param` writes it."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")


def outcome(body: bytes, kind: type[msgspec.Struct]) -> tuple[str, str | None] | None:
    """None where the body is taken, else the sentence and the field. Anything else fails the test."""
    try:
        decode(body, kind)
    except InvalidRequest as error:
        return error.message, error.param
    return None


def assert_is_for_clients(found: tuple[str, str | None]) -> None:
    message, param = found
    assert message.endswith(".")
    assert not INTERNAL.search(message), message
    assert param is None or f"'{param}'" in message


OBJECTS = [path for path in nodes(RICH) if isinstance(at(path), dict)]
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "x", "text", "user"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["type", "x", "role"]), inner, max_size=2)
    ),
    max_leaves=5,
)


def test_rich_request_is_taken() -> None:
    assert outcome(json.dumps(RICH).encode(), ChatRequest) is None


@pytest.mark.parametrize("kind", KINDS)
@given(st.binary(max_size=80))
def test_any_bytes_are_a_request_or_refused_with_a_sentence(kind: type[msgspec.Struct], body: bytes) -> None:
    found = outcome(body, kind)
    assert found is not None  # random bytes never spell a whole request
    assert_is_for_clients(found)


@given(st.sampled_from(nodes(RICH)), ANY_JSON)
def test_any_value_anywhere_is_taken_or_refused_with_a_sentence(path: Path, value: Json) -> None:
    found = outcome(with_change(path, value).replace(b"Infinity", b"1e400"), ChatRequest)
    if found:
        assert_is_for_clients(found)


@given(st.integers(min_value=0, max_value=len(json.dumps(RICH)) - 1))
def test_request_cut_anywhere_is_refused(length: int) -> None:
    found = outcome(json.dumps(RICH).encode()[:length], ChatRequest)
    assert found is not None
    assert_is_for_clients(found)


@given(st.integers(min_value=0, max_value=len(json.dumps(RICH)) - 1), st.binary(min_size=1, max_size=1))
def test_any_byte_anywhere_is_taken_or_refused_with_a_sentence(place: int, byte: bytes) -> None:
    body = json.dumps(RICH).encode()
    found = outcome(body[:place] + byte + body[place + 1 :], ChatRequest)
    if found:
        assert found[0].endswith(".")


@pytest.mark.parametrize("path", OBJECTS, ids=written)
def test_unknown_field_is_named_wherever_it_stands(path: Path) -> None:
    found = outcome(with_change(path, {**at(path), "nonsense": [1]}), ChatRequest)
    name = written((*path, "nonsense"))
    assert found == (f"Unknown parameter: '{name}'.", name)


@pytest.mark.parametrize("path", [path for path in nodes(RICH) if path], ids=written)
def test_value_of_a_wrong_type_is_named_wherever_it_stands(path: Path) -> None:
    wrong = 1 if isinstance(at(path), str | list | dict | bool) else "wrong"
    found = outcome(with_change(path, wrong), ChatRequest)
    assert found is not None
    assert found[1] == written(path)
    assert_is_for_clients(found)


@pytest.mark.parametrize("kind", KINDS)
def test_missing_field_is_named(kind: type[msgspec.Struct]) -> None:
    found = outcome(b'{"model":"a"}', kind)
    assert found is not None
    assert found[0] == f"Missing required parameter: '{found[1]}'."
    assert found[1] in {"messages", "prompt", "input"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The request body is not valid JSON: it ends too early, or an escape sequence in it is incomplete."),
        (
            b'{"model":',
            "The request body is not valid JSON: it ends too early, or an escape sequence in it is incomplete.",
        ),
        (b"{model: 1}", "The request body is not valid JSON: object keys must be strings at byte 1."),
        (b'{"seed": NaN}', "The request body is not valid JSON: invalid character at byte 9."),
        (b'{"user": "\xff"}', "The request body is not valid UTF-8."),
        (b'{"\xc3": 1}', "The request body is not valid UTF-8."),
        (b"[]", "Invalid value for the request body: it must be an object, but is an array."),
        (b"null", "Invalid value for the request body: it must be an object, but is null."),
    ],
)
def test_body_that_is_no_object_is_refused_as_a_whole(body: bytes, message: str) -> None:
    assert outcome(body, ChatRequest) == (message, None)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_nesting_is_refused(opening: bytes) -> None:
    schema = b'{"model":"a","tools":[{"type":"function","function":{"name":"f","parameters":{"a":'
    assert outcome(schema + opening * 200_000, ChatRequest) == ("The request body is nested too deeply.", None)


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("1e400", "Invalid value for 'temperature': number out of range."),
        ("9" * 5000, "Invalid value for 'temperature': number out of range."),
        ("99999999999999999999", "Invalid value for 'temperature': it must be a number at most 2.0."),
    ],
)
def test_huge_number_is_refused(number: str, message: str) -> None:
    body = json.dumps(RICH | {"temperature": 0.125}).replace("0.125", number).encode()
    assert outcome(body, ChatRequest) == (message, "temperature")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stop": 5}, "Invalid value for 'stop': it must be a string, an array or null, but is an integer."),
        ({"n": 0}, "Invalid value for 'n': it must be an integer at least 1."),
        ({"stop": list("abcde")}, "Invalid value for 'stop': it must be an array of length at most 4."),
        ({"metadata": {"a": 1}}, "Invalid value for 'metadata': every value must be a string, but is an integer."),
        ({"logit_bias": {"a": 1}}, "Invalid value for 'logit_bias': every key must be an integer, but is a string."),
        ({"verbosity": "x"}, "Invalid value for 'verbosity': 'x' is not one of the supported values."),
        (
            {"functions": [{"name": "a b"}]},
            "Invalid value for 'functions[0].name': "
            "it must be a string of only letters, digits, underscores and dashes.",
        ),
        (
            {"messages": [{"role": "assistant"}]},
            "Invalid value for 'messages[0].content': it is required unless tool_calls or function_call is given.",
        ),
    ],
)
def test_sentence_says_what_is_expected(change: dict[str, Json], message: str) -> None:
    found = outcome(json.dumps(RICH | change).encode(), ChatRequest)
    assert found is not None
    assert found[0] == message


def test_long_words_of_a_client_are_cut_in_the_sentence() -> None:
    found = outcome(json.dumps(RICH | {"x" * 5000: 1}).encode(), ChatRequest)
    assert found is not None
    assert found[1] == "x" * 100 + "..."
    found = outcome(json.dumps(RICH | {"verbosity": "x" * 5000}).encode(), ChatRequest)
    assert found is not None
    assert len(found[0]) < 250


@pytest.mark.parametrize("name", ["a`b", "x` - at `$.model`", "\n - at `$.x", ""])
def test_field_name_made_to_look_like_a_path_is_only_a_name(name: str) -> None:
    assert outcome(json.dumps(RICH | {name: 1}).encode(), ChatRequest) == (f"Unknown parameter: '{name}'.", name)


def test_rule_nobody_has_words_for_is_passed_on() -> None:
    assert describe(msgspec.ValidationError("Strange thing - at `$.a[0]`")) == (
        "Invalid value for 'a[0]': strange thing.",
        "a[0]",
    )


def test_each_type_has_one_decoder() -> None:
    assert decoder_for(ChatRequest) is decoder_for(ChatRequest)


def test_the_refusal_keeps_its_cause_for_the_log() -> None:
    with pytest.raises(InvalidRequest) as caught:
        decode(b"{}", ChatRequest)
    assert isinstance(caught.value.__cause__, DECODE_FAILURES)
