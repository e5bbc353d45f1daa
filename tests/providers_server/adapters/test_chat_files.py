"""A folder's small files tell what its model can do, and what is wrong with it."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from alive_core import LoadFailed, Target
from alive_core.dialects import COMMAND_R, HERMES
from providers_server.adapters.chat_files import read_chat_facts

Config = dict[str, dict[str, object]]


@pytest.fixture
def copied(tmp_path: Path, command_folder: Path) -> Path:
    for path in command_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def target(folder: Path | None, **fields: object) -> Target:
    return msgspec.structs.replace(
        Target("onnx-chat", name="mine", path=None if folder is None else str(folder)), **fields
    )


def change(folder: Path, edit: Callable[[Config], None], *, file: str = "genai_config.json") -> Path:
    config = json.loads((folder / file).read_text())
    edit(config)
    (folder / file).write_text(json.dumps(config))
    return folder


def test_the_facts_of_a_folder(copied: Path, qwen_folder: Path) -> None:
    command, qwen = read_chat_facts(target(copied)), read_chat_facts(target(qwen_folder))
    assert (command.window, command.vocabulary) == (2048, 512)
    assert (command.markup, command.has_tools, command.has_documents) == (COMMAND_R, True, True)
    assert (qwen.markup, qwen.has_tools, qwen.has_documents) == (HERMES, True, False)
    assert command.ends == {5}


def test_memory_grows_with_each_answer_at_once_and_with_the_window(copied: Path) -> None:
    facts = read_chat_facts(target(copied))
    cache = 2 * 2 * 2 * 16 * 4 * 2048  # keys and values, blocks, heads, their width, bytes, tokens
    assert facts.memory_bytes(2) - facts.memory_bytes(1) == cache
    assert facts.weights_bytes == (copied / "model.onnx").stat().st_size
    (copied / "model.onnx.data").write_bytes(bytes(1000))
    assert read_chat_facts(target(copied)).weights_bytes == facts.weights_bytes + 1000


@pytest.mark.parametrize(("wanted", "window"), [(None, 2048), (512, 512), (100_000, 2048)])
def test_a_window_is_at_most_what_the_model_was_made_for(copied: Path, wanted: int | None, window: int) -> None:
    assert read_chat_facts(target(copied, context=wanted)).window == window


def test_several_tokens_may_end_an_answer(copied: Path) -> None:
    change(copied, lambda config: config["model"].update(eos_token_id=[5, 3]))
    assert read_chat_facts(target(copied)).ends == {3, 5}


def test_a_template_may_be_a_file(copied: Path) -> None:
    (copied / "chat_template.jinja").write_text("from a file")
    assert read_chat_facts(target(copied)).template == "from a file"


def test_several_templates_are_refused_with_what_to_do(copied: Path) -> None:
    several = [{"name": "rag", "template": "no"}, {"name": "default", "template": "{{ messages }}"}]
    change(copied, lambda config: config.update(chat_template=several), file="tokenizer_config.json")
    with pytest.raises(LoadFailed, match="in the place of the list"):
        read_chat_facts(target(copied))


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda config: config["model"].update(vision={"filename": "vision.onnx"}), "text models only"),
        (
            lambda config: config["model"]["decoder"]["session_options"].update(provider_options=[{"cuda": {}}]),
            "made for 'cuda'.*CPU only",
        ),
        (lambda config: config["model"]["decoder"].update(filename="other.onnx"), "other.onnx is missing"),
        (lambda config: config["model"].pop("context_length"), "context_length"),
    ],
)
def test_what_cannot_be_served_is_refused_with_a_sentence(
    copied: Path, edit: Callable[[Config], None], reason: str
) -> None:
    change(copied, edit)
    with pytest.raises(LoadFailed, match=reason):
        read_chat_facts(target(copied))


def test_a_model_without_a_chat_template_is_refused(copied: Path) -> None:
    change(copied, lambda config: config.pop("chat_template"), file="tokenizer_config.json")
    with pytest.raises(LoadFailed, match="no chat template"):
        read_chat_facts(target(copied))


def test_a_target_without_a_folder_is_refused() -> None:
    with pytest.raises(LoadFailed, match="models:list"):
        read_chat_facts(target(None))


def test_a_template_that_is_no_text_is_refused(copied: Path) -> None:
    (copied / "chat_template.jinja").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(LoadFailed, match="cannot be read"):
        read_chat_facts(target(copied))
