"""Classifications: one whole answer, in the order of the inputs."""

from alive_core.adapters import events
from alive_core.errors import EngineCrashed
from alive_core.schemas.classify import Classification, ClassifyResponse, ClassifyUsage, LabelPrediction
from alive_core.shape.shape import Head


class WholeClassification:
    """All labels of all inputs, the best first."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._labels: dict[int, list[LabelPrediction]] = {}
        self._tokens = 0

    def add(self, event: events.Event) -> None:
        """Take the next event. Raises EngineCrashed for an input that got no label."""
        match event:
            case events.Labels():
                if not event.scores:
                    raise EngineCrashed(f"The engine of this model gave no label for input {event.index}.")
                best_first = sorted(event.scores, key=lambda one: -one.score)
                self._labels[event.index] = [LabelPrediction(label=one.label, score=one.score) for one in best_first]
            case events.Finished():
                self._tokens = event.usage.prompt_tokens
            case _:
                pass  # nothing else belongs to labels

    def result(self) -> ClassifyResponse:
        """The answer as Jina sends it."""
        return ClassifyResponse(
            id=self._head.id,
            model=self._head.model,
            data=[
                Classification(index=index, prediction=labels[0].label, score=labels[0].score, predictions=labels)
                for index, labels in sorted(self._labels.items())
            ],
            usage=ClassifyUsage(prompt_tokens=self._tokens, total_tokens=self._tokens),
        )
