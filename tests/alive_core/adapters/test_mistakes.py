"""A class that cannot be an adapter is told so, with what to do, before anything runs."""

from collections.abc import AsyncIterator, Iterator
from typing import Self

import pytest

from alive_core.adapters.events import Event, Finished, Usage
from alive_core.adapters.jobs import ChatJob
from alive_core.adapters.mistakes import mistakes_in
from alive_core.profiles.profile import Target
from alive_core.testing import ScriptedAdapter
from support.adapters import Liar, Plain


class Empty:
    pass


class PlainLoad(Liar):
    @classmethod
    def load(cls, target: Target) -> Self:  # type: ignore[override]  # the mistake under test
        return cls()


class OwnLoad(Liar):
    async def load(self, target: Target) -> Self:  # type: ignore[override]  # the mistake under test
        return self


class PlainClose(Liar):
    def close(self) -> None:  # type: ignore[override]  # the mistake under test
        pass


class Returning(Plain):
    async def chat(self, job: ChatJob) -> list[Event]:
        return [Finished(Usage(1))]


class PlainGenerator(Plain):
    def chat(self, job: ChatJob) -> Iterator[Event]:
        yield Finished(Usage(1))


class Delegating(Plain):
    """Returns what another method gives: not a generator itself, and right."""

    def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        return self._chat()

    async def _chat(self) -> AsyncIterator[Event]:
        yield Finished(Usage(1))


@pytest.mark.parametrize("adapter", [ScriptedAdapter, Liar, Delegating])
def test_a_class_that_looks_right_has_none(adapter: type) -> None:
    assert mistakes_in(adapter) == []


def test_an_empty_class_lacks_everything() -> None:
    load, close, nothing = mistakes_in(Empty)
    assert load.startswith("Empty has no method `load`: write `@classmethod`")
    assert close.startswith("Empty has no method `close`: write `async def close(self)`")
    assert nothing.startswith(
        "Empty can do nothing: write one of the methods chat, complete, embed, rerank, classify"
    )


@pytest.mark.parametrize(
    ("adapter", "words"),
    [
        (PlainLoad, "`PlainLoad.load` is not what it should be: write `@classmethod` and `async def load"),
        (OwnLoad, "`OwnLoad.load` is not what it should be: write `@classmethod`"),
        (PlainClose, "`PlainClose.close` is not what it should be: write `async def close(self)`"),
        (Returning, "`Returning.chat` has no `yield`: give each event with `yield`"),
        (PlainGenerator, "`PlainGenerator.chat` is a plain generator: write `async def chat(self, job)`"),
    ],
)
def test_a_method_of_the_wrong_kind_is_named_with_the_right_one(adapter: type, words: str) -> None:
    (mistake,) = mistakes_in(adapter)
    assert mistake.startswith(words)
