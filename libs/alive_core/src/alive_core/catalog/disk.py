"""Room on the disk, and files that survive a power cut."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path

from alive_core.catalog.failures import DiskFull
from alive_core.constants import DISK_RESERVE_BYTES
from alive_core.utils.sizes import format_bytes

BLOCK_BYTES = 512  # the unit of `st_blocks`, whatever the file system uses


def check_room(folder: Path, needed: int) -> None:
    """Raise DiskFull unless `needed` bytes fit into `folder` and the machine keeps its reserve."""
    free = shutil.disk_usage(folder).free
    missing = needed + DISK_RESERVE_BYTES - free
    if missing > 0:
        raise DiskFull(
            f"{format_bytes(needed)} do not fit: {folder} has {format_bytes(free)} free, of which "
            f"{format_bytes(DISK_RESERVE_BYTES)} stay free for the machine. Free {format_bytes(missing)} and run the "
            f"command again; it goes on from what is there."
        )


@contextmanager
def full_disk_named(folder: Path) -> Iterator[None]:
    """A write that finds no room within the block becomes DiskFull, a sentence instead of an error number."""
    try:
        yield
    except OSError as error:
        if error.errno not in (ENOSPC, EDQUOT):
            raise
        raise DiskFull(
            f"The disk of {folder} is full. What has arrived is kept: free some space and run the command again."
        ) from error


def settle_folder(folder: Path) -> None:
    """Return when the names in `folder` are on the disk: what was renamed into it stays after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def settle_file(file: Path) -> None:
    """Return when the content of `file` is on the disk."""
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def disk_bytes(path: Path) -> int:
    """What removing `path`, a file or a folder, gives back: blocks in use, each linked file once."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    blocks = {(found.st_dev, found.st_ino): found.st_blocks for found in (file.lstat() for file in files)}
    return sum(blocks.values()) * BLOCK_BYTES
