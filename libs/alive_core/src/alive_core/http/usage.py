"""Whether a stream ends with its token counts."""

from alive_core.errors import InvalidRequest
from alive_core.schemas.chat import ChatRequest
from alive_core.schemas.completions import CompletionRequest


def wants_usage(body: ChatRequest | CompletionRequest) -> bool:
    """Raises InvalidRequest where `stream_options` stands without a stream, as the API does."""
    if body.stream_options is None:
        return False
    if not body.stream:
        raise InvalidRequest("`stream_options` needs `stream: true`.", param="stream_options")
    return bool(body.stream_options.include_usage)
