"""The shared record: atomic between processes, and nothing of a crashed one stays."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.cache.book import DATABASE, FILE_NAME, STEPS, Book, Holder, Instance, Measurement
from alive_core.errors import ConfigurationError
from alive_core.operations.processes import identity

SIZE = 60
ROOM = 100


def fits(others: object) -> bool:
    assert isinstance(others, list)
    return sum(holder.bytes for holder in others) + SIZE <= ROOM


def book_of(file: Path, pid: int = 1, *, gone: frozenset[int] = frozenset()) -> Book:
    return Book(file, Instance("test", pid, f"process {pid}"), lambda pid: None if pid in gone else f"process {pid}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / FILE_NAME


@pytest.fixture
def book(file: Path) -> Iterator[Book]:
    with closing(book_of(file)) as book:
        yield book


def test_what_one_server_holds_the_other_sees(file: Path, book: Book) -> None:
    assert book.reserve("a", SIZE, fits)
    with closing(book_of(file, 2)) as other:
        assert other.others() == [Holder("test", 1, "a", SIZE, is_loading=True)]
        book.settle("a", 40, is_inside=True)
        assert other.others() == [Holder("test", 1, "a", 40, is_inside=True)]
        book.release("a")
        assert other.others() == []
    assert book.others() == []


def test_a_refused_reservation_leaves_nothing(file: Path, book: Book) -> None:
    assert not book.reserve("a", SIZE, lambda others: False)
    with closing(book_of(file, 2)) as other:
        assert other.others() == []


def test_closing_gives_everything_back(file: Path, book: Book) -> None:
    with closing(book_of(file, 2)) as other:
        other.reserve("a", SIZE, fits)
        assert book.others()
    assert not book.others()


def test_what_a_crashed_server_held_counts_no_more(file: Path, book: Book) -> None:
    book.reserve("a", SIZE, fits)
    with closing(book_of(file, 2, gone=frozenset({1}))) as other:
        assert other.others() == []
        assert other.reserve("b", SIZE, fits)
    with closing(sqlite3.connect(file)) as raw:
        assert raw.execute("SELECT count(*) FROM reservations").fetchone() == (0,)


def test_a_pid_used_again_is_another_process(file: Path, book: Book) -> None:
    book.reserve("a", SIZE, fits)
    with closing(Book(file, Instance("test", 1, "later"), lambda pid: "later")) as other:
        assert other.others() == []


def test_measurements_last(file: Path) -> None:
    with closing(book_of(file)) as book:
        assert book.measurement("m") == Measurement()
        book.remember("m", Measurement(5, 1.5))
        book.remember("n", Measurement(None, 2.0))
    with closing(book_of(file, 2)) as book:
        assert book.measurement("m") == Measurement(5, 1.5)
        assert book.measurement("n") == Measurement(None, 2.0)


sizes = st.none() | st.integers(0, 2**40)
times = st.none() | st.floats(0, 1e6)


@given(st.builds(Measurement, sizes, times), st.builds(Measurement, sizes, times))
def test_two_measurements_join_to_the_larger_size_and_the_middle_time(one: Measurement, two: Measurement) -> None:
    joined = one.joined(two)
    assert joined.bytes == max((size for size in (one.bytes, two.bytes) if size is not None), default=None)
    known = [seconds for seconds in (one.load_s, two.load_s) if seconds is not None]
    assert (joined.load_s is None) == (not known)
    assert joined.load_s is None or min(known) <= joined.load_s <= max(known)
    assert joined == two.joined(one)


def test_a_newer_file_is_refused_with_a_sentence(file: Path) -> None:
    book_of(file).close()
    with closing(sqlite3.connect(file)) as raw:
        raw.execute(f"PRAGMA user_version = {len(DATABASE.steps) + 1}")
    with pytest.raises(ConfigurationError, match=r"ledger.* has version 3; .* Use the newer program") as refusal:
        book_of(file)
    assert str(file) in str(refusal.value)


def test_a_file_that_is_something_else_is_refused_with_a_sentence(file: Path) -> None:
    file.write_bytes(b"something else" * 100)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        book_of(file)


RIVAL = """
import os, sys
from pathlib import Path
from alive_core.cache.book import Book, Instance
from alive_core.operations.processes import identity

def fits(others):
    return sum(holder.bytes for holder in others) + {size} <= {room}

book = Book(Path(sys.argv[1]), Instance("rival", os.getpid(), identity(os.getpid())), identity)
print("open", flush=True)
for line in sys.stdin:
    if line == "reserve\\n":
        print(book.reserve("a", {size}, fits), flush=True)
    else:
        book.release("a")
        print("released", flush=True)
"""


class Rival:
    """A server in a process of its own."""

    def __init__(self, file: Path) -> None:
        script = RIVAL.format(size=SIZE, room=ROOM)
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.hear() == "open"

    def say(self, words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{words}\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def rivals(file: Path) -> Iterator[list[Rival]]:
    started = [Rival(file) for _ in range(2)]
    yield started
    for rival in started:
        rival.end()


def test_two_processes_never_both_take_the_last_room(rivals: list[Rival]) -> None:
    for _ in range(50):
        for rival in rivals:
            rival.say("reserve")
        assert sorted(rival.hear() for rival in rivals) == ["False", "True"]
        for rival in rivals:
            rival.say("release")
        assert [rival.hear() for rival in rivals] == ["released"] * 2


def test_the_reservation_of_a_killed_process_vanishes(rivals: list[Rival], file: Path) -> None:
    rivals[0].say("reserve")
    assert rivals[0].hear() == "True"
    rivals[1].say("reserve")
    assert rivals[1].hear() == "False"
    me = Instance("test", os.getpid(), identity(os.getpid()) or "")
    with closing(Book(file, me, identity)) as book:
        assert [holder.pid for holder in book.others()] == [rivals[0].process.pid]
        rivals[0].end()
        assert book.others() == []
    rivals[1].say("reserve")
    assert rivals[1].hear() == "True"


def test_a_file_of_the_version_before_gpus_keeps_what_it_knows(file: Path) -> None:
    with closing(sqlite3.connect(file)) as raw:
        raw.executescript(STEPS[0])
        raw.execute("INSERT INTO measurements VALUES ('model', 77, 1.5)")
        raw.execute("INSERT INTO reservations VALUES (99, 'it', 'test', 'a', 5, 0, 0)")
        raw.execute("PRAGMA user_version = 1")
        raw.commit()
    with closing(book_of(file)) as book:
        assert book.measurement("model") == Measurement(77, 1.5, None)
        book.remember("model", Measurement(77, 1.5, 9))
        assert book.measurement("model") == Measurement(77, 1.5, 9)
        assert book.reserve("b", 3, lambda _: True, gpu=4)
