"""Who waits for a place on a model: first come, first served, and bounded."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from alive_core.cache.entry import Entry
from alive_core.cache.plan import LoadWish
from alive_core.constants import QUEUE_TOTAL_LIMIT
from alive_core.profiles.profile import Target


@dataclass(slots=True, eq=False)
class Waiter:
    """A request in the queue. `place` gets the entry it was granted, or the error that refuses it."""

    id: int
    target: Target
    wish: LoadWish
    place: "asyncio.Future[Entry]" = field(repr=False)
    overtaken: int = 0


class Queue:
    """All who wait, in order, and the same by model. Read `lines`; only `join` and `drop` change it."""

    def __init__(self) -> None:
        self._waiters: dict[int, Waiter] = {}
        self._numbers = itertools.count(1)
        self.lines: dict[str, dict[int, Waiter]] = {}
        """The waiters of each model by id, in order; a line without anybody is gone."""

    def __len__(self) -> int:
        return len(self._waiters)

    def __iter__(self) -> Iterator[Waiter]:
        return iter(self._waiters.values())

    def __getitem__(self, number: int) -> Waiter:
        return self._waiters[number]

    def __contains__(self, waiter: Waiter) -> bool:
        return waiter.id in self._waiters

    def is_full_for(self, target: Target) -> bool:
        """Whether nobody more may wait for `target`: its own line is at its limit, or everybody's is."""
        return self.length(target) >= target.queue_limit or len(self) >= QUEUE_TOTAL_LIMIT

    def length(self, target: Target) -> int:
        """How many wait for `target`."""
        return len(self.lines.get(target.name, ()))

    def position(self, waiter: Waiter) -> int:
        """How many of those who wait for the same model are served no later than `waiter`; 1 is next."""
        return list(self.lines[waiter.target.name]).index(waiter.id) + 1

    def join(self, target: Target, wish: LoadWish) -> Waiter:
        """Stand at the end of the line for `target`."""
        waiter = Waiter(next(self._numbers), target, wish, asyncio.get_running_loop().create_future())
        self._waiters[waiter.id] = waiter
        self.lines.setdefault(target.name, {})[waiter.id] = waiter
        return waiter

    def drop(self, waiter: Waiter) -> None:
        """Take `waiter` out, wherever it stands."""
        del self._waiters[waiter.id]
        line = self.lines[waiter.target.name]
        del line[waiter.id]
        if not line:
            del self.lines[waiter.target.name]
