"""What a child prints is bounded in every direction."""

import logging
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.constants import CHILD_LAST_WORDS, CHILD_OUTPUT_LINES_PER_S
from alive_core.engines.child.output import LineSplitter, OutputLog
from alive_core.testing.clock import FakeClock


def lines_of(parts: list[bytes], *, limit: int = 4096) -> list[str]:
    splitter = LineSplitter(limit=limit)
    return [line for part in parts for line in splitter.feed(part)] + splitter.rest()


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=8))
def test_lines_are_the_same_for_every_way_the_output_is_cut(output: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(output)) for cut in cuts), len(output)]
    assert lines_of([output[a:b] for a, b in pairwise(edges)]) == lines_of([output])


def test_a_line_over_the_limit_comes_in_pieces_even_without_an_end() -> None:
    assert lines_of([b"abcdefgh"], limit=3) == ["abc", "def", "gh"]
    assert LineSplitter(limit=3).feed(b"abcdefgh") == ["abc", "def"]


def test_progress_bars_and_empty_lines_are_tidied() -> None:
    assert lines_of([b"10%\r20%\r\n\ndone\n"]) == ["10%", "20%", "done"]


def test_bytes_that_are_no_text_are_escaped() -> None:
    assert lines_of([b"\xff\xfeok\n"]) == ["\\xff\\xfeok"]


async def test_output_gone_wild_is_cut_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = FakeClock()
    log = OutputLog("actor", now=clock.now)
    log.data_received(b"line\n" * (CHILD_OUTPUT_LINES_PER_S + 7))
    assert len(caplog.messages) == CHILD_OUTPUT_LINES_PER_S
    await clock.advance(1.0)
    log.data_received(b"calm again\n")
    assert caplog.messages[-2:] == ["[actor] printed too fast: 7 lines are not shown.", "[actor] calm again"]
    assert len(log.last_words) == CHILD_LAST_WORDS


async def test_a_last_line_without_an_end_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    log = OutputLog("actor", now=lambda: 1.0)
    log.data_received(b"no newline")
    log.connection_lost(None)
    await log.wait_ended()
    assert caplog.messages == ["[actor] no newline"]
