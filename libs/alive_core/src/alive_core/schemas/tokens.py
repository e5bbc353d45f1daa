"""`/tokenize` and `/detokenize`, extensions: a text as the model's tokens, and back.

OpenAI has no such resource; these take and give vLLM's shape, the most common one.
Source: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
"""

from typing import Annotated

from msgspec import Meta

from alive_core.constants import DETOKENIZE_TOKENS_LIMIT
from alive_core.schemas.common import AliveOptions, RequestStruct, ResponseStruct, TokenId


class TokenizeRequest(RequestStruct, frozen=True, kw_only=True):
    """Body of `POST /tokenize`. Nothing is added to the text: no special tokens, no chat template."""

    model: str
    prompt: str

    alive: AliveOptions | None = None


class TokenizeResponse(ResponseStruct, frozen=True, kw_only=True):
    """The tokens, how many they are, and how many the model takes at most, prompt and answer together."""

    count: int
    max_model_len: int | None
    tokens: list[int]


class DetokenizeRequest(RequestStruct, frozen=True, kw_only=True):
    """Body of `POST /detokenize`."""

    model: str
    tokens: Annotated[list[TokenId], Meta(max_length=DETOKENIZE_TOKENS_LIMIT)]

    alive: AliveOptions | None = None


class DetokenizeResponse(ResponseStruct, frozen=True, kw_only=True):
    """The text of the tokens."""

    prompt: str
