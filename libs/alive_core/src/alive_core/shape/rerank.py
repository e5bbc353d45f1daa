"""Rerankings: one whole answer, the most relevant document first."""

from msgspec import UNSET

from alive_core.adapters import events
from alive_core.adapters.jobs import RerankJob
from alive_core.schemas.rerank import RankedText, RerankResponse, RerankResult, RerankUsage
from alive_core.shape.shape import Head


class WholeReranking:
    """All scores, sorted; documents with the same score keep the request's order."""

    def __init__(self, head: Head, job: RerankJob, *, top_n: int | None, return_documents: bool) -> None:
        self._head, self._documents = head, job.documents
        self._top_n, self._return_documents = top_n, return_documents
        self._scores: dict[int, float] = {}
        self._tokens = 0

    def add(self, event: events.Event) -> None:
        """Take the next event."""
        match event:
            case events.Scores():
                self._scores.update(enumerate(event.scores, event.start))
            case events.Finished():
                self._tokens = event.usage.prompt_tokens
            case _:
                pass  # nothing else belongs to scores

    def result(self) -> RerankResponse:
        """The answer as Cohere and Jina send it."""
        ranked = sorted(self._scores, key=lambda index: (-self._scores[index], index))[: self._top_n]
        return RerankResponse(
            id=self._head.id,
            model=self._head.model,
            results=[self._result(index) for index in ranked],
            usage=RerankUsage(prompt_tokens=self._tokens, total_tokens=self._tokens),
        )

    def _result(self, index: int) -> RerankResult:
        document = RankedText(text=self._documents[index]) if self._return_documents else UNSET
        return RerankResult(index=index, relevance_score=self._scores[index], document=document)
