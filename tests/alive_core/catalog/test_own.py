from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.catalog.entry import Entry, Https, Hub, Local, Pypi, Source
from alive_core.catalog.own import FILE_NAME, SERVICE, load_own, opens, read_source, write_own
from alive_core.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("owner/repo:model.gguf", Hub("owner/repo", ("model.gguf",))),
        ("owner/repo@v2:deep/model.gguf", Hub("owner/repo", ("deep/model.gguf",), "v2")),
        ("o/r:model.onnx,tokenizer.json", Hub("o/r", ("model.onnx", "tokenizer.json"))),
        ("https://h.example/a/model%20b.gguf", Https("https://h.example/a/", ("model b.gguf",))),
        (
            "pypi:a-model==1.0:a_model/x/model.onnx,a_model/config.json",
            Pypi(
                "a-model",
                ("model.onnx", "config.json"),
                "1.0",
                {"model.onnx": "a_model/x/model.onnx", "config.json": "a_model/config.json"},
            ),
        ),
        ("pypi:a-model:model.gguf", Pypi("a-model", ("model.gguf",))),
    ],
)
def test_a_source_is_read_as_a_person_writes_it(text: str, source: Source) -> None:
    assert read_source(text) == source


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http://h.example/model.gguf", "only https"),
        ("https://h.example/model.gguf?token=secret", "plain address"),
        ("https://me:secret@h.example/model.gguf", "plain address"),
        ("https://h.example/model.pt", "no model file"),
        ("https://h.example/", "no model file"),
        ("owner/repo:../model.gguf", "no model file"),
        ("owner/repo:model.ckpt", "no model file"),
        ("pypi:p:model.pkl", "no model file"),
        ("owner/repo", "no other source"),
        ("/nowhere/model.gguf", "no other source"),
    ],
)
def test_a_source_that_makes_no_sense_or_is_no_model_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read_source(text)


def test_a_path_is_kept_whole_and_must_be_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.gguf").write_bytes(b"GGUF")
    (tmp_path / "mine.pt").write_bytes(b"PK")
    monkeypatch.chdir(tmp_path)
    assert read_source("mine.gguf") == Local(str(tmp_path / "mine.gguf"))
    assert read_source(str(tmp_path)) == Local(str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"'mine\.pt' is no model file"):
        read_source("mine.pt")


@pytest.mark.parametrize(
    ("text", "what"),
    [("o/r:a.gguf", "first_file"), ("o/r:model.onnx,config.json", "folder"), ("o/r:a.bin", "first_file")],
)
def test_an_engine_is_given_the_file_or_the_folder_by_its_format(text: str, what: str) -> None:
    assert opens(read_source(text)) == what


def entry(name: str, *sources: Source, description: str = "Mine.") -> Entry:
    return Entry(description, "MIT", 10, 20, sources, name=name, service=SERVICE)


def test_nobody_has_models_of_their_own_at_first(tmp_path: Path) -> None:
    assert load_own(tmp_path / "state") == {}


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    sources: list[Source] = [
        Hub("o/r", ("a.gguf",), sha256={"a.gguf": "0" * 64}),
        Https("https://h.example/", ("a.gguf",), {"a.gguf": "deep/b.gguf"}),
        Pypi("p", ("a.onnx",), "1.0"),
        Local("/tmp/a.gguf"),
    ]
    entries = {f"m.{number}": entry(f"m.{number}", source) for number, source in enumerate(sources)}
    write_own(tmp_path, entries)
    found = load_own(tmp_path)
    assert {name: one.sources for name, one in found.items()} == {name: one.sources for name, one in entries.items()}
    assert {one.catalogue for one in found.values()} == {tmp_path / FILE_NAME}
    assert list(tmp_path.iterdir()) == [tmp_path / FILE_NAME]


@given(st.text(st.characters(codec="utf-8")))
def test_any_description_survives(tmp_path_factory: pytest.TempPathFactory, description: str) -> None:
    folder = tmp_path_factory.mktemp("own")
    write_own(folder, {"mine": entry("mine", Hub("o/r", ("a.gguf",)), description=description)})
    assert load_own(folder)["mine"].description == description


def test_what_cannot_be_read_back_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    write_own(tmp_path, {"good": entry("good", Hub("o/r", ("a.gguf",)))})
    with pytest.raises(ConfigurationError):
        write_own(tmp_path, {"bad": entry("bad", Hub("no-repository", ("a.gguf",)))})
    assert list(load_own(tmp_path)) == ["good"]
