"""From bytes to a Struct, once, within limits."""

from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from alive_core.constants import BODY_LIMIT_BYTES
from alive_core.errors import InvalidRequest, PayloadTooLarge, UnknownParameter
from alive_core.http.context import context_of
from alive_core.http.leniency import is_body_lenient, note_ignored
from alive_core.prepare.limits import hold_to_limits
from alive_core.schemas.common import RequestStruct
from alive_core.schemas.decoding import decode as decode_bytes
from alive_core.schemas.foreign import decode_with_items, with_types
from alive_core.schemas.leniency import parse, read_known
from alive_core.utils.sizes import format_bytes

Body = TypeVar("Body", bound=RequestStruct)


async def decode(request: Request, kind: type[Body], *, empty: bytes = b"") -> Body:
    """The request's body as `kind`; without fields that nobody knows, where leniency was asked for.

    No body at all counts as `empty`. Raises PayloadTooLarge over the limit, InvalidRequest with `param` where the
    body is not a `kind`.
    """
    body = await read_body(request) or empty
    try:
        return _held(request, decode_bytes(body, kind), len(body))
    except UnknownParameter:
        sent = parse(body)
        if not is_body_lenient(request, sent):
            raise
    return _held(request, _read_known(request, sent, kind), len(body))


async def decode_items(request: Request, kind: type[Body], *, empty: bytes = b"") -> Body:
    """The same for a body whose items may lack their `type`; no body at all counts as `empty`."""
    body = await read_body(request) or empty
    try:
        return _held(request, decode_with_items(body, kind), len(body))
    except UnknownParameter:
        sent = parse(body)
        if not is_body_lenient(request, sent):
            raise
    return _held(request, _read_known(request, with_types(sent), kind), len(body))


def _held(request: Request, body: Body, size: int) -> Body:
    """`body`, which its profile's limits allow. Raises PayloadTooLarge, InvalidRequest."""
    model = getattr(body, "model", None)
    for offer in context_of(request).roster:
        if offer.profile.name == model:
            hold_to_limits(body, offer.profile.limits, body_bytes=size)
    return body


def _read_known(request: Request, sent: object, kind: type[Body]) -> Body:
    known, ignored = read_known(sent, kind)
    note_ignored(request, ignored)
    return known


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
