"""The body of every error, and of the event that ends a broken stream."""

from msgspec import UNSET, UnsetType

from alive_core.schemas.common import ResponseStruct, Usage


class ErrorDetail(ResponseStruct, frozen=True, kw_only=True):
    """What happened and what to do; `param` names the field at fault."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class ErrorBody(ResponseStruct, frozen=True, kw_only=True):
    """OpenAI's envelope. In a stream that broke, `usage` is what was counted until then."""

    error: ErrorDetail
    usage: Usage | UnsetType = UNSET
