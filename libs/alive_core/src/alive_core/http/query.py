"""From a query string to a Struct, with the same rules as for bodies."""

from typing import TypeVar

import msgspec
from starlette.requests import Request

from alive_core.errors import InvalidRequest
from alive_core.schemas.common import RequestStruct
from alive_core.schemas.decoding import describe

Query = TypeVar("Query", bound=RequestStruct)

LISTS = frozenset({"include"})
"""Names that may come several times; clients also write them as `include[]`."""


def decode_query(request: Request, kind: type[Query]) -> Query:
    """The query of a request as `kind`. Raises InvalidRequest with `param` for what is unknown or out of range."""
    sent: dict[str, str | list[str]] = {}
    lists: dict[str, list[str]] = {}
    for key, value in request.query_params.multi_items():
        name = key.removesuffix("[]")
        if name in LISTS:
            lists.setdefault(name, []).append(value)
        else:
            sent[name] = value
    try:
        return msgspec.convert(sent | lists, kind, strict=False)
    except msgspec.ValidationError as error:
        message, param = describe(error)
        raise InvalidRequest(message, param=param) from error
