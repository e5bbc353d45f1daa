"""A job is ahead of its reader by no more than the window, as both sides count it."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters.events import TextDelta
from alive_core.constants import CHILD_WINDOW_BYTES
from alive_core.engines.child.flight import Flight, Window
from alive_core.errors import EngineCrashed

EVENT = TextDelta("x")


async def test_what_arrived_is_read_before_the_error_that_ended_it() -> None:
    flight = Flight()
    flight.arrive(EVENT, 10)
    flight.land(EngineCrashed("It ended."))
    assert flight.is_over
    assert await flight.take() == (EVENT, 10)
    with pytest.raises(EngineCrashed):
        await flight.take()


async def test_a_full_window_owes_no_progress_until_the_reader_made_room() -> None:
    flight = Flight()
    flight.arrive(EVENT, CHILD_WINDOW_BYTES - 1)
    assert flight.owes_progress
    flight.arrive(EVENT, 1)
    assert not flight.owes_progress
    assert flight.room_after(CHILD_WINDOW_BYTES - 1) == CHILD_WINDOW_BYTES - 1
    assert flight.owes_progress


async def test_a_cancelled_job_owes_its_end_and_keeps_nothing_more() -> None:
    flight = Flight()
    flight.arrive(EVENT, CHILD_WINDOW_BYTES)
    flight.cancel()
    assert flight.owes_progress
    flight.arrive(EVENT, 10)
    flight.land()
    assert await flight.take() == (EVENT, CHILD_WINDOW_BYTES)
    assert await flight.take() is None


@given(st.lists(st.integers(1, 2 * CHILD_WINDOW_BYTES), min_size=1, max_size=60))
def test_frames_of_any_size_all_get_through_and_never_more_than_the_window_waits(sizes: list[int]) -> None:
    async def play() -> None:
        flight, window = Flight(), Window()
        waiting: list[int] = []
        for size in sizes:
            while not await has_room(window):  # the child waits, so there must be something to read
                taken = waiting.pop(0)
                if room := flight.room_after(taken):
                    window.widen(room)
            flight.arrive(EVENT, size)
            window.spend(size)
            waiting.append(size)
            assert sum(waiting[:-1]) < CHILD_WINDOW_BYTES  # one frame may go over the edge
            assert flight.owes_progress == await has_room(window)  # both sides agree

    asyncio.run(play())


async def has_room(window: Window) -> bool:
    waiting = asyncio.ensure_future(window.wait_room())
    await asyncio.sleep(0)
    has_room = waiting.done()
    waiting.cancel()
    return has_room
