"""One file over HTTPS: resumed where it broke off, hashed while it streams, complete or not there at all.

What has arrived lies in `<file>.part`. A broken connection continues with `Range` and `If-Range` (RFC 9110, 13.1.5
and 14.2), so that a file that changed meanwhile starts over instead of becoming a mixture. Attempts go on as long as
they bring bytes; without any, they end after a few.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path
from random import uniform
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from alive_core.catalog.failures import AccessRefused, ChecksumMismatch, DiskFull, DownloadFailed, SourceUnreachable
from alive_core.catalog.formats import check_head
from alive_core.constants import (
    DISK_RESERVE_BYTES,
    DOWNLOAD_BARREN_ATTEMPTS,
    DOWNLOAD_REDIRECTS_MAX,
    DOWNLOAD_RETRY_FIRST_S,
    DOWNLOAD_RETRY_LONGEST_S,
    DOWNLOAD_STALL_TIMEOUT_S,
    FILE_HEAD_BYTES,
    HASH_BLOCK_BYTES,
    HUB_ANSWER_TIMEOUT_S,
)
from alive_core.errors import LoadFailed
from alive_core.utils.sizes import format_bytes

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

OnProgress = Callable[[str, int, int | None], None]
"""Called with a file's name, its bytes so far and in all (`None` while that is unknown)."""

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
    """This attempt ended early; another one may go on from there."""


def open_client() -> "httpx.Client":
    """A client for downloads: follows a few redirects, never to plain HTTP, and takes no token along elsewhere."""
    import httpx

    timeout = httpx.Timeout(DOWNLOAD_STALL_TIMEOUT_S, connect=HUB_ANSWER_TIMEOUT_S)
    client = httpx.Client(timeout=timeout, follow_redirects=True, event_hooks={"request": [refuse_plain_http]})
    client.max_redirects = DOWNLOAD_REDIRECTS_MAX
    return client


def refuse_plain_http(request: "httpx.Request") -> None:
    """Raise DownloadFailed for an address that is neither HTTPS nor on this machine."""
    if request.url.scheme != "https" and request.url.host not in LOOPBACK:
        raise DownloadFailed(f"{request.url.host} would send the file unencrypted; only https:// is accepted.")


def download(
    remote: RemoteFile,
    target: Path,
    *,
    client: "httpx.Client",
    on_progress: OnProgress,
    token: str | None = None,
    pause: Callable[[float], None] | None = None,
) -> str:
    """Fetch `remote` to `target` and return its sha256. Returns at once what an earlier call completed.

    `token` is sent to the first address only. `pause` waits between attempts (seconds), for tests.
    Raises SourceUnreachable, DownloadFailed, AccessRefused, DiskFull, ChecksumMismatch or LoadFailed. After a network
    failure the part that arrived stays for the next call; a file that is wrong is removed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file():
        target.replace(_part_path(target))  # complete, but hashed anew: only this run's own reading is trusted
    with _full_disk_named(target):
        part = Part(_part_path(target))
        if part.digest != remote.sha256:
            _fetch(remote, part, client=client, on_progress=on_progress, token=token, pause=pause)
        try:
            check(remote, part)
        except (ChecksumMismatch, DownloadFailed, LoadFailed):
            part.remove()
            raise
        part.path.replace(target)
        part.forget_origin()
    return part.digest


class Part:
    """What has arrived of a file, and the hash of exactly that."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.total: int | None = None
        """Size of the whole file, as the server said."""
        self.head = b""
        """The first bytes, FILE_HEAD_BYTES at most."""
        self._origin_path = path.with_name(f"{path.name}.origin")
        self._hash = hashlib.sha256()
        if path.is_file():
            self._read()

    @property
    def digest(self) -> str:
        """The sha256 of what has arrived."""
        return self._hash.hexdigest()

    @property
    def origin(self) -> str | None:
        """The strong ETag of the file that this is a part of."""
        return self._origin_path.read_text() if self._origin_path.is_file() else None

    def remember_origin(self, tag: str | None) -> None:
        """Keep the ETag that the server gave; a weak one cannot vouch for single bytes and is not kept."""
        if tag and not tag.startswith("W/"):
            self._origin_path.write_text(tag)
        else:
            self.forget_origin()

    def forget_origin(self) -> None:
        """Drop the ETag."""
        self._origin_path.unlink(missing_ok=True)

    def restart(self) -> None:
        """Throw away what has arrived."""
        self.path.write_bytes(b"")
        self.size, self.head = 0, b""
        self._hash = hashlib.sha256()

    def remove(self) -> None:
        """Leave nothing behind."""
        self.path.unlink(missing_ok=True)
        self.forget_origin()

    def extend(self, chunks: Iterator[bytes]) -> Iterator[int]:
        """Append each chunk; yield the size after it."""
        with self.path.open("ab") as file:
            for chunk in chunks:
                file.write(chunk)
                self._count(chunk)
                yield self.size

    def _read(self) -> None:
        with self.path.open("rb") as file:
            while block := file.read(HASH_BLOCK_BYTES):
                self._count(block)

    def _count(self, data: bytes) -> None:
        self.head += data[: FILE_HEAD_BYTES - len(self.head)]
        self._hash.update(data)
        self.size += len(data)


def _part_path(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _fetch(
    remote: RemoteFile,
    part: Part,
    *,
    client: "httpx.Client",
    on_progress: OnProgress,
    token: str | None,
    pause: Callable[[float], None] | None,
) -> None:
    """Attempt after attempt, until the file is there or attempts stay barren."""
    import httpx
    from tenacity import Retrying, retry_if_exception_type
    from tenacity.nap import sleep

    patience = Patience(part)
    retrying = Retrying(
        retry=retry_if_exception_type((BrokenOff, httpx.TransportError)),
        after=patience.note,
        stop=patience.is_over,
        wait=patience.pause_s,
        sleep=pause or sleep,
        reraise=True,
    )
    try:
        retrying(_attempt, remote, part, client=client, on_progress=on_progress, token=token)
    except httpx.ConnectError as error:
        raise SourceUnreachable(f"{urlsplit(remote.url).hostname} cannot be reached: {error}.") from error
    except (BrokenOff, httpx.TransportError) as error:
        raise DownloadFailed(
            f"{remote.name} broke off {DOWNLOAD_BARREN_ATTEMPTS} times in a row without progress "
            f"({format_bytes(part.size)} are kept): {error}. Run the command again to continue."
        ) from error
    except httpx.TooManyRedirects as error:
        raise DownloadFailed(f"{remote.url} leads in a circle of redirects.") from error


class Patience:
    """How long to go on: bytes renew it, attempts in a row that bring nothing use it up."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._size = part.size
        self._barren = 0

    def note(self, _state: "RetryCallState") -> None:
        """Look at what a failed attempt brought."""
        self._barren = 0 if self._part.size > self._size else self._barren + 1
        self._size = self._part.size

    def is_over(self, _state: "RetryCallState") -> bool:
        """Whether to give up."""
        return self._barren >= DOWNLOAD_BARREN_ATTEMPTS

    def pause_s(self, _state: "RetryCallState") -> float:
        """Seconds before the next attempt: doubling while nothing comes, half of it left to chance."""
        longest: float = min(DOWNLOAD_RETRY_FIRST_S * 2**self._barren, DOWNLOAD_RETRY_LONGEST_S)
        return longest * uniform(0.5, 1.0)


def _attempt(
    remote: RemoteFile, part: Part, *, client: "httpx.Client", on_progress: OnProgress, token: str | None
) -> None:
    """One request. Returns when all bytes are there; raises BrokenOff or TransportError when another may help."""
    headers = _request_headers(remote, part, token)
    with client.stream("GET", remote.url, headers=headers) as response:
        if response.status_code == RANGE_PAST_END:
            _settle_past_end(response, part)
            return
        _refuse_failure(response, remote)
        begins = _first_byte(response)
        if begins != part.size:
            part.restart()
            if begins:
                raise BrokenOff(f"the server answered from byte {begins} on")
        part.remember_origin(response.headers.get("ETag"))
        part.total = _total(response, begins)
        _check_room(part)
        checked = False
        on_progress(remote.name, part.size, part.total)
        for size in part.extend(response.iter_raw()):
            if not checked and size >= FILE_HEAD_BYTES:
                _check_head_or_remove(remote, part)
                checked = True
            on_progress(remote.name, size, part.total)
    if part.total is not None and part.size < part.total:
        raise BrokenOff(f"{part.size} of {part.total} bytes arrived")


def _request_headers(remote: RemoteFile, part: Part, token: str | None) -> dict[str, str]:
    """Ask for the rest only where it can be told that it is the rest of the same file."""
    headers = {"Accept-Encoding": "identity"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if part.size and (part.origin or remote.sha256):
        headers["Range"] = f"bytes={part.size}-"
        if part.origin:
            headers["If-Range"] = part.origin
    return headers


def _settle_past_end(response: "httpx.Response", part: Part) -> None:
    """416: either all bytes are there already, or what is there is no part of this file."""
    whole = response.headers.get("Content-Range", "").removeprefix("bytes */")
    if whole == str(part.size):
        part.total = part.size
        return
    part.restart()
    raise BrokenOff("the server has fewer bytes than had arrived")


def _refuse_failure(response: "httpx.Response", remote: RemoteFile) -> None:
    """Raise what a status above 206 means: try again, ask a person, or give up."""
    status = response.status_code
    if status in (OK, PARTIAL):
        return
    if status in (UNAUTHORIZED, FORBIDDEN):
        raise AccessRefused(_how_to_get_access(remote, response))
    if status == TOO_MANY or status >= SERVER_ERRORS:
        raise BrokenOff(f"the server answered {status}")
    raise DownloadFailed(
        f"{remote.url} answered {status} {response.reason_phrase}; the catalogue may be out of date."
    )


def _how_to_get_access(remote: RemoteFile, response: "httpx.Response") -> str:
    if remote.page is None:
        return f"{urlsplit(remote.url).hostname} refuses {remote.name} ({response.status_code})."
    had_token = "Authorization" in response.request.headers
    sent = ", and the account of HF_TOKEN has no access" if had_token else ""
    return (
        f"{remote.name} is gated ({response.status_code}{sent}). Open {remote.page}, sign in and accept the licence; "
        f"then make a token with read access in your account's settings and set HF_TOKEN to it."
    )


def _first_byte(response: "httpx.Response") -> int:
    """Where in the file this answer begins: `Content-Range: bytes 100-199/200`."""
    if response.status_code != PARTIAL:
        return 0
    begins = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    if not begins.isdigit():
        raise BrokenOff("the server sent a part without saying which")
    return int(begins)


def _total(response: "httpx.Response", begins: int) -> int | None:
    length = response.headers.get("Content-Length", "")
    return begins + int(length) if length.isdigit() else None


def _check_room(part: Part) -> None:
    if part.total is not None:
        check_room(part.path.parent, part.total - part.size)


def check_room(folder: Path, needed: int) -> None:
    """Raise DiskFull unless `needed` bytes fit into `folder` and the machine keeps its reserve."""
    free = shutil.disk_usage(folder).free
    missing = needed + DISK_RESERVE_BYTES - free
    if missing > 0:
        raise DiskFull(
            f"{format_bytes(needed)} do not fit: {folder} has {format_bytes(free)} free, of which "
            f"{format_bytes(DISK_RESERVE_BYTES)} stay free for the machine. Free {format_bytes(missing)} and go on."
        )


def _check_head_or_remove(remote: RemoteFile, part: Part) -> None:
    try:
        check_head(remote.name, part.head)
    except LoadFailed:
        part.remove()
        raise


def check(remote: RemoteFile, part: Part) -> None:
    """Hold a complete file against everything that is known of it."""
    check_head(remote.name, part.head)
    if remote.size_bytes is not None and part.size != remote.size_bytes:
        raise DownloadFailed(
            f"{remote.name} has {part.size} bytes, but {remote.size_bytes} were announced; nothing of it was kept."
        )
    if remote.sha256 is not None and part.digest != remote.sha256:
        raise ChecksumMismatch.of(
            remote.name, expected=remote.sha256, found=part.digest, then="Nothing of it was kept; try again later."
        )


@contextmanager
def _full_disk_named(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != ENOSPC:
            raise
        raise DiskFull(f"The disk of {target.parent} is full; free some space and run the command again.") from error
