"""Citations come out the same for every way an answer can be cut, and marks never reach the client."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core import Citation, CitedDocument, Document, TextDelta, TokenLogprob
from command_server.constants import CITATION_MARK_CHARS
from command_server.grounding.citations import CitationReader

DOCUMENTS = [Document("a", "…", title="First"), Document("b", "…"), Document("c", "…"), Document("d", "…")]
PARTS = st.lists(
    st.sampled_from(
        [
            "<co>",
            "</co: 0:[0]>",
            "</co: 0:[1,2],1:[0]>",
            "</co: 1:[0]>",
            "</co: >",
            "</co:",
            "<",
            "</",
            "<code>",
            "0:[1]",
        ]
    )
    | st.text(max_size=6),
    max_size=12,
)


def read(pieces: list[str]) -> tuple[str, list[Citation]]:
    reader = CitationReader(DOCUMENTS)
    events = [event for piece in pieces for event in reader.feed(TextDelta(piece))] + reader.finish()
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    return text, [event for event in events if isinstance(event, Citation)]


def cut(text: str, cuts: list[int]) -> list[str]:
    edges = sorted({0, len(text), *(place % (len(text) + 1) for place in cuts)})
    return [text[start:end] for start, end in itertools.pairwise(edges)]


@given(PARTS, st.lists(st.integers(0, 1000)))
def test_any_answer_comes_out_the_same_for_any_cut(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    assert read(cut(text, cuts)) == read([text]) == read(list(text))


@given(PARTS)
def test_a_citation_is_about_the_characters_that_it_names(parts: list[str]) -> None:
    text, citations = read(parts)
    for citation in citations:
        assert text[citation.start : citation.end] == citation.text != ""
        assert citation.documents
        assert {document.id for document in citation.documents} <= {"a", "b", "c", "d"}


@given(st.text().filter(lambda text: "<co>" not in text and "</co:" not in text))
def test_text_without_marks_passes_unchanged(text: str) -> None:
    assert read(list(text)) == (text, [])


def test_one_document_of_four() -> None:
    text, citations = read(["The code of Zubrin is <co>QX-7431</co: 0:[2]>."])
    assert text == "The code of Zubrin is QX-7431."
    assert citations == [Citation(22, 29, "QX-7431", (CitedDocument("c"),))]


def test_one_span_may_rest_on_several_documents_and_on_results_of_tools() -> None:
    text, citations = read(
        ["<co>Ana Lima</co: 0:[0, 3]> paga <co>42 reais</co: 1:[0]>, <co>hoje</co: 1:[2],0:[0,0]>."]
    )
    assert text == "Ana Lima paga 42 reais, hoje."
    assert [(one.text, [document.id for document in one.documents]) for one in citations] == [
        ("Ana Lima", ["a", "d"]),
        ("hoje", ["a"]),
    ]
    assert citations[0].documents[0].title == "First"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a <co>b</co: 0:[9]> c", "a b c"),
        ("a <co>b</co: > c", "a b c"),
        ("a <co>b</co: x> c", "a b c"),
        ("a <co>b", "a b"),
        ("a </co: 0:[1]> b", "a  b"),
        ("a <co></co: 0:[1]> b", "a  b"),
        ("a <code>b</code> < c </co", "a <code>b</code> < c </co"),
        ("a <co>b</co: 0:[1]", "a b</co: 0:[1]"),
        ("</co:" + "1" * (CITATION_MARK_CHARS + 1) + ">", "</co:" + "1" * (CITATION_MARK_CHARS + 1) + ">"),
    ],
)
def test_what_is_no_citation_costs_no_text(raw: str, shown: str) -> None:
    assert read(list(raw)) == (shown, [])


def test_no_more_is_withheld_than_a_mark_may_be_long() -> None:
    reader = CitationReader(DOCUMENTS)
    raw = "</co:" + "1" * (10 * CITATION_MARK_CHARS)
    told = [event for character in raw for event in reader.feed(TextDelta(character)) if isinstance(event, TextDelta)]
    assert sum(len(event.text) for event in told) > 9 * CITATION_MARK_CHARS


def test_log_probabilities_stay_with_their_text_and_those_of_marks_go() -> None:
    tokens = ["It is ", "<co>", "QX", "-7", "</co:", " 0:", "[2]", ">.", " So"]
    reader = CitationReader(DOCUMENTS)
    deltas = [
        event
        for token in tokens
        for event in reader.feed(TextDelta(token, logprobs=(TokenLogprob(token, -0.5, tuple(token.encode())),)))
        if isinstance(event, TextDelta)
    ]
    assert [(delta.text, [each.token for each in delta.logprobs]) for delta in deltas] == [
        ("It is ", ["It is "]),
        ("QX", ["QX"]),
        ("-7", ["-7"]),
        (".", [">."]),
        (" So", [" So"]),
    ]


@given(PARTS, st.lists(st.integers(0, 1000)))
def test_no_token_is_told_twice(parts: list[str], cuts: list[int]) -> None:
    reader = CitationReader(DOCUMENTS)
    pieces = enumerate(cut("".join(parts), cuts))
    tokens = [TokenLogprob(piece, float(number), tuple(piece.encode())) for number, piece in pieces]
    events = [event for token in tokens for event in reader.feed(TextDelta(token.token, logprobs=(token,)))]
    told = [each.logprob for event in events if isinstance(event, TextDelta) for each in event.logprobs]
    assert len(told) == len(set(told))
