"""`/v1/classify`, an extension: OpenAI has no such resource, so this takes and gives Jina's shape.

Source: https://api.jina.ai/redoc. Without `labels` a text is held against the labels that the model was made for.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from alive_core.constants import CLASSIFY_INPUTS_LIMIT
from alive_core.schemas.common import AliveOptions, NonEmpty, RequestStruct, ResponseStruct

ClassifyInput: TypeAlias = NonEmpty | Annotated[list[NonEmpty], Meta(min_length=1, max_length=CLASSIFY_INPUTS_LIMIT)]
ClassifyLabels: TypeAlias = Annotated[list[NonEmpty], Meta(max_length=CLASSIFY_INPUTS_LIMIT)]


class ClassifyRequest(RequestStruct, frozen=True, kw_only=True):
    """Body of `POST /v1/classify`."""

    input: ClassifyInput
    model: str

    labels: ClassifyLabels | None = None

    alive: AliveOptions | None = None


class LabelPrediction(ResponseStruct, frozen=True, kw_only=True):
    """How well a label fits."""

    label: str
    score: float


class Classification(ResponseStruct, frozen=True, kw_only=True):
    """Input number `index`: the label that fits best, and all of them, the best first."""

    object: Literal["classification"] = "classification"
    index: int
    prediction: str
    score: float
    predictions: list[LabelPrediction]


class ClassifyUsage(ResponseStruct, frozen=True, kw_only=True):
    """Tokens read."""

    prompt_tokens: int
    total_tokens: int


class ClassifyResponse(ResponseStruct, frozen=True, kw_only=True):
    """Every input, in the order of the request."""

    id: str
    object: Literal["list"] = "list"
    model: str
    data: list[Classification]
    usage: ClassifyUsage
