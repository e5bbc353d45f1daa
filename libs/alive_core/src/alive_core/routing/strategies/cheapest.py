"""`cheapest`: by price; what has none runs here and is free."""

from collections.abc import Sequence

from alive_core.routing.roster import Route
from alive_core.routing.strategies.strategy import Look


def cheapest(routes: Sequence[Route], _look: Look) -> Sequence[Route]:
    """The lowest `cost` first."""
    return sorted(routes, key=lambda route: route.target.cost or 0.0)
