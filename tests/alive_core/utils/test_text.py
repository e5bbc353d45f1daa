"""Text in pieces: whole characters only, and stop sequences that never leak."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.utils.text import StopMatcher, Utf8Assembler

FEW_LETTERS = st.text(alphabet="ab\u00e9", max_size=14)
STOPS = st.lists(st.text(alphabet="ab\u00e9", min_size=1, max_size=5), max_size=4)
PLACES = st.lists(st.integers(min_value=0, max_value=16), max_size=5)


def edges(length: int, places: list[int]) -> list[tuple[int, int]]:
    """Where pieces begin and end; places beyond the end give empty pieces."""
    marks = [0, *sorted(places), length]
    return list(pairwise(marks))


def assembled(data: bytes, places: list[int]) -> list[str]:
    assembler = Utf8Assembler()
    return [*(assembler.feed(data[start:end]) for start, end in edges(len(data), places)), assembler.finish()]


def stopped(text: str, stops: list[str], places: list[int]) -> tuple[list[str], str | None]:
    matcher = StopMatcher(stops)
    given_out = [matcher.feed(text[start:end]) for start, end in edges(len(text), places)]
    return [*given_out, matcher.finish()], matcher.matched


def stopped_at_once(text: str, stops: list[str]) -> tuple[str, str | None]:
    """The plain definition: the match that ends first counts; of those that end together, the longest."""
    ends = [(text.find(stop) + len(stop), -len(stop), stop) for stop in stops if stop in text]
    if not ends:
        return text, None
    end, _, stop = min(ends)
    return text[: end - len(stop)], stop


# --- Characters ----------------------------------------------------------------------------------------
@given(st.text(max_size=10), PLACES)
def test_text_is_the_same_for_every_split_of_its_bytes(text: str, places: list[int]) -> None:
    assert "".join(assembled(text.encode(), places)) == text


@given(st.binary(max_size=16), PLACES)
def test_any_bytes_give_what_decoding_them_at_once_gives(data: bytes, places: list[int]) -> None:
    assert "".join(assembled(data, places)) == data.decode("utf-8", "replace")


def test_half_a_character_is_held_back_until_it_is_whole() -> None:
    assembler = Utf8Assembler()
    assert [assembler.feed(bytes([byte])) for byte in "a😀".encode()] == ["a", "", "", "", "😀"]


def test_character_cut_off_by_the_end_becomes_a_replacement_character() -> None:
    assembler = Utf8Assembler()
    assert assembler.feed("é".encode()[:1]) == ""
    assert assembler.finish() == "\ufffd"
    assert assembler.feed(b"b") + assembler.finish() == "b"


# --- Stop sequences ------------------------------------------------------------------------------------
@given(FEW_LETTERS, STOPS, PLACES)
def test_stopped_text_is_the_same_for_every_split(text: str, stops: list[str], places: list[int]) -> None:
    given_out, matched = stopped(text, stops, places)
    assert ("".join(given_out), matched) == stopped_at_once(text, stops)


@given(FEW_LETTERS, STOPS)
def test_only_what_could_become_a_stop_sequence_is_held_back(text: str, stops: list[str]) -> None:
    matcher = StopMatcher(stops)
    given_out = matcher.feed(text)
    if matcher.matched is None:
        held = text[len(given_out) :]
        could_become = [text[at:] for at in range(len(text)) if any(stop.startswith(text[at:]) for stop in stops)]
        assert held == max(could_become, key=len, default="")


@pytest.mark.parametrize("place", range(12))
def test_stop_sequence_never_leaks_whatever_the_split(place: int) -> None:
    given_out, matched = stopped("one<|END|>two", ["<|END|>"], [place])
    assert ("".join(given_out), matched) == ("one", "<|END|>")
    assert not any("<" in piece for piece in given_out)


def test_beginning_that_turns_out_harmless_is_given_out() -> None:
    matcher = StopMatcher(["STOP"])
    assert [matcher.feed(piece) for piece in ["a ST", "O", "R", "M"]] == ["a ", "", "STOR", "M"]


def test_sequence_that_overlaps_itself_is_found() -> None:
    assert stopped("aaab", ["aab"], [1, 2, 3]) == (["", "", "a", "", ""], "aab")


def test_of_sequences_that_end_together_the_longest_counts() -> None:
    assert stopped("xabc", ["c", "abc", "bc"], [2]) == (["x", "", ""], "abc")


def test_sequence_that_ends_first_counts_though_another_began_earlier() -> None:
    assert stopped("abcd", ["abcd", "bc"], []) == (["a", ""], "bc")


def test_after_a_match_nothing_more_is_given_out() -> None:
    matcher = StopMatcher(["."])
    assert [matcher.feed("Yes. And"), matcher.feed(" more"), matcher.finish()] == ["Yes", "", ""]


def test_without_stop_sequences_everything_passes_at_once() -> None:
    assert stopped("any text", [], [3]) == (["any", " text", ""], None)


def test_held_text_comes_out_at_the_end() -> None:
    matcher = StopMatcher(["\n\n"])
    assert [matcher.feed("a\n"), matcher.finish(), matcher.finish()] == ["a", "\n", ""]


def test_empty_stop_sequence_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be empty"):
        StopMatcher(["a", ""])


def test_matcher_says_what_it_holds() -> None:
    matcher = StopMatcher(["ab", "ab", "c"])
    matcher.feed("xa")
    assert repr(matcher) == "<StopMatcher 2 stops, 1 held, matched None>"
