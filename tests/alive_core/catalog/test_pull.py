import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from alive_core.catalog.entry import Entry, Https
from alive_core.catalog.failures import ChecksumMismatch, DownloadFailed
from alive_core.catalog.pull import PullOptions, pull
from alive_core.catalog.store import Store
from support.stand_in_hub import COMMIT, StandInHub, cut_after, serve_instead, stand_in_hub

WriteEntry = Callable[..., Entry]
CONTENT = b"GGUF" + random.Random(9).randbytes(100_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
HUB = 'kind = "hub"\nrepo = "owner/model"\nfiles = ["a.gguf"]\nremote = { "a.gguf" = "deep/model.gguf" }'
EXPORT_LINES = '\n[[models.tiny.sources]]\nkind = "export"\nscript = "tools/make.py"\nfiles = ["a.gguf"]'
SCRIPT = """
import pathlib, sys
print("making it", flush=True)
folder = pathlib.Path(sys.argv[sys.argv.index("--output") + 1])
folder.mkdir()
(folder / "a.gguf").write_bytes(b"GGUF made here")
"""


@pytest.fixture
def site() -> Iterator[StandInHub]:
    with stand_in_hub({"owner/model/deep/model.gguf": CONTENT}) as site:
        yield site


class Puller:
    def __init__(self, site: StandInHub, store: Store) -> None:
        self.site = site
        self.store = store
        self.said: list[str] = []
        self.progress: list[str] = []

    def pull(self, entry: Entry, *, token: str | None = None, hub_url: str | None = None) -> Path:
        options = PullOptions(
            say=self.said.append,
            on_progress=lambda name, done, total: self.progress.append(name),
            token=token,
            hub_url=hub_url or self.site.hub_url,
            pause=lambda seconds: None,
        )
        return pull(entry, self.store, options)


@pytest.fixture
def puller(site: StandInHub, store: Store) -> Puller:
    return Puller(site, store)


def write_script(tmp_path: Path, script: str = SCRIPT) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "make.py").write_text(script)


def test_a_model_comes_from_the_hub_with_its_commit_and_checksum(puller: Puller, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    assert puller.pull(entry).read_bytes() == CONTENT
    manifest = puller.store.manifest("tiny")
    assert manifest is not None
    assert (manifest.revision, manifest.files[0].sha256) == (COMMIT, SHA256)
    assert f"/resolve/{COMMIT}/" in puller.site.at_hub[-1].path


def test_a_model_that_is_there_costs_no_request(puller: Puller, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    puller.pull(entry)
    puller.site.at_hub.clear()
    puller.pull(entry)
    assert puller.site.at_hub == []


def test_a_copied_model_is_hashed_instead_of_fetched_again(puller: Puller, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    path = puller.pull(entry)
    os.utime(path, (1, 1))
    puller.site.at_hub.clear()
    assert puller.pull(entry) == path
    assert puller.site.at_hub == []


def test_a_damaged_model_is_fetched_again(puller: Puller, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    puller.pull(entry).write_bytes(b"GGUF broken")
    assert puller.pull(entry).read_bytes() == CONTENT


def test_the_hubs_own_checksum_is_held_against_the_file(puller: Puller, write_entry: WriteEntry) -> None:
    puller.site.troubles = [serve_instead(b"GGUF" + bytes(100_000))]
    with pytest.raises(ChecksumMismatch, match=f"(?s)^tiny: .*{SHA256}"):
        puller.pull(write_entry(HUB))
    assert puller.store.state(write_entry(HUB)) == "missing"


def test_a_hub_whose_file_is_not_the_catalogues_is_refused_before_the_download(
    puller: Puller, write_entry: WriteEntry
) -> None:
    with pytest.raises(ChecksumMismatch, match="nothing was fetched"):
        puller.pull(write_entry(f'{HUB}\nsha256 = {{ "a.gguf" = "{"0" * 64}" }}'))
    assert puller.site.at_storage == []


def test_the_token_goes_to_the_hub_and_nowhere_else(puller: Puller, write_entry: WriteEntry) -> None:
    puller.site.needs_token = True
    puller.pull(write_entry(HUB), token="right")
    assert all(seen.headers.get("Authorization") == "Bearer right" for seen in puller.site.at_hub)
    assert puller.site.at_storage
    assert all("Authorization" not in seen.headers for seen in puller.site.at_storage)


@pytest.mark.parametrize(("token", "said"), [(None, r"gated \(401\)"), ("wrong", "HF_TOKEN has no access")])
def test_a_gated_repository_says_where_to_accept_the_licence(
    puller: Puller, write_entry: WriteEntry, token: str | None, said: str
) -> None:
    puller.site.needs_token = True
    with pytest.raises(DownloadFailed, match=rf"(?s){said}.*{puller.site.hub_url}/owner/model.*HF_TOKEN"):
        puller.pull(write_entry(HUB), token=token)
    assert "wrong" not in "".join(puller.said)


def test_a_renamed_repository_is_followed(puller: Puller, write_entry: WriteEntry) -> None:
    assert puller.pull(write_entry(HUB.replace("owner/", "old-name/"))).read_bytes() == CONTENT


def test_a_file_that_the_hub_does_not_have_is_named(puller: Puller, write_entry: WriteEntry) -> None:
    with pytest.raises(DownloadFailed, match=r"gone\.gguf answered 404"):
        puller.pull(write_entry('kind = "hub"\nrepo = "owner/model"\nfiles = ["gone.gguf"]'))


def test_a_hub_out_of_reach_makes_way_for_the_next_source(
    puller: Puller, write_entry: WriteEntry, tmp_path: Path, unused_tcp_port: int
) -> None:
    write_script(tmp_path)
    path = puller.pull(write_entry(HUB + EXPORT_LINES), hub_url=f"http://127.0.0.1:{unused_tcp_port}")
    assert path.read_bytes() == b"GGUF made here"
    assert puller.said[0].startswith("The hub 127.0.0.1 cannot be reached")
    assert "making it" in puller.said


def test_a_script_that_fails_leaves_nothing_and_its_reason_is_told(
    puller: Puller, write_entry: WriteEntry, tmp_path: Path
) -> None:
    write_script(tmp_path, "import sys\nprint('starting')\nsys.exit('There is no disk left.')")
    entry = write_entry(EXPORT_LINES.removeprefix("\n[[models.tiny.sources]]\n"))
    with pytest.raises(DownloadFailed, match=r"could not make tiny: There is no disk left\."):
        puller.pull(entry)
    assert puller.store.state(entry) == "missing"


def test_a_script_that_forgets_a_file_is_refused(puller: Puller, write_entry: WriteEntry, tmp_path: Path) -> None:
    write_script(tmp_path, SCRIPT.replace("a.gguf", "b.gguf"))
    with pytest.raises(DownloadFailed, match=r"did not make a\.gguf"):
        puller.pull(write_entry(EXPORT_LINES.removeprefix("\n[[models.tiny.sources]]\n")))


def test_an_installed_package_says_that_its_script_is_in_the_repository(
    puller: Puller, write_entry: WriteEntry
) -> None:
    with pytest.raises(DownloadFailed, match="part of the repository, not of the installed package"):
        puller.pull(write_entry(EXPORT_LINES.removeprefix("\n[[models.tiny.sources]]\n")))


def test_every_sources_reason_is_told_when_none_has_it(
    puller: Puller, write_entry: WriteEntry, unused_tcp_port: int
) -> None:
    with pytest.raises(DownloadFailed, match=r"(?s)cannot be reached.*not of the installed package"):
        puller.pull(write_entry(HUB + EXPORT_LINES), hub_url=f"http://127.0.0.1:{unused_tcp_port}")


def test_a_bundled_or_local_model_that_is_not_there_cannot_be_fetched(
    puller: Puller, write_entry: WriteEntry
) -> None:
    with pytest.raises(DownloadFailed, match="install the package again"):
        puller.pull(write_entry('kind = "bundled"\nfiles = ["a.gguf"]'))
    with pytest.raises(DownloadFailed, match="does not exist on this machine"):
        puller.pull(write_entry('kind = "local"\npath = "/nowhere/a.gguf"'))


def test_plain_web_addresses_get_no_token(puller: Puller, write_entry: WriteEntry) -> None:
    folder = f"{puller.site.storage_url}/owner/model/deep/"  # the loader allows https only
    source = Https(url=folder, files=("a.gguf",), remote={"a.gguf": "model.gguf"})
    entry = msgspec.structs.replace(write_entry(HUB), sources=(source,))
    assert puller.pull(entry, token="right").read_bytes() == CONTENT
    assert "Authorization" not in puller.site.at_storage[0].headers


def test_a_pull_killed_ten_times_is_finished(store: Store, write_entry: WriteEntry, tmp_path: Path) -> None:
    """Each pull is a process of its own that dies in the middle; the eleventh goes on from what is there."""
    entry = write_entry(HUB)
    program = f"""
import os, sys
from pathlib import Path
from alive_core.catalog.entry import find_entry, load_catalogue
from alive_core.catalog.pull import PullOptions, pull
from alive_core.catalog.store import Store

def die_later(name, done, total):
    if dies and done - first.setdefault(0, done) >= 5_000:
        os._exit(9)

dies, first = sys.argv[2] == "dies", {{}}
entry = find_entry("tiny", [load_catalogue(Path({str(entry.catalogue)!r}))])
pull(entry, Store(Path({str(store.root)!r})), PullOptions(say=print, on_progress=die_later, hub_url=sys.argv[1]))
"""
    with stand_in_hub({"owner/model/deep/model.gguf": CONTENT}) as site:
        site.troubles = [cut_after(9_000)] * 10
        for fate in ["dies"] * 10 + ["lives"]:
            done = subprocess.run([sys.executable, "-c", program, site.hub_url, fate], check=False)
            assert done.returncode == (9 if fate == "dies" else 0)
        resumed = [seen.headers["Range"] for seen in site.at_storage if "Range" in seen.headers]
    assert len(resumed) == 10
    assert store.find(entry) is not None
    store.verify(entry)
