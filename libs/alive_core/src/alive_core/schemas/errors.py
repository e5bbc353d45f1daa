"""The body of every error, and of the event that ends a broken stream."""

from msgspec import UNSET, UnsetType

from alive_core.schemas.common import CompletionTokensDetails, PromptTokensDetails, ResponseStruct


class ErrorDetail(ResponseStruct, frozen=True, kw_only=True):
    """What happened and what to do; `param` names the field at fault."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class UsageSoFar(ResponseStruct, frozen=True, kw_only=True):
    """What an engine had counted when its answer broke; a number that it had not told yet is left out."""

    prompt_tokens: int | UnsetType = UNSET
    completion_tokens: int | UnsetType = UNSET
    total_tokens: int | UnsetType = UNSET
    prompt_tokens_details: PromptTokensDetails | UnsetType = UNSET
    completion_tokens_details: CompletionTokensDetails | UnsetType = UNSET


class ErrorBody(ResponseStruct, frozen=True, kw_only=True):
    """OpenAI's envelope. In a stream that broke, `usage` is what was counted until then."""

    error: ErrorDetail
    usage: UsageSoFar | UnsetType = UNSET
