"""`task logs`: the last lines of the servers' logs, and what comes after them."""

import os
import sys
import time
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from alive_core.constants import DOWN_POLL_S, LOG_TAIL_LINES


def show_logs(state: Path, names: Sequence[str], *, follow: bool) -> int:
    """Write the last lines of each server's log to stdout; with `follow` go on until Ctrl-C."""
    files = [file for file in sorted((state / "logs").glob("*.log")) if not names or _service_of(file) in names]
    if not files:
        wanted = " or ".join(names) or "any server"
        sys.stderr.write(f"There is no log of {wanted} yet.\n")
        return 1
    open_files: list[TextIO] = [file.open(encoding="utf-8", errors="replace") for file in files]
    try:
        for file, opened in zip(files, open_files, strict=True):
            _write(file, deque(opened, LOG_TAIL_LINES), several=len(files) > 1)
        while follow:
            _follow(files, open_files)
    except KeyboardInterrupt:
        pass
    finally:
        for opened in open_files:
            opened.close()
    return 0


def _service_of(file: Path) -> str:
    return file.stem.rpartition("-")[0]


def _write(file: Path, lines: Iterable[str], *, several: bool) -> None:
    mark = f"{file.stem}: " if several else ""
    sys.stdout.writelines(f"{mark}{line}" for line in lines)
    sys.stdout.flush()


def _follow(files: list[Path], open_files: list[TextIO]) -> None:
    """One round: what is new in each file; where another file has taken its name, that one from its beginning."""
    time.sleep(DOWN_POLL_S)
    for number, (file, opened) in enumerate(zip(files, open_files, strict=True)):
        is_replaced = _is_replaced(file, opened)  # asked first: what is still read then is the old file's end
        _write(file, opened.readlines(), several=len(files) > 1)
        if is_replaced:
            opened.close()
            open_files[number] = file.open(encoding="utf-8", errors="replace")


def _is_replaced(file: Path, opened: TextIO) -> bool:
    try:
        return not os.path.samestat(file.stat(), os.fstat(opened.fileno()))
    except FileNotFoundError:
        return False  # between two files; the next round sees the new one
