"""`/v1/rerank`, an extension: OpenAI has no such resource, so this takes and gives what Cohere and Jina agree on.

Sources: https://docs.cohere.com/reference/rerank and https://api.jina.ai/redoc. The answer holds the fields of both.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, UnsetType

from alive_core.constants import RERANK_DOCUMENTS_LIMIT
from alive_core.schemas.common import AliveOptions, NonEmpty, RequestStruct, ResponseStruct


class TextDocument(RequestStruct, frozen=True, kw_only=True):
    """A document written as an object; the same as its text alone."""

    text: NonEmpty


RerankDocuments: TypeAlias = Annotated[
    list[NonEmpty | TextDocument], Meta(min_length=1, max_length=RERANK_DOCUMENTS_LIMIT)
]


class RerankRequest(RequestStruct, frozen=True, kw_only=True):
    """Body of `POST /v1/rerank`."""

    query: NonEmpty
    documents: RerankDocuments
    model: str

    top_n: Annotated[int, Meta(ge=1)] | None = None
    return_documents: bool | None = None
    max_tokens_per_doc: Annotated[int, Meta(ge=1)] | None = None

    alive: AliveOptions | None = None


class RankedText(ResponseStruct, frozen=True, kw_only=True):
    """The text of a document, where it was asked for."""

    text: str


class RerankResult(ResponseStruct, frozen=True, kw_only=True):
    """One document: its place in the request, and its score."""

    index: int
    relevance_score: float
    document: RankedText | UnsetType = UNSET


class RerankUsage(ResponseStruct, frozen=True, kw_only=True):
    """Tokens read: query and documents together, as often as the model read them."""

    prompt_tokens: int
    total_tokens: int


class RerankResponse(ResponseStruct, frozen=True, kw_only=True):
    """The documents, the most relevant first."""

    id: str
    object: Literal["list"] = "list"
    model: str
    results: list[RerankResult]
    usage: RerankUsage
