"""From bytes to a Struct, once, within limits."""

from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from alive_core.constants import BODY_LIMIT_BYTES
from alive_core.errors import InvalidRequest, PayloadTooLarge
from alive_core.schemas.common import RequestStruct
from alive_core.schemas.decoding import decode as decode_bytes
from alive_core.utils.sizes import format_bytes

Body = TypeVar("Body", bound=RequestStruct)


async def decode(request: Request, kind: type[Body]) -> Body:
    """The request's body as `kind`.

    Raises PayloadTooLarge over the limit, InvalidRequest with `param` where the body is not a `kind`.
    """
    return decode_bytes(await read_body(request), kind)


async def read_body(request: Request) -> bytes:
    """The whole body. Raises PayloadTooLarge as soon as it is known to be over the limit."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > BODY_LIMIT_BYTES:
        raise _too_large()
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > BODY_LIMIT_BYTES:
                raise _too_large()
            parts.append(part)
    except ClientDisconnect:
        raise InvalidRequest("The request ended before its body was complete.") from None
    return b"".join(parts)


def _too_large() -> PayloadTooLarge:
    return PayloadTooLarge(f"The request body is larger than the limit of {format_bytes(BODY_LIMIT_BYTES)}.")
