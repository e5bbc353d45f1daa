"""What a file can do is known before it is loaded."""

from pathlib import Path

import pytest

from alive_core.errors import LoadFailed
from alive_core.profiles.profile import Target
from command_server.adapters.llamacpp import LlamaCppAdapter
from support.random_model import ModelShape, write_random_model


def target(path: Path | None, **fields: object) -> Target:
    return Target(adapter="llamacpp", name="test", path=None if path is None else str(path), **fields)


def test_a_template_with_actions_gives_tools(small_model: Path) -> None:
    abilities = LlamaCppAdapter.inspect(target(small_model))
    assert abilities.tools
    assert abilities.json_schema
    assert abilities.tasks == {"chat", "complete", "tokenize", "detokenize"}
    assert "documents" in abilities.parameters


def test_a_template_without_actions_gives_no_tools(plain_model: Path) -> None:
    abilities = LlamaCppAdapter.inspect(target(plain_model))
    assert not abilities.tools
    assert "documents" not in abilities.parameters


def test_without_a_template_there_is_no_chat(tmp_path: Path) -> None:
    path = write_random_model(tmp_path / "base.gguf", ModelShape(template=""))
    assert LlamaCppAdapter.inspect(target(path)).tasks == {"complete", "tokenize", "detokenize"}


@pytest.mark.parametrize(("wanted", "given"), [(None, 4096), (1000, 1024), (2048, 2048), (100_000, 4096)])
def test_the_window_is_the_one_the_engine_will_have(small_model: Path, wanted: int | None, given: int) -> None:
    assert LlamaCppAdapter.inspect(target(small_model, context=wanted)).context == given


def test_a_model_that_names_no_window_gets_the_wanted_one(tmp_path: Path) -> None:
    path = write_random_model(tmp_path / "small.gguf")
    path.write_bytes(path.read_bytes().replace(b"command-r.context_length", b"command-r.context_lengtX"))
    assert LlamaCppAdapter.inspect(target(path, context=512)).context == 512


def test_another_architecture_is_sent_to_the_other_server(tmp_path: Path) -> None:
    path = write_random_model(tmp_path / "llama.gguf", ModelShape(architecture="llama"))
    with pytest.raises(LoadFailed, match=r"'llama'.*providers_server"):
        LlamaCppAdapter.inspect(target(path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadFailed, match=r"nowhere\.gguf: No such file"):
        LlamaCppAdapter.inspect(target(tmp_path / "nowhere.gguf"))


def test_a_folder_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(LoadFailed, match="Cannot read"):
        LlamaCppAdapter.inspect(target(tmp_path))


def test_a_target_without_a_file_is_refused() -> None:
    with pytest.raises(LoadFailed, match="has no model file"):
        LlamaCppAdapter.inspect(target(None))


def test_a_broken_file_is_named_with_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"<html>")
    with pytest.raises(LoadFailed, match=r"broken\.gguf: Not a GGUF file"):
        LlamaCppAdapter.inspect(target(path))


def test_unknown_options_are_refused(small_model: Path) -> None:
    with pytest.raises(LoadFailed, match="colour"):
        LlamaCppAdapter.inspect(target(small_model, options={"colour": "red"}))
