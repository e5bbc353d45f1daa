"""What is left of a load and of a wait, and how that is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters.events import Progress
from alive_core.cache.forecast import about, load_left_s, load_words, share_of, wait_s, wait_words
from alive_core.cache.status import TargetState

seconds = st.floats(0, 1e6)


@pytest.mark.parametrize(
    ("progress", "share"),
    [
        (None, None),
        (Progress("load", 3), None),
        (Progress("load", 0, 0), None),
        (Progress("load", 3, 4), 0.75),
        (Progress("load", 5, 4), 1.0),
        (Progress("load", -1, 4), 0.0),
    ],
)
def test_the_share_of_a_load_is_between_nothing_and_all(progress: Progress | None, share: float | None) -> None:
    assert share_of(progress) == share


def test_before_any_progress_earlier_loads_tell_what_is_left() -> None:
    assert load_left_s(10.0, 4.0, None) == 6.0
    assert load_left_s(10.0, 4.0, 0.0) == 6.0


def test_without_earlier_loads_the_speed_of_this_one_tells_what_is_left() -> None:
    assert load_left_s(None, 4.0, 0.25) == 12.0


def test_the_more_is_done_the_more_its_own_speed_counts() -> None:
    assert load_left_s(10.0, 4.0, 0.25) == 0.25 * 12.0 + 0.75 * 6.0
    assert load_left_s(10.0, 4.0, 1.0) == 0.0


def test_a_load_that_takes_longer_than_ever_goes_by_its_speed_or_is_unknown() -> None:
    assert load_left_s(10.0, 11.0, 0.5) == 11.0
    assert load_left_s(10.0, 11.0, None) is None
    assert load_left_s(None, 11.0, None) is None


@given(st.none() | seconds, seconds, st.none() | st.floats(0, 1))
def test_what_is_left_is_never_less_than_nothing(expected: float | None, elapsed: float, share: float | None) -> None:
    left = load_left_s(expected, elapsed, share)
    assert left is None or left >= 0.0


def test_who_waits_for_a_full_model_waits_for_the_answers_ahead() -> None:
    assert wait_s(1, 1, 3.0, 0.0) == 3.0
    assert wait_s(4, 2, 3.0, 0.0) == 6.0
    assert wait_s(1, 1, None, 0.0) is None


def test_right_after_a_load_all_places_are_free() -> None:
    assert wait_s(2, 2, None, 5.0) == 5.0
    assert wait_s(3, 2, None, 5.0) is None
    assert wait_s(4, 2, 3.0, 5.0) == 8.0
    assert wait_s(1, 2, 3.0, None) is None


@pytest.mark.parametrize(
    ("state", "position", "share", "left", "words"),
    [
        ("loading", 1, 0.45, 12.2, "loading 45 %, about 12 s left"),
        ("loading", 2, None, None, "loading"),
        ("loading", 2, None, 90.0, "loading, about 1 min 30 s left"),
        ("loading", 3, 0.999, 0.0, "loading 100 %, about 1 s left, position 3"),
        ("ready", 3, None, None, "waiting, position 3"),
        ("absent", 1, None, 4.0, "waiting for memory, position 1"),
        ("closing", 1, None, 4.0, "waiting for memory, position 1"),
    ],
)
def test_the_words_for_who_waits(
    state: TargetState, position: int, share: float | None, left: float | None, words: str
) -> None:
    assert wait_words(state, position, 2, share=share, left_s=left) == words


def test_a_guess_is_told_in_whole_seconds() -> None:
    assert [about(guess) for guess in (0.0, 0.4, 1.6, 61.2)] == ["1 s", "1 s", "2 s", "1 min 1 s"]


@pytest.mark.parametrize(
    ("state", "left_s", "words"),
    [
        ("loading", 12.2, " It is being loaded, about 12 s are left."),
        ("absent", 90.0, " Loading it takes about 1 min 30 s."),
        ("closing", 0.2, " Loading it takes about 1 s."),
        ("loading", None, " Try again later."),
        ("absent", None, " Try again later."),
        ("ready", 3.0, " Try again later."),
        ("cooling", 3.0, " Try again later."),
    ],
)
def test_who_is_refused_hears_how_long_a_load_takes(state: TargetState, left_s: float | None, words: str) -> None:
    assert load_words(state, left_s) == words
