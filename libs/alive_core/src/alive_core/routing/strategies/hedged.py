"""`hedged`: as listed, but a target that says nothing for a while gets a rival; who answers first wins."""

from collections.abc import Sequence

from alive_core.constants import HEDGE_AFTER_S
from alive_core.profiles.profile import Routing
from alive_core.routing.roster import Route
from alive_core.routing.strategies.strategy import Look


def hedged(routes: Sequence[Route], _look: Look) -> Sequence[Route]:
    """As they are."""
    return routes


def patience_s(routing: Routing, *, runners: int, has_begun: bool) -> float | None:
    """Seconds until a rival is to start, while nobody fails; `None` where none is.

    1. Once an answer has begun, nobody else is needed.
    2. Two at once are enough.
    3. Otherwise after the profile's own time.
    """
    if has_begun or runners > 1:
        return None
    return HEDGE_AFTER_S if routing.hedge_after_s is None else routing.hedge_after_s
