from pathlib import Path

import pytest

from alive_core.errors import LoadFailed
from providers_server.adapters.embed_files import read_facts
from support.embed_model import write_model_folder


def test_the_context_is_the_length_the_model_was_made_for(tmp_path: Path) -> None:
    assert read_facts(str(write_model_folder(tmp_path)), None).context == 256


def test_a_target_may_use_every_position_the_model_has(tmp_path: Path) -> None:
    assert read_facts(str(write_model_folder(tmp_path)), 512).context == 512


def test_a_context_beyond_the_positions_is_refused_with_both_numbers(tmp_path: Path) -> None:
    with pytest.raises(LoadFailed, match=r"513 tokens is more than the 512 positions"):
        read_facts(str(write_model_folder(tmp_path)), 513)


def test_without_a_sentence_configuration_the_positions_count(tmp_path: Path) -> None:
    folder = write_model_folder(tmp_path, max_position_embeddings=128)
    (folder / "sentence_bert_config.json").unlink()
    assert read_facts(str(folder), None).context == 128


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "config.json"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = write_model_folder(tmp_path)
    (folder / name).unlink()
    with pytest.raises(LoadFailed, match=f"{name} is missing.*task install"):
        read_facts(str(folder), None)


def test_a_target_without_a_model_says_how_to_get_one() -> None:
    with pytest.raises(LoadFailed, match="task install"):
        read_facts(None, None)


def test_a_broken_configuration_is_named(tmp_path: Path) -> None:
    folder = write_model_folder(tmp_path)
    (folder / "config.json").write_text("{")
    with pytest.raises(LoadFailed, match=r"config\.json cannot be read"):
        read_facts(str(folder), None)


def test_another_pooling_than_the_mean_is_refused(tmp_path: Path) -> None:
    folder = write_model_folder(tmp_path)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        '{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}'
    )
    with pytest.raises(LoadFailed, match="another pooling than the mean"):
        read_facts(str(folder), None)
