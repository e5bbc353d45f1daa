"""From a classify request to a job."""

import msgspec
import pytest

from alive_core.adapters.jobs import ClassifyJob
from alive_core.errors import UnsupportedParameter
from alive_core.prepare.classify import prepare_classify
from alive_core.profiles.abilities import Abilities
from alive_core.schemas.classify import ClassifyRequest

FIXED = Abilities(tasks=frozenset({"classify"}))
OPEN = Abilities(tasks=frozenset({"classify"}), parameters=frozenset({"labels"}))


def prepare(abilities: Abilities = FIXED, **fields: object) -> ClassifyJob:
    body = msgspec.convert({"model": "classify", "input": "A text"} | fields, ClassifyRequest)
    return prepare_classify(body, abilities, job_id="classify-1")


@pytest.mark.parametrize(("sent", "inputs"), [("one", ("one",)), (["one", "two"], ("one", "two"))])
def test_one_text_and_a_list_of_texts_are_understood(sent: object, inputs: tuple[str, ...]) -> None:
    assert prepare(input=sent) == ClassifyJob("classify-1", inputs)


@pytest.mark.parametrize("labels", [None, []])
def test_without_labels_the_model_uses_its_own(labels: object) -> None:
    assert prepare(labels=labels).labels == ()


def test_labels_reach_a_model_that_takes_any() -> None:
    assert prepare(OPEN, labels=["red", "blue"]).labels == ("red", "blue")


def test_labels_are_refused_by_a_model_that_has_its_own() -> None:
    with pytest.raises(UnsupportedParameter) as caught:
        prepare(labels=["red", "blue"])
    assert caught.value.param == "labels"
