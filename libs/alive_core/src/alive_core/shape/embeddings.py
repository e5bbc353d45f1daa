"""Embeddings: one whole answer, as numbers or as base64."""

from typing import Literal

from alive_core.adapters import events
from alive_core.schemas.embeddings import CreateEmbeddingResponse, Embedding, EmbeddingUsage
from alive_core.shape.shape import Head
from alive_core.utils.vectors import split_rows, to_base64, unpack_floats


class WholeEmbeddings:
    """All vectors, in the order of the inputs."""

    def __init__(self, head: Head, *, encoding: Literal["float", "base64"]) -> None:
        self._head, self._encoding = head, encoding
        self._rows: dict[int, bytes] = {}
        self._tokens = 0

    def add(self, event: events.Event) -> None:
        """Take the next event."""
        match event:
            case events.Vectors():
                self._rows.update(enumerate(split_rows(event.data, event.dimensions), event.start))
            case events.Finished():
                self._tokens = event.usage.prompt_tokens
            case _:
                pass  # nothing else belongs to vectors

    def result(self) -> CreateEmbeddingResponse:
        """The answer as OpenAI sends it."""
        return CreateEmbeddingResponse(
            data=[Embedding(index=index, embedding=self._encode(row)) for index, row in sorted(self._rows.items())],
            model=self._head.model,
            usage=EmbeddingUsage(prompt_tokens=self._tokens, total_tokens=self._tokens),
        )

    def _encode(self, row: bytes) -> list[float] | str:
        return to_base64(row) if self._encoding == "base64" else unpack_floats(row)
