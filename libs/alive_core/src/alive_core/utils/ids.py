"""Identifiers with OpenAI's prefixes, and which ones of a client's making are safe to repeat."""

import random
import re
import secrets
from typing import Final

BITS: Final = 8  # of a byte
_RANDOM_BYTES: Final = 16  # 128 bits, as many as a UUID: no two servers ever make the same one
_CALL_RANDOM_BYTES: Final = 12  # tool-call ids are copied by models; shorter ones cost fewer tokens
# Printable ASCII that needs no quoting in a header, a log line or a shell.
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._:/+=@-]+")


def chat_completion_id() -> str:
    """Names a chat answer and all chunks of its stream."""
    return f"chatcmpl-{secrets.token_hex(_RANDOM_BYTES)}"


def completion_id() -> str:
    """Names a completion and all chunks of its stream."""
    return f"cmpl-{secrets.token_hex(_RANDOM_BYTES)}"


def embedding_id() -> str:
    """Names an embeddings job in logs; the answer itself carries no id."""
    return f"embd-{secrets.token_hex(_RANDOM_BYTES)}"


def rerank_id() -> str:
    """Names a reranking."""
    return f"rerank-{secrets.token_hex(_RANDOM_BYTES)}"


def classification_id() -> str:
    """Names a classification."""
    return f"classify-{secrets.token_hex(_RANDOM_BYTES)}"


def tokens_id() -> str:
    """Names the cutting of a text into tokens, or the way back, in logs."""
    return f"tok-{secrets.token_hex(_RANDOM_BYTES)}"


def request_id() -> str:
    """Names a request in headers, logs and traces. It opens nothing, so it may be guessed, and need not be slow."""
    return f"req_{random.getrandbits(_RANDOM_BYTES * BITS):0{_RANDOM_BYTES * 2}x}"


def tool_call_id() -> str:
    """Names a tool call within a conversation."""
    return f"call_{secrets.token_hex(_CALL_RANDOM_BYTES)}"


def response_id() -> str:
    """Names a response."""
    return f"resp_{secrets.token_hex(_RANDOM_BYTES)}"


def conversation_id() -> str:
    """Names a conversation."""
    return f"conv_{secrets.token_hex(_RANDOM_BYTES)}"


def message_item_id() -> str:
    """Names a message among the items of a response or a conversation."""
    return f"msg_{secrets.token_hex(_RANDOM_BYTES)}"


def function_call_item_id() -> str:
    """Names a function call among such items; the call itself has an id of its own."""
    return f"fc_{secrets.token_hex(_RANDOM_BYTES)}"


def function_output_item_id() -> str:
    """Names a function's output among such items."""
    return f"fco_{secrets.token_hex(_RANDOM_BYTES)}"


def reasoning_item_id() -> str:
    """Names the model's thinking among such items."""
    return f"rs_{secrets.token_hex(_RANDOM_BYTES)}"


def is_request_id(text: str, *, max_chars: int) -> bool:
    """Whether a client's own `X-Request-ID` may be kept: short, and nothing that could break a log or header."""
    return len(text) <= max_chars and _REQUEST_ID.fullmatch(text) is not None
