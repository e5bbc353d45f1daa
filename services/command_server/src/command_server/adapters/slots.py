"""The engine's sequences, handed out first come, first served.

The engine has a queue of its own, but a call waiting there cannot be cancelled; so the engine never gets more than it
has room for.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Slots:
    """`total` sequences. A call may take several at once; who needs many is not overtaken by who needs few."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._free = total
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    def __repr__(self) -> str:
        return f"<Slots {self._free} of {self.total} free, {len(self._waiting)} waiting>"

    @asynccontextmanager
    async def held(self, count: int) -> AsyncIterator[None]:
        """Hold `count` sequences, at most `total`, for the block. A cancelled waiter leaves no trace."""
        await self._take(count)
        try:
            yield
        finally:
            self._give(count)

    async def _take(self, count: int) -> None:
        place = asyncio.get_running_loop().create_future()
        self._waiting.append((count, place))
        self._serve()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._give(count)
            self._serve()
            raise

    def _give(self, count: int) -> None:
        self._free += count
        self._serve()

    def _serve(self) -> None:
        while self._waiting:
            count, place = self._waiting[0]
            if not place.cancelled():
                if count > self._free:
                    return
                self._free -= count
                place.set_result(None)
            self._waiting.popleft()
