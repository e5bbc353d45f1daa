import hashlib
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from alive_core.catalog.entry import Entry, Https
from alive_core.catalog.failures import ChecksumMismatch, DownloadFailed
from alive_core.catalog.pins import Pins
from alive_core.catalog.pull import PullOptions, pull
from alive_core.catalog.store import Store
from support.stand_in_hub import COMMIT, PACED_BYTES, StandInHub, serve_instead, stand_in_hub

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
    def __init__(self, site: StandInHub, store: Store, pins: Pins) -> None:
        self.site = site
        self.store = store
        self.pins = pins
        self.said: list[str] = []
        self.progress: list[str] = []

    def pull(
        self, entry: Entry, *, token: str | None = None, hub_url: str | None = None, is_anew: bool = False
    ) -> Path:
        options = PullOptions(
            say=self.said.append,
            on_progress=lambda name, done, total: self.progress.append(name),
            pins=self.pins,
            is_anew=is_anew,
            token=token,
            hub_url=hub_url or self.site.hub_url,
            pause=lambda seconds: None,
        )
        return pull(entry, self.store, options)


@pytest.fixture
def puller(site: StandInHub, store: Store, pins: Pins) -> Puller:
    return Puller(site, store, pins)


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


def test_the_first_pull_pins_revision_and_hashes(puller: Puller, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    puller.pull(entry)
    pin = puller.pins.find(entry, entry.sources[0])
    assert pin is not None
    assert (pin.revision, pin.sha256) == (COMMIT, {"a.gguf": SHA256})


def test_a_later_pull_gets_the_pinned_revision_though_the_hub_has_moved_on(
    puller: Puller, write_entry: WriteEntry
) -> None:
    entry = write_entry(HUB)
    puller.pull(entry)
    puller.store.remove("tiny")
    puller.site.commit = "f" * 40
    puller.site.at_hub.clear()
    puller.pull(entry)
    assert all(f"/resolve/{COMMIT}/" in seen.path for seen in puller.site.at_hub)
    assert puller.pins.find(entry, entry.sources[0]).revision == COMMIT  # type: ignore[union-attr]  # it is pinned


@pytest.mark.parametrize("tells_sha256", [True, False])
def test_changed_content_at_the_pinned_revision_shows_both_hashes_and_keeps_nothing(
    puller: Puller, write_entry: WriteEntry, tells_sha256: bool
) -> None:
    entry = write_entry(HUB)
    puller.site.tells_sha256 = tells_sha256
    puller.pull(entry)
    puller.store.remove("tiny")
    changed = b"GGUF changed"
    puller.site.files["owner/model/deep/model.gguf"] = changed
    with pytest.raises(ChecksumMismatch) as caught:
        puller.pull(entry)
    assert SHA256 in caught.value.message
    assert hashlib.sha256(changed).hexdigest() in caught.value.message
    assert puller.store.state(entry) == "missing"
    assert [path for path in puller.store.root.rglob("*.gguf*") if path.is_file()] == []


def test_a_pull_anew_takes_what_the_source_has_now_and_pins_that(puller: Puller, write_entry: WriteEntry) -> None:
    entry = write_entry(HUB)
    puller.pull(entry)
    puller.site.commit = "f" * 40
    puller.site.files["owner/model/deep/model.gguf"] = b"GGUF newer"
    assert puller.pull(entry, is_anew=True).read_bytes() == b"GGUF newer"
    pin = puller.pins.find(entry, entry.sources[0])
    assert pin is not None
    assert (pin.revision, pin.sha256["a.gguf"]) == ("f" * 40, hashlib.sha256(b"GGUF newer").hexdigest())


def test_a_pull_anew_that_fails_leaves_the_model_and_its_pin(
    puller: Puller, write_entry: WriteEntry, unused_tcp_port: int
) -> None:
    entry = write_entry(HUB)
    path = puller.pull(entry)
    with pytest.raises(DownloadFailed):
        puller.pull(entry, hub_url=f"http://127.0.0.1:{unused_tcp_port}", is_anew=True)
    assert puller.store.find(entry) == path
    assert puller.pins.find(entry, entry.sources[0]) is not None


def test_a_catalogue_that_moves_on_to_another_revision_is_followed(puller: Puller, write_entry: WriteEntry) -> None:
    puller.pull(write_entry(HUB))
    moved = write_entry(f'{HUB}\nrevision = "v2"')
    puller.pull(moved)
    pin = puller.pins.find(moved, moved.sources[0])
    assert pin is not None
    assert pin.revision == "v2"


def test_a_plain_web_address_is_pinned_by_its_hash(puller: Puller, write_entry: WriteEntry) -> None:
    lines = f'kind = "https"\nurl = "{puller.site.storage_url}/owner/model/deep/"\nfiles = ["model.gguf"]'
    entry = write_entry(lines)
    assert puller.pull(entry).read_bytes() == CONTENT
    puller.store.remove("tiny")
    puller.site.files["owner/model/deep/model.gguf"] = b"GGUF changed"
    with pytest.raises(ChecksumMismatch, match=SHA256):
        puller.pull(entry)


PULLING = """
import os, sys
from pathlib import Path
from alive_core.catalog.entry import find_entry, load_catalogue
from alive_core.catalog.pins import Pins
from alive_core.catalog.pull import PullOptions, pull
from alive_core.catalog.store import Store

def tell(name, done, total):
    print("at", done, flush=True)

catalogue, root, hub = sys.argv[1:]
entry = find_entry("tiny", [load_catalogue(Path(catalogue))])
options = PullOptions(
    say=lambda line: print(line, flush=True), on_progress=tell, pins=Pins(Path(root) / "state"), hub_url=hub
)
pull(entry, Store(Path(root)), options)
"""


class Pace:
    """Lets each connection have two pieces of a file, and the rest when `goes_on` is set."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self._sent = threading.local()

    def __call__(self) -> None:
        self._sent.count = getattr(self._sent, "count", 0) + 1
        if self._sent.count > 2:
            self.goes_on.wait()


@pytest.fixture
def pace(site: StandInHub) -> Iterator[Pace]:
    site.pace = Pace()
    yield site.pace
    site.pace.goes_on.set()


def pulling(entry: Entry, store: Store, site: StandInHub) -> "subprocess.Popen[str]":
    """A pull in a process of its own, which prints how far it is."""
    arguments = [str(entry.catalogue), str(store.root), site.hub_url]
    return subprocess.Popen([sys.executable, "-c", PULLING, *arguments], stdout=subprocess.PIPE, text=True)


def wait_for(process: "subprocess.Popen[str]", wanted: str) -> None:
    """Read what the process prints until it is the line `wanted`."""
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    assert wanted in lines


def test_a_pull_killed_ten_times_is_finished(
    store: Store, write_entry: WriteEntry, site: StandInHub, pace: Pace
) -> None:
    """Each pull is a process of its own that is killed in the middle; the eleventh goes on from what is there."""
    entry = write_entry(HUB)
    part = store.root / "partial" / "tiny" / "files" / "a.gguf.part"
    reached = [kills * 2 * PACED_BYTES for kills in range(1, 11)]
    for size in reached:
        with pulling(entry, store, site) as process:
            wait_for(process, f"at {size}\n")
            process.kill()
        assert part.stat().st_size == size
    pace.goes_on.set()
    with pulling(entry, store, site) as process:
        assert process.communicate()[0].splitlines()[-1] == f"at {len(CONTENT)}"
    assert process.returncode == 0
    assert [seen.headers.get("Range") for seen in site.at_storage] == [None, *(f"bytes={size}-" for size in reached)]
    assert store.find(entry) is not None
    store.verify(entry)


def test_of_two_pulls_one_waits_and_says_for_whom(
    store: Store, write_entry: WriteEntry, site: StandInHub, pace: Pace
) -> None:
    entry = write_entry(HUB)
    with pulling(entry, store, site) as first:
        wait_for(first, f"at {2 * PACED_BYTES}\n")
        with pulling(entry, store, site) as second:
            wait_for(second, f"Another process (pid {first.pid}) is fetching tiny; waiting for it.\n")
            pace.goes_on.set()
            assert [process.communicate()[1] for process in (first, second)] == [None, None]
            assert (first.returncode, second.returncode) == (0, 0)
    assert len(site.at_storage) == 1


def test_who_waits_for_a_pull_that_is_killed_goes_on_in_its_place(
    store: Store, write_entry: WriteEntry, site: StandInHub, pace: Pace
) -> None:
    entry = write_entry(HUB)
    with pulling(entry, store, site) as first:
        wait_for(first, f"at {2 * PACED_BYTES}\n")
        with pulling(entry, store, site) as second:
            wait_for(second, f"Another process (pid {first.pid}) is fetching tiny; waiting for it.\n")
            first.kill()
            pace.goes_on.set()
            second.communicate()
            assert second.returncode == 0
    assert site.at_storage[-1].headers["Range"] == f"bytes={2 * PACED_BYTES}-"
    store.verify(entry)
