"""Rerankings: sorted best first, cut where asked, each result at its document."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from alive_core.adapters import events
from alive_core.adapters.jobs import RerankJob
from alive_core.schemas.rerank import RankedText, RerankResponse, RerankResult, RerankUsage
from alive_core.shape.rerank import WholeReranking
from alive_core.shape.shape import Head, Whole

HEAD = Head("rerank-1", 1_700_000_000, "rerank")

# Few different scores, so that many are equal.
some_scores = st.lists(st.sampled_from((-1.5, 0.0, 0.25, 0.5, 1.0)) | st.floats(0, 1), min_size=1, max_size=8)


def shape(
    scores: list[float], batches: list[events.Event], *, top_n: int | None = None, return_documents: bool = False
) -> RerankResponse:
    job = RerankJob("rerank-1", "Where?", tuple(f"document {index}" for index in range(len(scores))))
    form = WholeReranking(HEAD, job, top_n=top_n, return_documents=return_documents)
    assert isinstance(form, Whole)
    for event in [*batches, events.Finished(events.Usage(9))]:
        form.add(event)
    return form.result()


def at_once(scores: list[float]) -> list[events.Event]:
    return [events.Scores(0, tuple(scores))]


@given(some_scores, st.data())
def test_documents_are_sorted_best_first_however_their_scores_come(scores: list[float], data: st.DataObject) -> None:
    cuts = sorted({0, *data.draw(st.lists(st.integers(0, len(scores)), max_size=3)), len(scores)})
    batches: list[events.Event] = [
        events.Scores(start, tuple(scores[start:end])) for start, end in itertools.pairwise(cuts)
    ]
    results = shape(scores, data.draw(st.permutations(batches))).results
    assert sorted(result.index for result in results) == list(range(len(scores)))
    assert all(result.relevance_score == scores[result.index] for result in results)
    for better, worse in itertools.pairwise(results):
        assert (-better.relevance_score, better.index) < (-worse.relevance_score, worse.index)


@given(some_scores, st.integers(1, 10))
def test_top_n_is_the_beginning_of_the_whole_list(scores: list[float], top_n: int) -> None:
    whole = shape(scores, at_once(scores)).results
    assert shape(scores, at_once(scores), top_n=top_n).results == whole[:top_n]


@given(some_scores)
def test_a_text_that_was_asked_for_is_the_one_of_its_document(scores: list[float]) -> None:
    for result in shape(scores, at_once(scores), return_documents=True).results:
        assert result.document == RankedText(text=f"document {result.index}")
    assert all(result.document is UNSET for result in shape(scores, at_once(scores)).results)


def test_a_reranking_is_whole() -> None:
    told: list[events.Event] = [events.Progress("batch", 1, 1), events.Scores(0, (0.25, 0.75))]
    assert shape([0.25, 0.75], told) == RerankResponse(
        id="rerank-1",
        model="rerank",
        results=[RerankResult(index=1, relevance_score=0.75), RerankResult(index=0, relevance_score=0.25)],
        usage=RerankUsage(prompt_tokens=9, total_tokens=9),
    )
