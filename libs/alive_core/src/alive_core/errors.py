"""What can go wrong, as one tree. Every error a client sees is one of these.

AliveError                      500 server_error
├── InvalidRequest              400 invalid_request_error
│   ├── UnknownParameter        400 unknown_parameter
│   ├── UnsupportedParameter    400 unsupported_parameter
│   ├── PreviousResponseNotFound 400 previous_response_not_found
│   └── ContextLengthExceeded   400 context_length_exceeded
├── Unauthorized                401 invalid_api_key
├── Forbidden                   403 insufficient_permissions
├── NotFound                    404 not_found
│   └── ModelNotFound           404 model_not_found
├── MethodNotAllowed            405 method_not_allowed
├── ModelInUse                  409 model_in_use
├── FingerprintMismatch         412 fingerprint_mismatch
├── PayloadTooLarge             413 payload_too_large
├── RateLimited                 429 rate_limit_exceeded
├── Busy                        429 queue_full
├── ModelUnavailable            503 model_unavailable
│   ├── LoadFailed              503 load_failed
│   ├── OutOfMemory             503 insufficient_memory
│   ├── EngineCrashed           503 engine_crashed
│   └── Draining                503 draining
├── StoreFailed                 503 store_failed
├── IssuerUnavailable           503 issuer_unavailable
├── InvalidAnswer               502 invalid_answer
├── DeadlineExceeded            504 deadline_exceeded
├── UpstreamFailed              502 upstream_failed
└── ConfigurationError          raised at start only; never reaches a client

A message says what happened and what to do. Errors are raised, never returned, and `http/failures.py` is the
only place that turns one into bytes. Status, type and code follow https://platform.openai.com/docs/guides/error-codes.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar, Self


class AliveError(Exception):
    """The root: an HTTP status, OpenAI's `type` and `code`, a sentence, and where it helps `param` and `retry_after`.

    `param` names the request field at fault. `retry_after` is seconds and becomes the `Retry-After` header.
    """

    status: ClassVar[int] = 500
    error_type: ClassVar[str] = "server_error"
    code: ClassVar[str | None] = None

    def __init__(self, message: str, *, param: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.retry_after = retry_after

    @classmethod
    def named(cls, name: str) -> type[Self]:
        """The class of this tree called `name`; the class itself where no such name exists.

        Errors cross process borders as their name and their words.
        """
        return next((kind for kind in cls.tree() if kind.__name__ == name), cls)

    @classmethod
    def tree(cls) -> Iterator[type[Self]]:
        """This class and everything below it, parents first."""
        yield cls
        for child in cls.__subclasses__():
            yield from child.tree()


class InvalidRequest(AliveError):
    """The request itself is wrong; sending it again cannot help."""

    status = 400
    error_type = "invalid_request_error"


class UnknownParameter(InvalidRequest):
    """A field that the API does not know; it is refused rather than ignored."""

    code = "unknown_parameter"


class UnsupportedParameter(InvalidRequest):
    """A field this profile cannot honour; it is refused rather than ignored."""

    code = "unsupported_parameter"


class PreviousResponseNotFound(InvalidRequest):
    """The response that a request continues is not stored, or no longer."""

    code = "previous_response_not_found"


class ContextLengthExceeded(InvalidRequest):
    """The prompt and the wanted answer do not fit the context window. A prompt is never cut."""

    code = "context_length_exceeded"


class Unauthorized(AliveError):
    """No key, or one that is not known."""

    status = 401
    error_type = "invalid_request_error"
    code = "invalid_api_key"


class Forbidden(AliveError):
    """A known key that may not do this."""

    status = 403
    error_type = "invalid_request_error"
    code = "insufficient_permissions"


class NotFound(AliveError):
    """No such route or resource."""

    status = 404
    error_type = "invalid_request_error"
    code = "not_found"


class ModelNotFound(NotFound):
    """No profile has the name that `model` asks for."""

    code = "model_not_found"


class MethodNotAllowed(AliveError):
    """The route exists, but not for this HTTP method."""

    status = 405
    error_type = "invalid_request_error"
    code = "method_not_allowed"


class ModelInUse(AliveError):
    """An operator's wish that a model in use, or one that is pinned, does not allow."""

    status = 409
    error_type = "invalid_request_error"
    code = "model_in_use"


class FingerprintMismatch(AliveError):
    """The model that serves now is not the one that the request relies on."""

    status = 412
    error_type = "invalid_request_error"
    code = "fingerprint_mismatch"


class PayloadTooLarge(AliveError):
    """The body is over the limit."""

    status = 413
    error_type = "invalid_request_error"
    code = "payload_too_large"


class RateLimited(AliveError):
    """A quota is used up."""

    status = 429
    error_type = "rate_limit_error"
    code = "rate_limit_exceeded"


class Busy(AliveError):
    """A bounded queue is full."""

    status = 429
    error_type = "rate_limit_error"
    code = "queue_full"


class ModelUnavailable(AliveError):
    """The profile exists, but nothing can serve it now."""

    status = 503
    code = "model_unavailable"


class LoadFailed(ModelUnavailable):
    """The model could not be loaded."""

    code = "load_failed"


class OutOfMemory(ModelUnavailable):
    """The memory budget has no room for the model."""

    code = "insufficient_memory"


class EngineCrashed(ModelUnavailable):
    """The engine ended, or stopped answering, in the middle of its work."""

    code = "engine_crashed"


class Draining(ModelUnavailable):
    """The server is shutting down and takes nothing new."""

    code = "draining"


class StoreFailed(AliveError):
    """Stored responses and conversations cannot be read or written now."""

    status = 503
    code = "store_failed"


class IssuerUnavailable(AliveError):
    """A token cannot be checked now, because the keys of its issuer were never read."""

    status = 503
    code = "issuer_unavailable"


class InvalidAnswer(AliveError):
    """The model's answer breaks the JSON schema that the request asked for; sending it again may help."""

    status = 502
    code = "invalid_answer"


class DeadlineExceeded(AliveError):
    """The answer took longer than its profile allows."""

    status = 504
    code = "deadline_exceeded"


class UpstreamFailed(AliveError):
    """A remote provider failed."""

    status = 502
    code = "upstream_failed"


class ConfigurationError(AliveError):
    """The server cannot start as it is configured; the message says where and what to change."""

    code = "configuration_error"


@contextmanager
def adapter_errors(kinds: Mapping[type[BaseException], type[AliveError]]) -> Iterator[None]:
    """Raise `Ours` wherever the block raises `Foreign`, for each `{Foreign: Ours}`; the most specific entry wins.

    Errors of our own tree pass unchanged, and so does everything not named.
    """
    try:
        yield
    except AliveError:
        raise
    except tuple(kinds) as error:
        ours = next(kinds[kind] for kind in type(error).__mro__ if kind in kinds)
        raise ours(str(error) or type(error).__name__) from error
