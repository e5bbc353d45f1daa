"""A child that owes progress and gives none counts as hung, to the moment; one that owes nothing never does."""

import asyncio

from alive_core.engines.child.supervision import ProgressWatch, owing_since, patience_left
from alive_core.testing.clock import FakeClock

LIMIT_S = 10.0


def test_who_owes_nothing_owes_since_never() -> None:
    assert owing_since(5.0, owes=False, gave_sign=False, now=9.0) is None
    assert owing_since(None, owes=False, gave_sign=True, now=9.0) is None


def test_a_sign_or_a_new_debt_starts_the_time_anew() -> None:
    assert owing_since(5.0, owes=True, gave_sign=True, now=9.0) == 9.0
    assert owing_since(None, owes=True, gave_sign=False, now=9.0) == 9.0


def test_more_debt_without_a_sign_gives_no_more_time() -> None:
    assert owing_since(5.0, owes=True, gave_sign=False, now=9.0) == 5.0


def test_patience_runs_out_at_the_limit() -> None:
    assert patience_left(None, limit_s=LIMIT_S, now=99.0) == LIMIT_S
    assert patience_left(90.0, limit_s=LIMIT_S, now=99.0) == 1.0
    assert patience_left(89.0, limit_s=LIMIT_S, now=99.0) == 0.0


async def test_silence_over_the_limit_is_noticed_to_the_moment() -> None:
    clock = FakeClock()
    watch = ProgressWatch(LIMIT_S, now=clock.now, sleep=clock.sleep)
    hung = asyncio.ensure_future(watch.wait_hung())
    await clock.advance(7 * LIMIT_S)  # idle
    await clock.advance(3.0)
    watch.note(owes=True, gave_sign=False)
    await clock.advance(LIMIT_S - 1)
    watch.note(owes=True, gave_sign=True)  # a token
    await clock.advance(LIMIT_S - 0.01)
    assert not hung.done()
    await clock.advance(0.01)
    assert hung.done()


async def test_a_server_that_was_stopped_itself_gives_the_child_its_time_again() -> None:
    clock = FakeClock()

    async def sleep_through_a_pause(seconds: float) -> None:
        await clock.sleep(seconds + 60.0 * (clock.now() == 1000.0))

    watch = ProgressWatch(LIMIT_S, now=clock.now, sleep=sleep_through_a_pause)
    watch.note(owes=True, gave_sign=False)
    hung = asyncio.ensure_future(watch.wait_hung())
    await clock.advance(60.0 + LIMIT_S)
    await clock.advance(LIMIT_S - 1)
    assert not hung.done()
    await clock.advance(1.0)
    assert hung.done()


async def test_an_answer_that_ended_in_time_leaves_no_debt() -> None:
    clock = FakeClock()
    watch = ProgressWatch(LIMIT_S, now=clock.now, sleep=clock.sleep)
    hung = asyncio.ensure_future(watch.wait_hung())
    watch.note(owes=True, gave_sign=False)
    await clock.advance(LIMIT_S - 1)
    watch.note(owes=False, gave_sign=True)
    await clock.advance(100 * LIMIT_S)
    assert not hung.done()
    hung.cancel()
