"""Time that passes only when a test says so."""

import asyncio
import heapq
from itertools import count

SETTLING_TURNS = 20  # turns of the loop in which whoever woke up gets as far as it can


class FakeClock:
    """`now` and `sleep` for what takes its time from outside; `advance` lets time pass, sleeper by sleeper."""

    def __init__(self, start: float = 1000.0) -> None:
        self._now = start
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        """Seconds; only `advance` changes them."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Return when the time has come. Cancelling it leaves nothing behind."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), woken))
        await woken

    async def advance(self, seconds: float = 0.0) -> None:
        """Let `seconds` pass. Each sleeper wakes at its own time and runs until it waits again, in order."""
        end = self._now + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, woken = heapq.heappop(self._sleepers)
            self._now = max(self._now, due)
            if not woken.done():
                woken.set_result(None)
                await self._settle()
        self._now = end

    @staticmethod
    async def _settle() -> None:
        for _ in range(SETTLING_TURNS):
            await asyncio.sleep(0)
