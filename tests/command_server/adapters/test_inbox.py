"""Nothing that threads put is lost or reordered."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from command_server.adapters.inbox import Inbox


async def test_what_lies_there_is_taken_at_once() -> None:
    inbox: Inbox[int] = Inbox()
    for number in range(3):
        inbox.put(number)
    assert await inbox.take() == [0, 1, 2]


async def test_who_waits_is_woken() -> None:
    inbox: Inbox[str] = Inbox()
    waiting = asyncio.create_task(inbox.take())
    await asyncio.sleep(0)
    await asyncio.to_thread(inbox.put, "here")
    assert await waiting == ["here"]


async def test_many_threads_lose_nothing_and_keep_their_order() -> None:
    inbox: Inbox[tuple[int, int]] = Inbox()
    threads, each = 4, 2_000

    def put_all(thread: int) -> None:
        for number in range(each):
            inbox.put((thread, number))

    taken: list[tuple[int, int]] = []
    with ThreadPoolExecutor(threads) as pool:
        for thread in range(threads):
            pool.submit(put_all, thread)
        while len(taken) < threads * each:
            taken += await inbox.take()
    for thread in range(threads):
        assert [number for who, number in taken if who == thread] == list(range(each))
