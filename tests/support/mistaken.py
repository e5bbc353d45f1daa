"""Adapters with one mistake each, as people make them; `docs/writing-an-adapter.md` lists them."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Self

from alive_core import Abilities, ChatJob, ChoiceFinished, EmbedJob, Event, Finished, Target, TextDelta, Usage
from support.adapters import Plain

BLOCK_S = 30.0
told = threading.Event()
"""Set by who heard that the loop is blocked."""


class Chatting(Plain):
    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        yield ChoiceFinished("stop")
        yield Finished(Usage(1))


class NoClose:
    @classmethod
    async def load(cls, target: Target) -> Self:
        return cls()

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        yield Finished(Usage(1))


class OwnLoad(Chatting):
    async def load(self, target: Target) -> Self:  # type: ignore[override]
        return self


class Returning(Plain):
    async def chat(self, job: ChatJob) -> list[Event]:
        return [Finished(Usage(1))]


class Embedding(Plain):
    async def embed(self, job: EmbedJob) -> AsyncIterator[Event]:
        yield Finished(Usage(1))


class BadInspect(Chatting):
    @classmethod
    def inspect(cls, target: Target) -> Abilities:
        return Abilities(tasks=frozenset({"chat"}), context={}["layers"])


class FailingLoad(Chatting):
    @classmethod
    async def load(cls, target: Target) -> Self:
        raise ValueError("not a number")


class LoadsNothing(Chatting):
    @classmethod
    async def load(cls, target: Target) -> Self:
        cls()
        return None  # type: ignore[return-value]


class GivesList(Plain):
    def chat(self, job: ChatJob) -> list[Event]:
        return [Finished(Usage(1))]


class NoEnd(Plain):
    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        yield TextDelta("and then")


class Failing(Plain):
    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        yield TextDelta(str(1 / 0))


class Blocking(Chatting):
    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        told.wait(BLOCK_S)
        yield ChoiceFinished("stop")
        yield Finished(Usage(1))


class Silent(Plain):
    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        await asyncio.Event().wait()
        yield Finished(Usage(1))
