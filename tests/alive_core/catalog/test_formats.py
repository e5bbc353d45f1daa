import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.catalog.formats import check_head, is_safe_name
from alive_core.errors import LoadFailed


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
