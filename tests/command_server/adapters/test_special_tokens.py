"""Which tokens of a file are more than the text they are spelled with."""

from pathlib import Path

import pytest

from command_server.adapters.gguf_header import read_gguf_header
from command_server.adapters.special_tokens import special_tokens
from support.random_model import CONTROL_TOKENS, ModelShape, write_random_model


def specials_of(path: Path) -> tuple[str, ...]:
    with path.open("rb") as file:
        return special_tokens(path, read_gguf_header(file))


def test_control_tokens_are_found_among_all_others(small_model: Path) -> None:
    assert specials_of(small_model) == CONTROL_TOKENS


def test_markers_that_are_user_defined_are_found_too(text_marker_model: Path) -> None:
    assert specials_of(text_marker_model) == CONTROL_TOKENS


def test_the_bundled_model_has_those_of_its_prompt_format() -> None:
    import command_server

    (model,) = (Path(command_server.__file__).parent / "models").glob("*.gguf")
    assert {"<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>", "<|USER_TOKEN|>"} <= set(specials_of(model))


@pytest.mark.parametrize("key", [b"tokenizer.ggml.token_type", b"tokenizer.ggml.tokens"])
def test_a_file_that_does_not_say_has_none(tmp_path: Path, key: bytes) -> None:
    path = write_random_model(tmp_path / "silent.gguf", ModelShape())
    path.write_bytes(path.read_bytes().replace(key + b"\x09", key[:-1] + b"x\x09"))
    assert specials_of(path) == ()
