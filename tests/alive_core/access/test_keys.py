"""Stored keys: shown once, kept as hashes, noticed by everyone."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from alive_core.access.keys import FILE_NAME, PREFIX, Key, KeyBook, has_usable_key, id_in
from alive_core.access.limits import Limits
from alive_core.errors import ConfigurationError, InvalidRequest, NotFound

NOW = 1_800_000_000.0


@pytest.fixture
def other(tmp_path: Path) -> Iterator[KeyBook]:
    """The same file, as another process sees it."""
    with closing(KeyBook(tmp_path / "keys.sqlite")) as book:
        yield book


def test_a_key_carries_its_id_and_256_random_bits(book: KeyBook) -> None:
    key, secret = book.add("app", "user", now=NOW)
    assert secret.startswith(f"{PREFIX}{key.id}-")
    assert id_in(secret) == key.id
    assert len(secret) == len(PREFIX) + 8 + 1 + 43, "43 characters of base64 are 32 bytes"
    assert book.add("app2", "user", now=NOW)[1] != secret


@pytest.mark.parametrize("text", ["", "sk-alive-", "sk-alive-12345678", "sk-alive-1234567-x", "sk-other-12345678-x"])
def test_what_has_another_form_has_no_id(text: str) -> None:
    assert id_in(text) is None


def test_the_file_holds_nothing_that_opens_the_door(tmp_path: Path, book: KeyBook) -> None:
    _, secret = book.add("app", "user", now=NOW)
    words = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert secret.encode() not in words
    assert secret.rpartition("-")[2].encode() not in words


def test_everything_about_a_key_is_kept(book: KeyBook) -> None:
    limits = Limits(requests_per_minute=1, requests_per_day=2, tokens_per_minute=3, tokens_per_day=4)
    made = [
        book.add("app", "user", now=NOW, expires=NOW + 1, limits=limits)[0],
        book.add("ops", "admin", now=NOW)[0],
    ]
    assert book.all() == made


def test_others_see_what_is_added_and_taken_back_at_once(book: KeyBook, other: KeyBook) -> None:
    before = other.version()
    key, _ = book.add("app", "user", now=NOW)
    added = other.version()
    assert added != before
    assert other.all() == [key]
    assert other.version() == added, "nothing changed since"
    book.revoke("app", now=NOW + 5)
    assert other.version() != added
    assert [each.revoked for each in other.all()] == [NOW + 5]


def test_a_key_is_taken_back_by_its_id_or_its_name(book: KeyBook) -> None:
    first, _ = book.add("app", "user", now=NOW)
    book.revoke("app", now=NOW)
    second, _ = book.add("app", "user", now=NOW + 1)
    assert book.revoke("app", now=NOW + 2).id == second.id
    assert book.revoke(first.id, now=NOW + 3).id == first.id
    assert [key.revoked for key in book.all()] == [NOW, NOW + 2], "the first time counts"
    for nobody in ("app", "", "00000000"):
        with pytest.raises(NotFound):
            book.revoke(nobody, now=NOW)


def test_two_usable_keys_have_two_names(book: KeyBook) -> None:
    book.add("app", "user", now=NOW, expires=NOW + 10)
    with pytest.raises(InvalidRequest, match="called `app` already"):
        book.add("app", "user", now=NOW + 5)
    book.add("app", "user", now=NOW + 10)


def test_numbers_are_never_given_again(tmp_path: Path, book: KeyBook) -> None:
    numbers = [book.add(name, "user", now=NOW)[0].number for name in "abc"]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize(
    ("key", "is_usable"),
    [
        (Key(1, "i", "h", "n", "user", NOW), True),
        (Key(1, "i", "h", "n", "user", NOW, expires=NOW + 1), True),
        (Key(1, "i", "h", "n", "user", NOW, expires=NOW), False),
        (Key(1, "i", "h", "n", "user", NOW, revoked=NOW), False),
    ],
)
def test_a_key_ends_at_its_time_or_when_it_is_taken_back(key: Key, is_usable: bool) -> None:
    assert key.is_usable(NOW) is is_usable


def test_whether_a_key_opens_the_door_is_known_without_making_a_file(tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert not has_usable_key(state, now=NOW)
    assert not state.exists()
    with closing(KeyBook(state / FILE_NAME)) as book:
        book.add("app", "user", now=NOW, expires=NOW + 1)
    assert has_usable_key(state, now=NOW)
    assert not has_usable_key(state, now=NOW + 1)


def test_a_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"something else" * 100)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        KeyBook(tmp_path / FILE_NAME)
