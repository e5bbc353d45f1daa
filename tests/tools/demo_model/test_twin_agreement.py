"""The committed twin: `providers_server` renders its prompts and cuts them into tokens exactly as training does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer

import providers_server
from alive_core import ChatJob, Document, Message, Sampling, Target, Tool, ToolCall
from providers_server.adapters.chat_files import TOKENIZER_FILE, ChatFacts, read_chat_facts
from providers_server.adapters.chat_model import ChatModel
from providers_server.adapters.chat_vocabulary import Vocabulary
from tools.demo_model import prompt
from tools.demo_model.data import Sample, Split, measured_cases

FOLDER = Path(str(providers_server.__file__)).parent / "models/demo-llama"
SKILLS = ("greeting", "tool_call", "two_calls", "tool_result", "grounded", "recalling", "repeating")


@pytest.fixture(scope="module")
def facts() -> ChatFacts:
    return read_chat_facts(Target("onnx-chat", name="demo-llama", path=str(FOLDER)))


@pytest.fixture(scope="module")
def model(facts: ChatFacts) -> ChatModel:
    return ChatModel.load(facts)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(FOLDER / TOKENIZER_FILE))


def test_the_folder_carries_the_template_of_training(facts: ChatFacts) -> None:
    assert facts.template == prompt.TEMPLATE_PATH.read_text(encoding="utf-8")


def test_the_marks_of_citations_are_text_and_no_other_special_token_is(tokenizer: Tokenizer) -> None:
    vocabulary = Vocabulary.load(FOLDER / TOKENIZER_FILE)
    control = {tokenizer.id_to_token(number) for number in vocabulary.controls}
    assert control == set(prompt.CONTROL_TOKENS)
    assert set(prompt.MARK_TOKENS) <= set(vocabulary.specials)


@pytest.mark.parametrize("skill", SKILLS)
def test_the_engine_renders_and_cuts_as_training_does(skill: str, model: ChatModel, tokenizer: Tokenizer) -> None:
    for sample in measured_cases(skill, 15, split=Split.DEV):
        documents = [document_of(document) for document in sample.documents]
        ours = prompt.render(
            list(sample.messages[:-1]), tools=list(sample.tools), documents=documents, add_generation_prompt=True
        )
        theirs = model.read(job_of(sample, documents))
        assert theirs.text == ours
        assert list(theirs.tokens) == tokenizer.encode(ours, add_special_tokens=False).ids


def document_of(sent: dict[str, object]) -> dict[str, object]:
    """A document as the server hands it to a template: its title, where it has one, and its text."""
    text = {"text": sent.get("text", sent.get("snippet"))}
    return {"title": sent["title"]} | text if "title" in sent else text


def job_of(sample: Sample, documents: list[dict[str, object]]) -> ChatJob:
    functions = [tool["function"] for tool in sample.tools]
    return ChatJob(
        id="job",
        messages=tuple(message_of(message) for message in sample.messages[:-1]),
        sampling=Sampling(),
        tools=tuple(Tool(one["name"], one.get("description"), one["parameters"]) for one in functions),
        documents=tuple(
            Document(str(place), one["text"], title=one.get("title")) for place, one in enumerate(documents)
        ),
    )


def message_of(sent: prompt.Message) -> Message:
    made = (call["function"] for call in sent.get("tool_calls", []))
    calls = tuple(ToolCall("0", one["name"], json.dumps(one["arguments"], ensure_ascii=False)) for one in made)
    is_result = sent["role"] == "tool"
    return Message(sent["role"], sent.get("content", ""), tool_calls=calls, tool_call_id="0" if is_result else None)
