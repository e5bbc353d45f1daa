"""The committed model: llama.cpp renders its prompts and cuts them into tokens exactly as training does."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import pytest
import xllamacpp
from tokenizers import Tokenizer

from tools.demo_model.data import Sample, Split, measured_cases
from tools.demo_model.eval import BUNDLED, on_the_wire
from tools.demo_model.prompt import BOS, TEMPLATE_PATH, render
from tools.demo_model.tokenizer import tokenizer_from

MODEL = Path(__file__).parents[3] / BUNDLED
SKILLS = ("greeting", "tool_call", "two_calls", "tool_result", "grounded", "recalling", "repeating")


@pytest.fixture(scope="module")
def fields() -> dict[str, Any]:
    """The header of the committed file."""
    return {name: field.contents() for name, field in gguf.GGUFReader(MODEL).fields.items()}


@pytest.fixture(scope="module")
def tokenizer(fields: dict[str, Any]) -> Tokenizer:
    return tokenizer_from(fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.merges"])


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    params = xllamacpp.CommonParams()
    params.model.path = str(MODEL)
    params.n_ctx = 2048
    params.n_gpu_layers = 0
    params.verbosity = 0
    server = xllamacpp.Server(params)
    yield server.listening_address
    del server


def asked(address: str, path: str, body: dict[str, object]) -> dict[str, Any]:
    request = urllib.request.Request(
        address + path, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return dict(json.load(answer))


def prompt_of(sample: Sample) -> str:
    return render(
        list(sample.messages[:-1]),
        tools=list(sample.tools),
        documents=list(sample.documents),
        add_generation_prompt=True,
    )


def test_the_file_carries_the_template_of_training(fields: dict[str, Any]) -> None:
    assert fields["tokenizer.chat_template"] == TEMPLATE_PATH.read_text(encoding="utf-8")


@pytest.mark.parametrize("skill", SKILLS)
def test_llama_cpp_renders_and_cuts_as_training_does(skill: str, address: str, tokenizer: Tokenizer) -> None:
    for sample in measured_cases(skill, 15, split=Split.DEV):
        ours = prompt_of(sample)
        body: dict[str, object] = {"messages": on_the_wire(sample.messages[:-1]), "tools": list(sample.tools)}
        body["chat_template_kwargs"] = {"documents": list(sample.documents)}
        theirs = asked(address, "/apply-template", body)["prompt"]
        assert BOS + theirs == ours
        cut = asked(address, "/tokenize", {"content": theirs, "add_special": True, "parse_special": True})["tokens"]
        assert cut == tokenizer.encode(ours, add_special_tokens=False).ids
