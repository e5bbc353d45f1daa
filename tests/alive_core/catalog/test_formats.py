from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.catalog.formats import check_file, check_head, format_of, is_safe_name
from alive_core.errors import LoadFailed
from support.onnx_files import external, graph, model


@pytest.mark.parametrize("name", ["model.gguf", "onnx/model.onnx", "model.onnx_data", "a.safetensors", "A.GGUF"])
def test_model_files_are_safe(name: str) -> None:
    assert is_safe_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "model", "model.pt", "model.pkl", "x.py", "../a.gguf", "a/../b.gguf", "/a.gguf", "a\\b.gguf", "./a.gguf"],
)
def test_other_names_are_not(name: str) -> None:
    assert not is_safe_name(name)


@given(st.text())
def test_a_safe_name_never_leaves_its_folder(name: str) -> None:
    if is_safe_name(name):
        assert not name.startswith("/")
        assert ".." not in name.split("/")


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.gguf", b"GGUF\x03\x00"),
        ("a.bin", b"tjgg\x03\x00"),
        ("a.bin", b"lmgg"),
        ("a.onnx", b"\x08\x08\x12"),
        ("a.safetensors", b"\x10\x00\x00\x00\x00\x00\x00\x00{"),
        ("a.json", b' {"a": 1}'),
        ("a.txt", b"anything"),
    ],
)
def test_the_right_beginning_is_accepted(name: str, head: bytes) -> None:
    check_head(name, head)


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.gguf", b"<!DOCTYPE html>"),
        ("a.bin", b"\x80\x02}q\x00"),  # a pickle
        ("a.bin", b"PK\x03\x04"),  # a zipped torch checkpoint
        ("a.onnx", b"<html>"),
        ("a.safetensors", b"\x10\x00\x00\x00\x00\x00\x00\x00x"),
        ("a.json", b"<html>"),
        ("a.gguf", b""),
    ],
)
def test_a_wrong_beginning_is_refused_and_shown(name: str, head: bytes) -> None:
    with pytest.raises(LoadFailed, match="not what its name says"):
        check_head(name, head)


@pytest.mark.parametrize("name", ["vocab.txt", "spiece.model"])
@pytest.mark.parametrize("head", [b"\x80\x04\x95\x00", b"\x80\x02}q\x00", b"PK\x03\x04"])
def test_a_pickle_hides_behind_no_other_name(name: str, head: bytes) -> None:
    with pytest.raises(LoadFailed, match="not what its name says"):
        check_head(name, head)


def test_a_control_character_makes_a_name_unsafe() -> None:
    assert not is_safe_name("model\n.gguf")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("config.json", "model.onnx"), "onnx"),
        (("a.gguf",), "gguf"),
        (("a.bin",), "ggml"),
        (("A.SAFETENSORS",), "safetensors"),
        (("tokenizer.json",), None),
        ((), None),
    ],
)
def test_the_weights_name_the_format(files: tuple[str, ...], expected: str | None) -> None:
    assert format_of(files) == expected


def check(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    check_file(name, tmp_path / "file")


def test_a_safetensors_file_that_is_cut_off_in_its_header_is_refused(tmp_path: Path) -> None:
    header = b'{"a": 1}'
    check(tmp_path, "a.safetensors", len(header).to_bytes(8, "little") + header)
    with pytest.raises(LoadFailed, match="cut off"):
        check(tmp_path, "a.safetensors", (1000).to_bytes(8, "little") + header)


@pytest.mark.parametrize("location", ["model.onnx_data", "./model.onnx_data", "deep/weights"])
def test_weights_beside_a_graph_are_fine(tmp_path: Path, location: str) -> None:
    check(tmp_path, "a.onnx", model(graph(external(location))))


@pytest.mark.parametrize("location", ["../secret", "/etc/passwd", "a/../../b", "..\\b", ""])
def test_a_graph_that_reaches_out_of_its_folder_is_refused(tmp_path: Path, location: str) -> None:
    with pytest.raises(LoadFailed, match="outside its own folder"):
        check(tmp_path, "a.onnx", model(graph(external(location))))
