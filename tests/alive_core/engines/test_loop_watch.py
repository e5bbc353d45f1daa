"""Who blocks the event loop is named, with the line, while it does."""

import asyncio
import logging
import sys
import threading
from collections.abc import Callable
from types import FrameType

import pytest

from alive_core.engines.loop_watch import LoopWatch, Place, adapter_place

WITHIN_S = 10.0
SHORT = {"blocked_s": 0.05, "beat_s": 0.01}


class Adapter:
    """Its module is this one."""


class Heard(logging.Handler):
    """Lets a blocked loop go on as soon as it is named."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.was_told = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())
        self.was_told.set()


@pytest.fixture
def heard() -> Heard:
    handler = Heard()
    logger = logging.getLogger("alive_core.engines.loop_watch")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


def hold_the_loop(until: threading.Event) -> bool:
    return until.wait(WITHIN_S)


async def test_an_adapter_that_blocks_is_named_once_with_its_line(heard: Heard) -> None:
    async with LoopWatch([Adapter], **SHORT):
        assert hold_the_loop(heard.was_told)
    (sentence,) = heard.said
    assert "the adapter Adapter blocks the event loop (test_loop_watch.py, line" in sentence
    assert "in hold_the_loop" in sentence
    assert "asyncio.to_thread`, or set engine = 'child'" in sentence


async def test_a_loop_that_is_held_by_someone_else_is_nobodys_fault(heard: Heard) -> None:
    async with LoopWatch([asyncio.Event], **SHORT):
        assert not heard.was_told.wait(0.3)
    assert heard.said == []


async def test_a_loop_that_turns_is_left_alone(heard: Heard) -> None:
    async with LoopWatch([Adapter], **SHORT) as watch:
        seen = watch._last_beat
        async with asyncio.timeout(WITHIN_S):
            while watch._last_beat == seen:  # as many turns as it takes until it has beaten
                await asyncio.sleep(0)
    assert heard.said == []


def test_the_innermost_line_of_an_adapter_counts() -> None:
    def inner() -> FrameType:
        return sys._getframe()

    def outer(call: Callable[[], FrameType]) -> FrameType:
        return call()

    place = adapter_place(outer(inner), {__name__: "Adapter"})
    assert isinstance(place, Place)
    assert (place.adapter, place.function) == ("Adapter", "inner")


def test_a_stack_without_adapters_has_no_place() -> None:
    assert adapter_place(sys._getframe(), {"elsewhere": "Adapter"}) is None
    assert adapter_place(None, {}) is None
