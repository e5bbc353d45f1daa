"""Keys and counts in a folder of their own."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from alive_core.access.keys import KeyBook
from alive_core.access.usage import Usage
from support.moments import Moments


@pytest.fixture
def moments() -> Moments:
    """A clock that stands still until the test moves it."""
    return Moments()


@pytest.fixture
def book(tmp_path: Path) -> Iterator[KeyBook]:
    with closing(KeyBook(tmp_path / "keys.sqlite")) as book:
        yield book


@pytest.fixture
def usage(tmp_path: Path, moments: Moments) -> Iterator[Usage]:
    with closing(Usage(tmp_path / "usage.map", clock=moments)) as usage:
        yield usage
