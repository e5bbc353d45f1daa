"""A caller's limits as HTTP knows them: OpenAI's headers on each answer, and tokens counted around the work.

Headers: https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers
"""

import time
from collections.abc import Iterator
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alive_core.access.limits import Balance, Kind
from alive_core.access.quota import Quota
from alive_core.adapters.jobs import Job
from alive_core.constants import MINUTE_S
from alive_core.errors import AliveError, Busy, InvalidRequest
from alive_core.http.failures import error_response
from alive_core.http.record import RequestRecord, record_of

QUOTA_KEY: Final = "quota"
_SECOND_MS: Final = 1000


async def serve_within(quota: Quota, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Count the request and pass it on; or refuse it. What is left stands in the headers of either answer."""
    status: int | None = None

    async def hear() -> Message:
        message = await receive()
        quota.body_bytes += len(message.get("body", b""))
        return message

    async def speak(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            message["headers"] = [*message["headers"], *headers_of(quota)]
        await send(message)

    scope["state"][QUOTA_KEY] = quota
    try:
        quota.enter()
    except AliveError as refusal:
        await error_response(refusal)(scope, receive, speak)
        return
    try:
        await app(scope, hear, speak)
    finally:
        quota.settle(used_tokens(record_of(scope), status))


def reserve_tokens(scope: Scope, job: Job) -> None:
    """Count what `job` may take of its caller's tokens. Raises RateLimited, Busy."""
    quota = scope.get("state", {}).get(QUOTA_KEY)
    if isinstance(quota, Quota):
        quota.reserve(job)


def used_tokens(record: RequestRecord, status: int | None) -> int | None:
    """The tokens that a request took in the end; `None` where nobody knows, as when its client left.

    `status` is that of the answer, `None` where none was begun.
    """
    if record.prompt_tokens is not None or record.completion_tokens is not None:
        return (record.prompt_tokens or 0) + (record.completion_tokens or 0)
    return 0 if status is not None and status >= InvalidRequest.status else None


def headers_of(quota: Quota) -> list[tuple[bytes, bytes]]:
    """What is left, in the headers that OpenAI's API has; of a minute and a day, of whichever has less left."""
    try:
        balances = quota.balances(time.time())
    except Busy:
        return []
    return [header for kind, left in balances.items() for header in _headers(kind, left)]


def _headers(kind: Kind, left: Balance) -> Iterator[tuple[bytes, bytes]]:
    yield f"x-ratelimit-limit-{kind}".encode(), str(left.limit).encode()
    yield f"x-ratelimit-remaining-{kind}".encode(), str(left.remaining).encode()
    yield f"x-ratelimit-reset-{kind}".encode(), reset_words(left.reset_s).encode()


def reset_words(seconds: float) -> str:
    """A span as OpenAI writes it there: `250ms`, `8.64s`, `6m0s`."""
    if 0 < seconds < 1:
        return f"{max(1, round(seconds * _SECOND_MS))}ms"
    minutes, rest = divmod(round(seconds, 2), MINUTE_S)
    return f"{int(minutes)}m{rest:.0f}s" if minutes else f"{rest:g}s"
