"""Completion requests: prompts in all four forms, limits, and what mixes them up."""

import json
import typing

import pytest

from alive_core.errors import InvalidRequest
from alive_core.schemas.common import as_prompts
from alive_core.schemas.completions import CompletionRequest
from alive_core.schemas.decoding import decode

Json = typing.Any  # a JSON document as `json` has it


def request(**fields: Json) -> CompletionRequest:
    return decode(json.dumps({"model": "code", "prompt": "a"} | fields).encode(), CompletionRequest)


@pytest.mark.parametrize(
    ("prompt", "prompts"),
    [
        ("a", ["a"]),
        ("", [""]),
        (["a", ""], ["a", ""]),
        ([1, 2], [[1, 2]]),
        ([[1], [2, 3]], [[1], [2, 3]]),
    ],
)
def test_prompt_is_taken_in_its_four_forms(prompt: Json, prompts: list[str] | list[list[int]]) -> None:
    taken = request(prompt=prompt).prompt
    assert taken is not None
    assert as_prompts(taken) == prompts


def test_prompt_may_be_null_but_not_absent() -> None:
    assert request(prompt=None).prompt is None
    with pytest.raises(InvalidRequest, match="Missing required parameter: 'prompt'"):
        decode(b'{"model":"code"}', CompletionRequest)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"prompt": []}, "prompt"),
        ({"prompt": [[]]}, "prompt[0]"),
        ({"prompt": [1, "a"]}, "prompt"),
        ({"prompt": ["a", [1]]}, "prompt"),
        ({"prompt": [[1], 2]}, "prompt"),
        ({"prompt": [-1]}, "prompt[0]"),
        ({"prompt": [True]}, "prompt[0]"),
        ({"prompt": {"text": "a"}}, "prompt"),
        ({"logprobs": 6}, "logprobs"),
        ({"logprobs": True}, "logprobs"),
        ({"best_of": 21}, "best_of"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"n": 0}, "n"),
        ({"messages": []}, "messages"),
        ({"documents": []}, "documents"),
    ],
)
def test_wrong_parameter_is_refused_by_name(fields: dict[str, Json], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        request(**fields)
    assert caught.value.param == param


def test_scoring_a_prompt_without_writing_is_allowed() -> None:
    scoring = request(echo=True, max_tokens=0, logprobs=5)
    assert (scoring.echo, scoring.max_tokens, scoring.logprobs) == (True, 0, 5)


@pytest.mark.parametrize("name", sorted(set(CompletionRequest.__struct_encode_fields__) - {"model", "prompt"}))
def test_null_is_the_same_as_absent_for_every_optional_field(name: str) -> None:
    assert request(**{name: None}) == request()
