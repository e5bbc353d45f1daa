"""`/v1/embeddings`: texts or tokens in, vectors out."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from alive_core.constants import EMBEDDING_INPUTS_LIMIT
from alive_core.schemas.common import (
    ITEMS_OF_ONE_KIND,
    AliveOptions,
    NonEmpty,
    RequestStruct,
    ResponseStruct,
    TokenId,
    prompt_problem,
)

EmbeddingInput: TypeAlias = (
    NonEmpty
    | Annotated[
        list[NonEmpty | TokenId | Annotated[list[TokenId], Meta(min_length=1, max_length=EMBEDDING_INPUTS_LIMIT)]],
        Meta(min_length=1, max_length=EMBEDDING_INPUTS_LIMIT, extra_json_schema=ITEMS_OF_ONE_KIND),
    ]
)
"""`common.as_prompts` turns the four forms into one."""


class EmbeddingRequest(RequestStruct, frozen=True, kw_only=True):
    """Body of `POST /v1/embeddings`: every official field, and our extension `alive`."""

    input: EmbeddingInput
    model: str

    dimensions: Annotated[int, Meta(ge=1)] | None = None
    encoding_format: Literal["float", "base64"] | None = None
    user: str | None = None

    alive: AliveOptions | None = None

    def __post_init__(self) -> None:
        """Refuse an input that mixes texts and tokens."""
        problem = prompt_problem(self.input)
        if problem:
            raise ValueError(f"`input` {problem}")


class Embedding(ResponseStruct, frozen=True, kw_only=True):
    """The vector of input number `index`: numbers, or base64 of little-endian float32 (`utils.vectors`)."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingUsage(ResponseStruct, frozen=True, kw_only=True):
    """Tokens read; an embedding writes none, so both numbers are equal."""

    prompt_tokens: int
    total_tokens: int


class CreateEmbeddingResponse(ResponseStruct, frozen=True, kw_only=True):
    """All vectors, in the order of the inputs."""

    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage
