"""Embeddings: every vector at its place, in either encoding."""

import base64
import itertools
import struct

from hypothesis import given
from hypothesis import strategies as st
from openai.types import CreateEmbeddingResponse as OfficialResponse

from alive_core.adapters import events
from alive_core.schemas.common import encode
from alive_core.schemas.embeddings import CreateEmbeddingResponse
from alive_core.shape.embeddings import WholeEmbeddings
from alive_core.shape.shape import Head, Whole

HEAD = Head("embd-1", 1_700_000_000, "embed")
WIDTH = 3

rows = st.lists(st.lists(st.floats(-1, 1, width=32), min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=8)


def packed(vectors: list[list[float]]) -> bytes:
    return b"".join(struct.pack(f"<{WIDTH}f", *vector) for vector in vectors)


def shape(told: list[events.Event], encoding: str) -> CreateEmbeddingResponse:
    form = WholeEmbeddings(HEAD, encoding=encoding)  # type: ignore[arg-type]  # parametrised
    assert isinstance(form, Whole)
    for event in told:
        form.add(event)
    return form.result()


@given(rows, st.data())
def test_vectors_stand_in_the_order_of_the_inputs_however_they_come(
    vectors: list[list[float]], data: st.DataObject
) -> None:
    cuts = sorted({0, *data.draw(st.lists(st.integers(0, len(vectors)), max_size=3)), len(vectors)})
    batches: list[events.Event] = [
        events.Vectors(start, WIDTH, packed(vectors[start:end])) for start, end in itertools.pairwise(cuts)
    ]
    told = [*data.draw(st.permutations(batches)), events.Finished(events.Usage(7))]
    as_numbers = shape(told, "float")
    assert [item.index for item in as_numbers.data] == list(range(len(vectors)))
    assert [item.embedding for item in as_numbers.data] == vectors
    as_text = shape(told, "base64")
    decoded = [list(struct.unpack(f"<{WIDTH}f", base64.b64decode(item.embedding))) for item in as_text.data]  # type: ignore[arg-type]  # base64 is text
    assert decoded == vectors


def test_the_official_type_reads_the_answer() -> None:
    told = [
        events.Progress("batch", 1, 1),
        events.Vectors(0, WIDTH, packed([[0.5, -1.0, 0.25]])),
        events.Finished(events.Usage(4)),
    ]
    answer = OfficialResponse.model_validate_json(encode(shape(told, "float")), strict=True)
    assert (answer.model, answer.usage.prompt_tokens, answer.usage.total_tokens) == ("embed", 4, 4)
    assert answer.data[0].embedding == [0.5, -1.0, 0.25]
