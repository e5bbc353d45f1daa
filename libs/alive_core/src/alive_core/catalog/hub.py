"""Files of a repository on the model hub: which commit they are, how large, and with which checksum.

The hub answers a HEAD request for `{hub}/{repo}/resolve/{revision}/{file}` with `X-Repo-Commit`, and for large files
with `X-Linked-Size` and `X-Linked-ETag`, which is their sha256 (as huggingface_hub reads them, `file_download.py`).
"""

from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from alive_core.catalog.entry import SHA256, Hub
from alive_core.catalog.failures import ChecksumMismatch, DownloadFailed, SourceUnreachable
from alive_core.catalog.pins import Pin
from alive_core.catalog.remote import FORBIDDEN, UNAUTHORIZED, RemoteFile
from alive_core.constants import DOWNLOAD_REDIRECTS_MAX, HUB_ANSWER_TIMEOUT_S

if TYPE_CHECKING:
    import httpx

FIRST_ERROR_STATUS = 400


def look_up(
    source: Hub, *, client: "httpx.Client", hub_url: str, token: str | None, pin: Pin | None = None
) -> tuple[str | None, list[RemoteFile]]:
    """Ask the hub about every file of `source`; return the exact commit and the files at that commit.

    The commit and the checksums of `pin`, where there is one, hold; else those of the first answer.
    Raises SourceUnreachable where the hub does not answer within HUB_ANSWER_TIMEOUT_S, ChecksumMismatch where the
    hub's own checksum is not the catalogue's or the pinned one. A gated repository shows when its first
    file is fetched.
    """
    commit = pin.revision if pin else None
    known = (pin.sha256 if pin else {}) | source.sha256
    files: list[RemoteFile] = []
    for file in source.files:
        remote_name = source.remote.get(file, file)
        headers = _headers(_address(hub_url, source.repo, commit or source.revision, remote_name), client, token)
        commit = commit or headers.get("X-Repo-Commit")
        files.append(
            RemoteFile(
                name=file,
                url=_address(hub_url, source.repo, commit or source.revision, remote_name),
                size_bytes=_size(headers),
                sha256=_checksum(file, known.get(file), headers),
                page=f"{hub_url}/{source.repo}",
            )
        )
    return commit, files


def size_at(url: str, client: "httpx.Client") -> int | None:
    """How long the file at a plain web address is; `None` where its server does not say.

    Raises SourceUnreachable where nothing answers, DownloadFailed where it is not there.
    """
    import httpx

    try:
        answer = client.head(url, headers={"Accept-Encoding": "identity"}, timeout=HUB_ANSWER_TIMEOUT_S)
    except httpx.TransportError as error:
        raise SourceUnreachable(
            f"{urlsplit(url).hostname} cannot be reached: {error or type(error).__name__}."
        ) from error
    if answer.status_code >= FIRST_ERROR_STATUS:
        raise DownloadFailed(f"{url} answered {answer.status_code} {answer.reason_phrase}.")
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None


def _address(hub_url: str, repo: str, revision: str, file: str) -> str:
    return f"{hub_url}/{repo}/resolve/{quote(revision, safe='')}/{quote(file)}"


def _headers(url: str, client: "httpx.Client", token: str | None) -> "httpx.Headers":
    """The hub's own answer about a file: redirects inside the hub are followed, the one to its storage is not."""
    import httpx

    sent = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {token}"} if token else {})
    for _ in range(DOWNLOAD_REDIRECTS_MAX):
        try:
            answer = client.head(url, headers=sent, follow_redirects=False, timeout=HUB_ANSWER_TIMEOUT_S)
        except httpx.TransportError as error:
            host = urlsplit(url).hostname
            raise SourceUnreachable(f"The hub {host} cannot be reached: {error or type(error).__name__}.") from error
        moved = answer.headers.get("Location", "")
        if not (answer.is_redirect and moved.startswith("/")):
            break
        url = urljoin(url, moved)
    if answer.status_code >= FIRST_ERROR_STATUS and answer.status_code not in (UNAUTHORIZED, FORBIDDEN):
        raise DownloadFailed(
            f"{url} answered {answer.status_code} {answer.reason_phrase}; the catalogue may be out of date."
        )
    return answer.headers


def _size(headers: "httpx.Headers") -> int | None:
    size = headers.get("X-Linked-Size", "")
    return int(size) if size.isdigit() else None


def _checksum(file: str, known: str | None, headers: "httpx.Headers") -> str | None:
    """The checksum to hold a file against: the known one, else the hub's (large files only)."""
    tag = headers.get("X-Linked-ETag", "").strip('"')
    told = tag if SHA256.fullmatch(tag) else None
    if known and told and known != told:
        raise ChecksumMismatch.of(
            file, expected=known, found=told, then="The hub has another file; nothing was fetched."
        )
    return known or told
