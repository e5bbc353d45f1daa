"""Sequences are handed out in order, and never more than there are."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from command_server.adapters.slots import Slots


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(5):
        await asyncio.sleep(0)


async def hold(slots: Slots, count: int, log: list[str], name: str, release: asyncio.Event) -> None:
    async with slots.held(count):
        log.append(name)
        await release.wait()


async def test_as_many_as_there_are_run_at_once() -> None:
    slots, log, release = Slots(2), [], asyncio.Event()
    tasks = [asyncio.create_task(hold(slots, 1, log, name, release)) for name in "abc"]
    await settle()
    assert log == ["a", "b"]
    assert repr(slots) == "<Slots 0 of 2 free, 1 waiting>"
    release.set()
    await asyncio.gather(*tasks)
    assert log == ["a", "b", "c"]
    assert repr(slots) == "<Slots 2 of 2 free, 0 waiting>"


async def test_who_needs_many_is_not_overtaken() -> None:
    slots, log = Slots(3), []
    first, rest = asyncio.Event(), asyncio.Event()
    tasks = [
        asyncio.create_task(hold(slots, 2, log, "first", first)),
        asyncio.create_task(hold(slots, 3, log, "many", rest)),
        asyncio.create_task(hold(slots, 1, log, "few", rest)),
    ]
    await settle()
    assert log == ["first"]
    first.set()
    await settle()
    assert log == ["first", "many"]
    rest.set()
    await asyncio.gather(*tasks)
    assert log == ["first", "many", "few"]


async def test_a_cancelled_waiter_leaves_no_trace_and_lets_others_pass() -> None:
    slots, log, release = Slots(2), [], asyncio.Event()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(slots.held(1))
        many = asyncio.create_task(hold(slots, 2, log, "many", release))
        few = asyncio.create_task(hold(slots, 1, log, "few", release))
        await settle()
        assert log == []
        many.cancel()
        await settle()
        assert log == ["few"]
    release.set()
    await few
    with pytest.raises(asyncio.CancelledError):
        await many
    assert repr(slots) == "<Slots 2 of 2 free, 0 waiting>"


async def test_a_waiter_cancelled_at_the_moment_of_its_turn_gives_it_back() -> None:
    slots, log, release = Slots(1), [], asyncio.Event()
    async with slots.held(1):
        waiter = asyncio.create_task(hold(slots, 1, log, "waiter", release))
        await settle()
    waiter.cancel()  # its turn has come, but it has not run since
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert log == []
    assert repr(slots) == "<Slots 1 of 1 free, 0 waiting>"
