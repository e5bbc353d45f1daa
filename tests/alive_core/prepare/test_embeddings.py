"""From an embeddings request to a job."""

import msgspec
import pytest

from alive_core.adapters.jobs import EmbedJob
from alive_core.errors import UnsupportedParameter
from alive_core.prepare.embeddings import prepare_embedding
from alive_core.profiles.abilities import Abilities
from alive_core.schemas.embeddings import EmbeddingRequest

FIXED = Abilities(tasks=frozenset({"embed"}), dimensions=384)
MATRYOSHKA = Abilities(tasks=frozenset({"embed"}), dimensions=768, parameters=frozenset({"dimensions"}))


def prepare(abilities: Abilities = FIXED, **fields: object) -> EmbedJob:
    body = msgspec.convert({"model": "embed", "input": "Text"} | fields, EmbeddingRequest)
    return prepare_embedding(body, abilities, job_id="embd-1")


@pytest.mark.parametrize("encoding", [None, "float", "base64"])
def test_every_encoding_asks_the_engine_for_the_same(encoding: str | None) -> None:
    assert prepare(encoding_format=encoding, user="u") == EmbedJob("embd-1", ("Text",))


@pytest.mark.parametrize(
    ("sent", "inputs"), [(["a", "b"], ("a", "b")), ([1, 2], ((1, 2),)), ([[1], [2, 3]], ((1,), (2, 3)))]
)
def test_every_form_of_input_is_understood(sent: object, inputs: object) -> None:
    assert prepare(input=sent).inputs == inputs


def test_asking_for_the_length_that_vectors_have_asks_for_nothing() -> None:
    assert prepare(dimensions=384).dimensions is None


def test_another_length_is_refused_where_the_model_has_one_only() -> None:
    with pytest.raises(UnsupportedParameter) as caught:
        prepare(dimensions=256)
    assert caught.value.param == "dimensions"


def test_another_length_reaches_an_engine_that_can_shorten() -> None:
    assert prepare(MATRYOSHKA, dimensions=256).dimensions == 256
    assert prepare(MATRYOSHKA, dimensions=768).dimensions is None
