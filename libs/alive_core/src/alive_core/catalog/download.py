"""One file over HTTPS: resumed where it broke off, hashed when it is whole, complete or not there at all."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from alive_core.catalog.disk import full_disk_named
from alive_core.catalog.failures import ChecksumMismatch, DownloadFailed
from alive_core.catalog.formats import check_file
from alive_core.catalog.part import Part
from alive_core.catalog.remote import RemoteFile
from alive_core.catalog.store import sha256_of
from alive_core.catalog.transfer import Means, OnProgress, Transfer
from alive_core.constants import HASH_SHOWN_BYTES
from alive_core.errors import LoadFailed

if TYPE_CHECKING:
    import httpx


def download(
    remote: RemoteFile,
    target: Path,
    *,
    client: "httpx.Client",
    on_progress: OnProgress,
    token: str | None = None,
    pause: Callable[[float], None] | None = None,
) -> str:
    """Fetch `remote` to `target` and return its sha256. A file that an earlier call completed is only hashed.

    `token` is sent to the first address only. `pause` waits between attempts (seconds), for tests.
    Raises SourceUnreachable, DownloadFailed, AccessRefused, DiskFull, ChecksumMismatch or LoadFailed. After a network
    failure, or on a full disk, the part that arrived stays for the next call; a file that is wrong is removed.
    """
    if remote.sha256 is not None and target.is_file() and sha256_of(target) == remote.sha256:
        return remote.sha256
    target.parent.mkdir(parents=True, exist_ok=True)
    with full_disk_named(target.parent):
        part = Part(target.with_name(f"{target.name}.part"))
        Transfer(remote, part, Means(client, on_progress, token, pause)).run()
        try:
            digest = check(remote, part, on_progress)
        except (ChecksumMismatch, DownloadFailed, LoadFailed):
            part.remove()
            raise
        part.complete(target)
    return digest


def check(remote: RemoteFile, part: Part, on_progress: OnProgress) -> str:
    """Hold a whole file against everything that is known of it, and return its sha256."""
    check_file(remote.name, part.path)
    size = part.arrived
    if remote.size_bytes is not None and size != remote.size_bytes:
        raise DownloadFailed(
            f"{remote.name} has {size} bytes, but {remote.size_bytes} were announced; nothing of it was kept."
        )

    def show(done: int) -> None:
        if size >= HASH_SHOWN_BYTES:
            on_progress(f"Checking {remote.name}", done, size)

    digest = part.digest(show)
    if remote.sha256 is not None and digest != remote.sha256:
        raise ChecksumMismatch.of(
            remote.name, expected=remote.sha256, found=digest, then="Nothing of it was kept; try again later."
        )
    return digest
