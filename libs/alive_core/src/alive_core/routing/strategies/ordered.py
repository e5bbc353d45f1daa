"""`ordered`: as the profile lists them, the best first."""

from collections.abc import Sequence

from alive_core.routing.roster import Route
from alive_core.routing.strategies.strategy import Look


def ordered(routes: Sequence[Route], _look: Look) -> Sequence[Route]:
    """As they are."""
    return routes
