"""A file on another machine: its address, what is known of it, and what a server's answer about it means."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from alive_core.catalog.failures import AccessRefused, DownloadFailed
from alive_core.constants import (
    DOWNLOAD_REDIRECTS_MAX,
    DOWNLOAD_RETRY_AFTER_MAX_S,
    DOWNLOAD_STALL_TIMEOUT_S,
    HUB_ANSWER_TIMEOUT_S,
)
from alive_core.utils.durations import format_duration

if TYPE_CHECKING:
    import httpx

LOOPBACK = ("127.0.0.1", "::1", "localhost")
OK, PARTIAL, UNAUTHORIZED, FORBIDDEN, RANGE_PAST_END, TOO_MANY, SERVER_ERRORS = 200, 206, 401, 403, 416, 429, 500


class RemoteFile(msgspec.Struct, frozen=True):
    """A file somewhere else. `size_bytes` and `sha256` are checked where they are known."""

    name: str
    url: str
    size_bytes: int | None = None
    sha256: str | None = None
    page: str | None = None
    """Where a person can accept the licence of a gated repository."""


class BrokenOff(Exception):
    """This attempt ended early; another one may go on from there, after `retry_after` seconds where that is said."""

    def __init__(self, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Changed(Exception):
    """What the server has now is no continuation of what has arrived: the file has to be begun anew."""


class Extent(msgspec.Struct, frozen=True):
    """Which bytes an answer brings: from `start` on, of `total` in all; `None` where the server does not say."""

    start: int
    total: int | None


def open_client() -> "httpx.Client":
    """A client for downloads: follows a few redirects, never to plain HTTP, and takes no token along elsewhere."""
    import httpx

    timeout = httpx.Timeout(DOWNLOAD_STALL_TIMEOUT_S, connect=HUB_ANSWER_TIMEOUT_S)
    client = httpx.Client(timeout=timeout, follow_redirects=True, event_hooks={"request": [refuse_plain_http]})
    client.max_redirects = DOWNLOAD_REDIRECTS_MAX
    return client


def is_encrypted_or_local(url: str) -> bool:
    """Whether what `url` sends cannot be changed on its way: HTTPS, or this very machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def refuse_plain_http(request: "httpx.Request") -> None:
    """Raise DownloadFailed for an address that is neither HTTPS nor on this machine."""
    if not is_encrypted_or_local(str(request.url)):
        raise DownloadFailed(f"{request.url.host} would send the file unencrypted; only https:// is accepted.")


def check_answer(response: "httpx.Response", remote: RemoteFile) -> None:
    """Raise what a status above 206 means: try again, ask a person, or give up."""
    status = response.status_code
    if status in (UNAUTHORIZED, FORBIDDEN):
        raise AccessRefused(_how_to_get_access(remote, response))
    if status == TOO_MANY or status >= SERVER_ERRORS:
        pause = retry_after_s(response.headers, datetime.now(UTC))
        if pause > DOWNLOAD_RETRY_AFTER_MAX_S:
            raise DownloadFailed(
                f"{urlsplit(remote.url).hostname} answered {status} and asks to wait for {format_duration(pause)}. "
                f"Run the command again then; it goes on from what is there."
            )
        raise BrokenOff(f"the server answered {status}", retry_after=pause)
    if status not in (OK, PARTIAL):
        raise DownloadFailed(
            f"{remote.url} answered {status} {response.reason_phrase}; the catalogue may be out of date."
        )
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise DownloadFailed(f"{remote.url} sends the file compressed, which cannot be resumed or checked.")


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float:
    """The pause that a server asks for, in seconds or as a date (RFC 9110, 10.2.3); 0 where it asks for none."""
    asked = headers.get("Retry-After", "").strip()
    if asked.isdecimal():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked).astimezone(UTC) - now).total_seconds())
    except ValueError:
        return 0.0


def extent_of(response: "httpx.Response") -> Extent:
    """Which bytes come, by `Content-Range: bytes 100-199/200` or `Content-Length`. Raises BrokenOff for nonsense."""
    if response.status_code != PARTIAL:
        length = response.headers.get("Content-Length", "")
        return Extent(0, int(length) if length.isdecimal() else None)
    begins, _, rest = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")
    total = rest.rpartition("/")[2]
    if not begins.isdecimal():
        raise BrokenOff("the server sent a part without saying which")
    return Extent(int(begins), int(total) if total.isdecimal() else None)


def strong_tag(response: "httpx.Response") -> str | None:
    """The ETag that vouches for every byte; a weak one cannot."""
    tag: str = response.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else None


def takes_ranges(response: "httpx.Response") -> bool:
    """Whether the server says that it sends parts."""
    return str(response.headers.get("Accept-Ranges", "")).strip().lower() == "bytes"


def _how_to_get_access(remote: RemoteFile, response: "httpx.Response") -> str:
    if remote.page is None:
        return f"{urlsplit(remote.url).hostname} refuses {remote.name} ({response.status_code})."
    had_token = "Authorization" in response.request.headers
    sent = ", and the account of HF_TOKEN has no access" if had_token else ""
    return (
        f"{remote.name} is gated ({response.status_code}{sent}). Open {remote.page}, sign in and accept the licence; "
        f"then make a token with read access in your account's settings and set HF_TOKEN to it."
    )
