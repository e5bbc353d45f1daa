from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from alive_core.catalog.entry import Entry, Hub, find_entry, load_catalogue, source_key
from alive_core.errors import ConfigurationError, ModelNotFound

WriteEntry = Callable[..., Entry]
HUB = 'kind = "hub"\nrepo = "owner/model"\nfiles = ["model.gguf"]'


def test_an_entry_knows_its_name_its_service_and_its_file(write_entry: WriteEntry, tmp_path: Path) -> None:
    entry = write_entry(HUB)
    assert (entry.name, entry.service) == ("tiny", "test_server")
    assert entry.catalogue == tmp_path / "package" / "catalogue.toml"
    assert entry.sources == (Hub(repo="owner/model", files=("model.gguf",)),)


def test_broken_toml_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.toml"
    path.write_text('service = "x"\n[models.a\n')
    with pytest.raises(ConfigurationError, match=r"catalogue\.toml: .*line 2"):
        load_catalogue(path)


def test_a_missing_catalogue_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"catalogue\.toml cannot be read: No such file"):
        load_catalogue(tmp_path / "catalogue.toml")


def test_a_file_without_a_service_names_the_known_fields(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.toml"
    path.write_text("[models]\n")
    with pytest.raises(ConfigurationError, match=r"service.*Known fields: service, models"):
        load_catalogue(path)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (f"{HUB}\ncolour = 1", "colour"),
        ('kind = "ftp"', "ftp"),
        ('kind = "hub"\nrepo = "model"\nfiles = ["a.gguf"]', "'model' is not a repository"),
        ('kind = "hub"\nrepo = "a/b"\nfiles = []', "lists no files"),
        ('kind = "hub"\nrepo = "a/b"\nfiles = ["../a.gguf"]', "not a relative path to a model file"),
        ('kind = "hub"\nrepo = "a/b"\nfiles = ["/a.gguf"]', "not a relative path to a model file"),
        ('kind = "hub"\nrepo = "a/b"\nfiles = ["a.pt"]', r"known kinds: \.gguf"),
        (f'{HUB}\nremote = {{ "other.gguf" = "x.gguf" }}', "`remote` names 'other.gguf'"),
        (f'{HUB}\nsha256 = {{ "model.gguf" = "ABC" }}', "64 small hexadecimal digits"),
        ('kind = "https"\nurl = "http://x.example/"\nfiles = ["a.gguf"]', "does not begin with https://"),
        ('kind = "https"\nurl = "https://x.example/a"\nfiles = ["a.gguf"]', "end with /"),
    ],
)
def test_a_wrong_source_is_refused_with_file_model_and_reason(write_entry: WriteEntry, lines: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"catalogue\.toml, model 'tiny': .*{said}"):
        write_entry(lines)


def test_an_unknown_field_names_the_known_ones(write_entry: WriteEntry) -> None:
    with pytest.raises(ConfigurationError, match=r"colour.*Known fields: description, licence"):
        write_entry(HUB, extra="colour = 1")


def test_what_the_loader_fills_in_cannot_be_written(write_entry: WriteEntry) -> None:
    with pytest.raises(ConfigurationError, match="filled in by the loader"):
        write_entry(HUB, extra='service = "mine"')


def test_an_unknown_model_names_the_known_ones(write_entry: WriteEntry) -> None:
    with pytest.raises(ModelNotFound, match=r"no model 'huge'. Known: tiny"):
        find_entry("huge", [{"tiny": write_entry(HUB)}])


@pytest.mark.parametrize("package", ["command_server", "providers_server"])
def test_the_catalogues_of_both_services_are_valid(package: str) -> None:
    catalogue = load_catalogue(Path(str(files(package))) / "catalogue.toml")
    assert catalogue
    for entry in catalogue.values():
        assert entry.service == package
        assert entry.min_memory_bytes > entry.size_bytes
        assert len({source_key(source) for source in entry.sources}) == len(entry.sources)
