"""Adapters that break the contract in ways a script cannot, importable by name so that a child finds them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Self

from alive_core.adapters.events import Event, Finished, TextDelta, Usage
from alive_core.adapters.jobs import ChatJob
from alive_core.profiles.profile import Target


class Plain:
    """Loads and closes; what it does is up to the classes below."""

    @classmethod
    async def load(cls, target: Target) -> Self:
        return cls()

    async def close(self) -> None:
        pass


class Liar(Plain):
    """Gives something that is no event."""

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        yield "words"  # type: ignore[misc]  # the mistake under test


class Stubborn(Plain):
    """Does not let itself be cancelled."""

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        yield TextDelta("begun")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            yield TextDelta("still here")
        yield Finished(Usage(1))


class SelfCancelled(Plain):
    """Awaits something of its own that is cancelled."""

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        yield TextDelta("begun")
        raise asyncio.CancelledError


class Surrogate(Plain):
    """Says half a character, which no encoding can carry."""

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        yield TextDelta("\ud83d")
        yield Finished(Usage(1))


class Grudging(Plain):
    """Fails to close."""

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        yield Finished(Usage(1))

    async def close(self) -> None:
        raise OSError("stuck")


class Unimportable(Plain):
    """Stands where no child can import it from."""


Unimportable.__module__ = "support.nowhere"
