"""What one request may ask for at most, as its profile says."""

from typing import Final

from alive_core.errors import InvalidRequest, PayloadTooLarge
from alive_core.profiles.profile import RequestLimits
from alive_core.schemas.common import RequestStruct, encode
from alive_core.utils.sizes import format_bytes

_MAXIMA: Final = ("max_completion_tokens", "max_output_tokens", "max_tokens")
_WITH_SCHEMAS: Final = ("response_format", "text", "tools", "functions")


def hold_to_limits(body: RequestStruct, limits: RequestLimits, *, body_bytes: int) -> None:
    """Refuse what is over a limit: it is never cut down.

    Raises PayloadTooLarge, or InvalidRequest that names the field.
    """
    if body_bytes > limits.body_bytes:
        raise PayloadTooLarge(
            f"The request body has {format_bytes(body_bytes)}; this model takes {format_bytes(limits.body_bytes)}."
        )
    if limits.max_tokens is not None:
        for name in _MAXIMA:
            wanted = getattr(body, name, None)
            if wanted is not None and wanted > limits.max_tokens:
                message = f"`{name}` is {wanted}; this model answers with at most {limits.max_tokens} tokens."
                raise InvalidRequest(message, param=name)
    if body_bytes > limits.schema_bytes:  # no part of a body is longer than the whole
        for name in _WITH_SCHEMAS:
            _hold_schemas(name, getattr(body, name, None), limits.schema_bytes)


def _hold_schemas(name: str, value: object, most: int) -> None:
    """A long schema takes long to be made into a grammar, whatever the answer is."""
    size = (
        0 if value is None or isinstance(value, str) else len(encode(value))
    )  # `text` is elsewhere what is worked on
    if size > most:
        message = f"`{name}` has {format_bytes(size)} of schemas; this model takes {format_bytes(most)}."
        raise InvalidRequest(message, param=name)
