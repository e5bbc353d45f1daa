"""A text that stays on a terminal and is written anew again and again, until somebody has seen enough."""

import os
import select
import shutil
import termios
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from alive_core.utils.tables import clip

_ESCAPE = b"\x1b"
_KEYS_AT_ONCE = 64  # more than anybody types between two looks
_UP_AND_CLEAR = "\x1b[{lines}F\x1b[J"


def show_live(render: Callable[[], str], interval_s: float, out: TextIO, keys: TextIO) -> None:
    """Show what `render` returns, and anew every `interval_s`, until q is pressed or Ctrl-C.

    `out` is a terminal; `keys` need not be one. The last text stays.
    """
    with suppress(KeyboardInterrupt), _single_keys(keys) as is_ended_within:
        height = 0
        while True:
            columns, lines = shutil.get_terminal_size()
            text = clip(f"{render()}\nq ends this table, not the servers.", columns, lines - 1)
            out.write((_UP_AND_CLEAR.format(lines=height) if height else "") + text)
            out.flush()
            height = text.count("\n")
            if is_ended_within(interval_s):
                return


@contextmanager
def _single_keys(keys: TextIO) -> Iterator[Callable[[float], bool]]:
    """Keys come at once and unseen while the block runs. Yields what waits and says whether one of them ended it."""
    if not keys.isatty():
        yield _never
        return
    before = termios.tcgetattr(keys)
    try:
        tty.setcbreak(keys)
        yield lambda seconds: _is_ended(keys, seconds)
    finally:
        termios.tcsetattr(keys, termios.TCSADRAIN, before)


def _is_ended(keys: TextIO, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        ready, _, _ = select.select([keys], [], [], left)
        if ready and is_end(os.read(keys.fileno(), _KEYS_AT_ONCE)):
            return True
    return False


def is_end(typed: bytes) -> bool:
    """Whether somebody has seen enough: q, Escape, or no more keys at all. Other keys begin with Escape, too."""
    return not typed or typed == _ESCAPE or b"q" in typed.lower()


def _never(seconds: float) -> bool:
    time.sleep(seconds)
    return False
