"""From a rerank request to a job."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters.jobs import RerankJob
from alive_core.errors import UnsupportedParameter
from alive_core.prepare.rerank import prepare_rerank
from alive_core.profiles.abilities import Abilities
from alive_core.schemas.rerank import RerankRequest

RANKER = Abilities(tasks=frozenset({"rerank"}))


def prepare(**fields: object) -> RerankJob:
    body = msgspec.convert({"model": "rerank", "query": "Where?", "documents": ["Here."]} | fields, RerankRequest)
    return prepare_rerank(body, RANKER, job_id="rerank-1")


@given(st.lists(st.tuples(st.text(min_size=1), st.booleans()), min_size=1, max_size=8))
def test_every_document_is_read_in_its_place_as_text_or_object(documents: list[tuple[str, bool]]) -> None:
    sent = [{"text": text} if is_object else text for text, is_object in documents]
    assert prepare(documents=sent) == RerankJob("rerank-1", "Where?", tuple(text for text, _ in documents))


def test_how_much_is_sent_back_is_no_work_for_the_engine() -> None:
    assert prepare(top_n=1, return_documents=True) == prepare()


def test_a_document_is_refused_rather_than_cut() -> None:
    with pytest.raises(UnsupportedParameter) as caught:
        prepare(max_tokens_per_doc=100)
    assert caught.value.param == "max_tokens_per_doc"
