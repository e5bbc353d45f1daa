"""What engine threads say, brought to the event loop with one wake-up for as much as there is."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Inbox(Generic[Item]):
    """Any thread puts, one task takes. What lies here is bounded by what the job may generate."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._items: deque[Item] = deque()
        self._arrived = asyncio.Event()
        self._is_waking = False

    def put(self, item: Item) -> None:
        """From any thread. Raises RuntimeError where the loop is closed."""
        self._items.append(item)
        if not self._is_waking:
            self._is_waking = True
            self._loop.call_soon_threadsafe(self._arrived.set)

    async def take(self) -> list[Item]:
        """Everything that has come, at least one item."""
        await self._arrived.wait()
        self._arrived.clear()
        self._is_waking = False  # before the items are taken: who puts from now on wakes us again
        return [self._items.popleft() for _ in range(len(self._items))]
