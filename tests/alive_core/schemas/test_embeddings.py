"""Embedding requests: inputs in all four forms, limits, and what mixes them up."""

import json
import typing

import pytest

from alive_core.errors import InvalidRequest
from alive_core.schemas.common import as_prompts
from alive_core.schemas.decoding import decode
from alive_core.schemas.embeddings import EmbeddingRequest

Json = typing.Any  # a JSON document as `json` has it


def request(**fields: Json) -> EmbeddingRequest:
    return decode(json.dumps({"model": "embed", "input": "a"} | fields).encode(), EmbeddingRequest)


@pytest.mark.parametrize(
    ("given", "inputs"),
    [
        ("a", ["a"]),
        (["a", "b"], ["a", "b"]),
        (["a"] * 2048, ["a"] * 2048),
        ([1, 2], [[1, 2]]),
        ([[1], [2, 3]], [[1], [2, 3]]),
    ],
)
def test_input_is_taken_in_its_four_forms(given: Json, inputs: list[str] | list[list[int]]) -> None:
    assert as_prompts(request(input=given).input) == inputs


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", ""]}, "input[1]"),
        ({"input": ["a"] * 2049}, "input"),
        ({"input": [[]]}, "input[0]"),
        ({"input": [[1] * 2049]}, "input[0]"),
        ({"input": [1, "a"]}, "input"),
        ({"input": [[1], "a"]}, "input"),
        ({"input": None}, "input"),
        ({"input": [1.5]}, "input[0]"),
        ({"dimensions": 0}, "dimensions"),
        ({"encoding_format": "int8"}, "encoding_format"),
        ({"truncate": True}, "truncate"),
    ],
)
def test_wrong_parameter_is_refused_by_name(fields: dict[str, Json], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        request(**fields)
    assert caught.value.param == param


@pytest.mark.parametrize("name", ["dimensions", "encoding_format", "user", "alive"])
def test_null_is_the_same_as_absent_for_every_optional_field(name: str) -> None:
    assert request(**{name: None}) == request()
