"""Server-sent events: what is written is read again, however the bytes are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.utils.sse import DONE, Event, SSEParser, encode_comment, encode_data, encode_event

LINES = st.text(alphabet="ab: \n\r\u00e9\U0001f600", max_size=12)
CHUNKS = st.lists(st.integers(min_value=0, max_value=200), max_size=6)

# Every rule of the standard at least once: order mark, comments, all line ends, names, ids, ignored fields.
STREAM = (
    "\ufeffdata: first\n\n"
    ": a comment\r\n\r\n"
    "event: named\rid: 7\rdata:second\rdata: é😀\r\r"
    "retry: 10\nnonsense: 1\nnonsense\n\n"
    "id: a\0b\ndata\n\n"
    "event: without data\n\n"
    "data: [DONE]\n\n"
    "data: unfinished"
).encode()
EVENTS = [
    Event("first"),
    Event("second\né😀", "named", "7"),
    Event("", "message", "7"),
    Event("[DONE]", "message", "7"),
]


def read(*chunks: bytes) -> list[Event]:
    parser = SSEParser()
    return [event for chunk in chunks for event in parser.feed(chunk)]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """`data` in pieces; places beyond its end give empty pieces."""
    edges = [0, *sorted(places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def normalised(text: str) -> str:
    """Line breaks as a reader sees them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_data_on_one_line_is_one_data_line() -> None:
    assert encode_data(b'{"a":1}') == b'data: {"a":1}\n\n'


def test_line_breaks_in_data_become_several_data_lines() -> None:
    assert encode_data(b"a\nb\rc\r\nd") == b"data: a\ndata: b\ndata: c\ndata: d\n\n"


def test_named_event_says_its_name_first() -> None:
    assert encode_event("error", b"{}") == b"event: error\ndata: {}\n\n"


@pytest.mark.parametrize("name", ["", "a\nb", "a\rdata: injected"])
def test_event_name_that_could_inject_a_line_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="one line of text"):
        encode_event(name, b"{}")


def test_comment_with_line_breaks_stays_a_comment() -> None:
    assert encode_comment("loading\ndata: no") == b": loading\n: data: no\n\n"
    assert encode_comment() == b": \n\n"


def test_done_is_what_clients_of_openai_wait_for() -> None:
    assert encode_data(b"[DONE]") == DONE
    assert [event.is_done for event in read(encode_data(b"1") + DONE)] == [False, True]


def test_every_rule_of_the_standard_is_read() -> None:
    assert read(STREAM) == EVENTS


@pytest.mark.parametrize("size", range(1, 20))
def test_pieces_of_any_one_size_give_the_same_events(size: int) -> None:
    assert read(*(STREAM[at : at + size] for at in range(0, len(STREAM), size))) == EVENTS


@pytest.mark.parametrize("place", range(len(STREAM) + 1))
def test_one_cut_anywhere_gives_the_same_events(place: int) -> None:
    assert read(STREAM[:place], STREAM[place:]) == EVENTS


@given(st.lists(st.tuples(st.sampled_from(["", "error", "x y"]), LINES), max_size=5), CHUNKS)
def test_what_is_written_is_read_for_every_split(sent: list[tuple[str, str]], places: list[int]) -> None:
    data = b"".join(encode_event(name, text.encode()) if name else encode_data(text.encode()) for name, text in sent)
    expected = [Event(normalised(text), name or "message") for name, text in sent]
    assert read(*cut(data, places)) == expected


@given(st.binary(max_size=60), CHUNKS)
def test_any_bytes_are_read_the_same_for_every_split(data: bytes, places: list[int]) -> None:
    assert read(*cut(data, places)) == read(data)


@given(LINES)
def test_comment_never_becomes_an_event(text: str) -> None:
    assert read(encode_comment(text)) == []


def test_event_is_given_before_the_rest_of_its_line_end_comes() -> None:
    parser = SSEParser()
    assert parser.feed(b"data: a\r\n\r") == [Event("a")]
    assert parser.feed(b"\ndata: b\n\n") == [Event("b")]


def test_comments_are_handed_to_who_asks() -> None:
    heard: list[str] = []
    parser = SSEParser(on_comment=heard.append)
    events = parser.feed(encode_comment("loading 40 %") + b"data: a\n: inside\n\n")
    assert (heard, events) == (["loading 40 %", "inside"], [Event("a")])


def test_bytes_that_are_not_utf8_become_replacement_characters() -> None:
    assert read(b"data: \xff\n\n") == [Event("\ufffd")]


@pytest.mark.parametrize("chunks", [[b"data: 123456789"], [b"data: 1\n", b"data: 2"], [b"data", b": 1", b"2345"]])
def test_event_over_the_limit_is_refused(chunks: list[bytes]) -> None:
    parser = SSEParser(limit=10)
    with pytest.raises(ValueError, match="more than 10 bytes"):
        for chunk in chunks:
            parser.feed(chunk)


def test_events_and_comments_together_may_exceed_the_limit_of_one() -> None:
    parser = SSEParser(limit=12)
    for _ in range(10):
        assert parser.feed(b": silence\n") == []
    assert [parser.feed(b"data: 1\n\n") for _ in range(10)] == [[Event("1")]] * 10


def test_parser_says_what_it_holds() -> None:
    parser = SSEParser()
    parser.feed(b"data: a\ndata")
    assert repr(parser) == "<SSEParser 11 bytes pending>"
