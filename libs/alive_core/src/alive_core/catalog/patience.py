"""How long a download goes on: bytes renew its patience, attempts in a row that bring nothing use it up."""

from collections.abc import Callable
from random import uniform
from typing import TYPE_CHECKING

from alive_core.catalog.remote import BrokenOff
from alive_core.constants import DOWNLOAD_BARREN_ATTEMPTS, DOWNLOAD_RETRY_FIRST_S, DOWNLOAD_RETRY_LONGEST_S

if TYPE_CHECKING:
    from tenacity import RetryCallState


class Patience:
    """What tenacity asks between two attempts. `arrived` tells how many bytes are there.

    Only bytes beyond the furthest point ever reached count as progress: a server that always breaks off at the same
    place and cannot go on from there ends it too.
    """

    def __init__(self, arrived: Callable[[], int]) -> None:
        self._arrived = arrived
        self._furthest = arrived()
        self._barren = 0

    def note(self, _state: "RetryCallState") -> None:
        """Look at what a failed attempt brought."""
        now = self._arrived()
        self._barren = 0 if now > self._furthest else self._barren + 1
        self._furthest = max(now, self._furthest)

    def is_over(self, _state: "RetryCallState") -> bool:
        """Whether to give up."""
        return self._barren >= DOWNLOAD_BARREN_ATTEMPTS

    def pause_s(self, state: "RetryCallState") -> float:
        """Seconds before the next attempt: doubling while nothing comes, half of it left to chance, and never less
        than the server asked for."""
        longest: float = min(DOWNLOAD_RETRY_FIRST_S * 2**self._barren, DOWNLOAD_RETRY_LONGEST_S)
        return max(longest * uniform(0.5, 1.0), _asked_for(state))


def _asked_for(state: "RetryCallState") -> float:
    error = state.outcome.exception() if state.outcome else None
    return error.retry_after if isinstance(error, BrokenOff) else 0.0
