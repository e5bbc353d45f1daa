"""An archive is trusted in nothing: what is not as its list says is refused, and nothing leaves the folder."""

import hashlib
import io
import os
import shutil
import tarfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.operations import archive as archives
from alive_core.operations.archive import (
    CONTENTS,
    FORMAT,
    Contents,
    describe_file,
    is_archivable,
    pack,
    unpack,
)
from alive_core.operations.failures import ArchiveDamaged, RestoreRefused

DATA = b"what was said"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What is packed."""
    source = tmp_path / "source"
    (source / "state").mkdir(parents=True)
    (source / "state" / "a.json").write_bytes(DATA)
    (source / "state" / "b.json").write_bytes(os.urandom(300_000))
    return source


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where it is unpacked; nothing may appear beside it."""
    target = tmp_path / "inner" / "out"
    target.mkdir(parents=True)
    return target


@pytest.fixture
def packed(folder: Path, tmp_path: Path) -> Path:
    """A right archive."""
    files = (describe_file(folder, "state/a.json"), describe_file(folder, "state/b.json", 4))
    with (tmp_path / "right.tar.gz").open("wb") as file:
        pack(file, Contents(FORMAT, "2026-01-02T03:04:05+00:00", "1.2.3", files), folder)
    return tmp_path / "right.tar.gz"


def entry(path: str, data: bytes = DATA, **fields: Any) -> dict[str, Any]:
    return {"path": path, "size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} | fields


def made(tmp_path: Path, listing: Any, members: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    """An archive with any list and any members."""
    data = listing if isinstance(listing, bytes) else msgspec.json.encode(listing)
    with tarfile.open(tmp_path / "made.tar.gz", "w:gz") as tar:
        for info, content in [(named(CONTENTS, data), data), *members]:
            tar.addfile(info, io.BytesIO(content))
    return tmp_path / "made.tar.gz"


def named(path: str, data: bytes = DATA, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(path)
    info.size, info.type = len(data), kind
    return info


def listing(*files: dict[str, Any], version: int = FORMAT) -> dict[str, Any]:
    return {"format": version, "made": "now", "program": "9.9", "files": list(files)}


def test_what_was_packed_is_unpacked_byte_for_byte(packed: Path, folder: Path, out: Path) -> None:
    contents = unpack(packed, out)
    assert [file.schema_version for file in contents.files] == [None, 4]
    for name in ("a.json", "b.json"):
        assert (out / "state" / name).read_bytes() == (folder / "state" / name).read_bytes()
        assert (out / "state" / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "path",
    [
        "../evil",
        "state/../../evil",
        "/etc/evil",
        "state//evil",
        "state/./evil",
        "state/.hidden",
        "state/",
        "state",
        "logs/a",
        "state/a\n",
        "state/a\\b",
        "",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused_though_the_list_has_it(path: str, tmp_path: Path, out: Path) -> None:
    archive = made(tmp_path, listing(entry(path)), [(named(path), DATA)])
    with pytest.raises(ArchiveDamaged, match="names what cannot be"):
        unpack(archive, out)
    assert not is_archivable(path)
    assert list(out.parent.iterdir()) == [out]


@given(st.text(alphabet="./\\aé \n", max_size=12))
def test_no_path_that_is_allowed_leads_out_of_its_folder(tail: str) -> None:
    path = f"state/{tail}"
    if is_archivable(path):
        assert os.path.normpath(path) == path
        assert path.startswith("state/")


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
)
def test_only_plain_files_are_unpacked(kind: bytes, tmp_path: Path, out: Path) -> None:
    info = named("state/a.json", b"", kind)
    info.linkname = "/etc/passwd"
    archive = made(tmp_path, listing(entry("state/a.json", b"")), [(info, b"")])
    with pytest.raises(ArchiveDamaged):
        unpack(archive, out)
    assert not (out / "state").exists()


def test_a_file_that_the_list_does_not_have_is_refused(tmp_path: Path, out: Path) -> None:
    archive = made(tmp_path, listing(), [(named("state/a.json"), DATA)])
    with pytest.raises(ArchiveDamaged, match=r"'state/a\.json', which is not as its list says"):
        unpack(archive, out)


def test_a_file_that_comes_twice_is_refused(tmp_path: Path, out: Path) -> None:
    twice = [(named("state/a.json"), DATA)] * 2
    with pytest.raises(ArchiveDamaged):
        unpack(made(tmp_path, listing(entry("state/a.json")), twice), out)
    with pytest.raises(ArchiveDamaged, match="names what cannot be"):
        unpack(made(tmp_path, listing(entry("state/a.json"), entry("state/a.json")), twice), out)


def test_a_file_that_is_missing_is_named(tmp_path: Path, out: Path) -> None:
    with pytest.raises(ArchiveDamaged, match=r"lacks state/a\.json"):
        unpack(made(tmp_path, listing(entry("state/a.json")), []), out)


def test_a_changed_file_shows_both_hashes(tmp_path: Path, out: Path) -> None:
    changed = DATA[::-1]
    archive = made(tmp_path, listing(entry("state/a.json")), [(named("state/a.json"), changed)])
    with pytest.raises(ArchiveDamaged) as caught:
        unpack(archive, out)
    for data in (DATA, changed):
        assert hashlib.sha256(data).hexdigest() in str(caught.value)


def test_a_file_of_another_size_is_refused_before_it_is_read(tmp_path: Path, out: Path) -> None:
    archive = made(tmp_path, listing(entry("state/a.json", size_bytes=3)), [(named("state/a.json"), DATA)])
    with pytest.raises(ArchiveDamaged, match="not as its list says"):
        unpack(archive, out)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.99])
def test_an_archive_cut_anywhere_is_damaged(packed: Path, out: Path, share: float) -> None:
    data = packed.read_bytes()
    packed.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ArchiveDamaged):
        unpack(packed, out)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9])
def test_an_archive_with_one_wrong_byte_is_damaged(packed: Path, out: Path, share: float) -> None:
    data = bytearray(packed.read_bytes())
    data[int(len(data) * share)] ^= 0xFF
    packed.write_bytes(data)
    with pytest.raises(ArchiveDamaged):
        unpack(packed, out)


@given(st.binary(max_size=300))
def test_any_other_bytes_are_no_backup(data: bytes) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as scratch:
        file, out = Path(scratch) / "any", Path(scratch) / "out"
        out.mkdir()
        file.write_bytes(data)
        with pytest.raises(ArchiveDamaged):
            unpack(file, out)


@pytest.mark.parametrize("words", [b"no json", b"[]", b"{}", b"\xff\xfe", b'{"format": 1}'])
def test_a_list_that_makes_no_sense_is_refused(words: bytes, tmp_path: Path, out: Path) -> None:
    with pytest.raises(ArchiveDamaged, match="cannot be read"):
        unpack(made(tmp_path, words, []), out)


def test_an_endless_list_is_not_read(tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "ARCHIVE_LIST_BYTES", 10)
    with pytest.raises(ArchiveDamaged, match="does not begin with its list"):
        unpack(made(tmp_path, listing(), []), out)


def test_a_newer_format_names_both_versions_whatever_else_it_holds(tmp_path: Path, out: Path) -> None:
    archive = made(tmp_path, {"format": FORMAT + 1, "parts": {}}, [])
    with pytest.raises(RestoreRefused, match=f"has format {FORMAT + 1}, this program knows {FORMAT}"):
        unpack(archive, out)


def test_what_does_not_fit_on_the_disk_is_not_begun(packed: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 1, 8))
    with pytest.raises(RestoreRefused, match="has 8 B free; the backup needs 293 KiB"):
        unpack(packed, out)
    assert list(out.iterdir()) == []


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path, out: Path) -> None:
    with pytest.raises(RestoreRefused, match="No such file"):
        unpack(tmp_path / "none.tar.gz", out)
