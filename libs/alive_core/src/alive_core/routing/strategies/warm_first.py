"""`warm_first`: whoever can begin soonest."""

from collections.abc import Mapping, Sequence
from typing import Final

from alive_core.routing.roster import Route
from alive_core.routing.strategies.strategy import Look, Presence

_RANKS: Final[Mapping[Presence, int]] = {
    "free": 0,  # begins at once
    "ready": 1,  # begins when another answer ends
    "loading": 2,  # begins when its load ends, which somebody pays for anyway
    "absent": 3,  # has to be loaded, and may push others out
    "closing": 4,  # likewise, and its memory is not back yet
    "cooling": 5,  # would refuse
}


def warm_first(routes: Sequence[Route], look: Look) -> Sequence[Route]:
    """Loaded with a free place, loaded, loading, the rest."""
    return sorted(routes, key=lambda route: _RANKS[look(route.target)])
