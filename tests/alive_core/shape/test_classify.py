"""Classifications: every input at its place, its best label first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters import events
from alive_core.errors import EngineCrashed
from alive_core.schemas.classify import Classification, ClassifyResponse, ClassifyUsage, LabelPrediction
from alive_core.shape.classify import WholeClassification
from alive_core.shape.shape import Head, Whole

HEAD = Head("classify-1", 1_700_000_000, "classify")

scores_of_a_text = st.dictionaries(st.text(min_size=1, max_size=4), st.floats(0, 1), min_size=1, max_size=5)


def shape(told: list[events.Event]) -> ClassifyResponse:
    form = WholeClassification(HEAD)
    assert isinstance(form, Whole)
    for event in told:
        form.add(event)
    return form.result()


def labels(index: int, scores: dict[str, float]) -> events.Labels:
    return events.Labels(index, tuple(events.LabelScore(label, score) for label, score in scores.items()))


@given(st.lists(scores_of_a_text, min_size=1, max_size=6), st.data())
def test_each_input_has_all_its_labels_the_best_first_however_they_come(
    texts: list[dict[str, float]], data: st.DataObject
) -> None:
    told: list[events.Event] = data.draw(st.permutations([labels(*text) for text in enumerate(texts)]))
    answer = shape([*told, events.Finished(events.Usage(7))])
    assert [item.index for item in answer.data] == list(range(len(texts)))
    for item, scores in zip(answer.data, texts, strict=True):
        assert {one.label: one.score for one in item.predictions} == scores
        sent = [one.score for one in item.predictions]
        assert sent == sorted(sent, reverse=True)
        assert (item.prediction, item.score) == (item.predictions[0].label, max(scores.values()))


def test_labels_that_fit_equally_well_keep_the_engines_order() -> None:
    answer = shape([labels(0, {"red": 0.5, "blue": 0.5}), events.Finished(events.Usage(3))])
    assert [one.label for one in answer.data[0].predictions] == ["red", "blue"]


def test_a_classification_is_whole() -> None:
    told: list[events.Event] = [
        events.Progress("batch", 1, 1),
        labels(0, {"bad": 0.25, "good": 0.75}),
        events.Finished(events.Usage(4)),
    ]
    predictions = [LabelPrediction(label="good", score=0.75), LabelPrediction(label="bad", score=0.25)]
    assert shape(told) == ClassifyResponse(
        id="classify-1",
        model="classify",
        data=[Classification(index=0, prediction="good", score=0.75, predictions=predictions)],
        usage=ClassifyUsage(prompt_tokens=4, total_tokens=4),
    )


def test_an_input_without_a_label_is_the_engines_mistake() -> None:
    form = WholeClassification(HEAD)
    with pytest.raises(EngineCrashed, match="no label for input 3"):
        form.add(events.Labels(3, ()))
