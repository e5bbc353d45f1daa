"""How far a download is, on one line of a terminal, or in a few plain lines anywhere else.

Twenty lines of our own instead of a progress library: nothing else in the core would need one.
"""

from collections.abc import Callable
from time import monotonic
from typing import TextIO

from alive_core.constants import PROGRESS_INTERVAL_S, PROGRESS_PLAIN_STEP
from alive_core.utils.sizes import format_bytes

ERASE_LINE = "\r\x1b[K"


class ProgressLine:
    """Writes progress to `out`; its instances are what `download` takes as `on_progress`."""

    def __init__(self, out: TextIO, *, clock: Callable[[], float] = monotonic) -> None:
        self._out = out
        self._clock = clock
        self._is_terminal = out.isatty()
        self._file = ""
        self._began = 0.0
        self._began_at = 0
        self._shown = 0.0
        self._shown_share = 0.0

    def __call__(self, name: str, done: int, total: int | None) -> None:
        """Show that `done` of `total` bytes of the file `name` are there, if it is time to."""
        if name != self._file:
            self._file, self._began, self._began_at = name, self._clock(), done
            self._shown, self._shown_share = float("-inf"), 0.0
        is_complete = done == total
        if self._is_due(done, total) or is_complete:
            text = describe(name, done, total, rate=self._rate(done))
            self._write(text, is_complete=is_complete)
        if is_complete:
            self._file = ""

    def _is_due(self, done: int, total: int | None) -> bool:
        if self._is_terminal:
            due = self._clock() - self._shown >= PROGRESS_INTERVAL_S
            self._shown = self._clock() if due else self._shown
            return due
        share = done / total if total else 0.0
        due = share - self._shown_share >= PROGRESS_PLAIN_STEP
        self._shown_share = share if due else self._shown_share
        return due

    def _rate(self, done: int) -> float | None:
        elapsed = self._clock() - self._began
        return (done - self._began_at) / elapsed if elapsed > 0 else None

    def _write(self, text: str, *, is_complete: bool) -> None:
        if self._is_terminal:
            self._out.write(f"{ERASE_LINE}{text}" + ("\n" if is_complete else ""))
        else:
            self._out.write(f"{text}\n")
        self._out.flush()


def describe(name: str, done: int, total: int | None, *, rate: float | None) -> str:
    """One line of progress: `model.onnx  43 %  38.9 MiB of 86.2 MiB  12.3 MiB/s  4 s left`."""
    parts = [name]
    if total:
        parts += [f"{done / total:.0%}".replace("%", " %"), f"{format_bytes(done)} of {format_bytes(total)}"]
    else:
        parts.append(format_bytes(done))
    if rate:
        parts.append(f"{format_bytes(int(rate))}/s")
        if total and done < total:
            parts.append(f"{(total - done) / rate:.0f} s left")
    return "  ".join(parts)
