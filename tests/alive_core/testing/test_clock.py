"""Time passes when it is told to, sleeper by sleeper."""

import asyncio

from alive_core.testing.clock import FakeClock


async def test_sleepers_wake_in_order_each_at_its_own_time() -> None:
    clock = FakeClock(start=0.0)
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.now()))

    sleepers = asyncio.gather(sleeper("late", 3.0), sleeper("early", 1.0), sleeper("never", 9.0))
    await clock.advance(5.0)
    assert woken == [("early", 1.0), ("late", 3.0)]
    assert clock.now() == 5.0
    await clock.advance(4.0)
    await sleepers


async def test_who_sleeps_again_on_waking_is_woken_again_in_the_same_stretch() -> None:
    clock = FakeClock()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await clock.sleep(1.0)
            ticks += 1

    ticking = asyncio.ensure_future(tick())
    await clock.advance(10.0)
    assert ticks == 10
    ticking.cancel()
    await clock.advance(10.0)
    assert ticks == 10
