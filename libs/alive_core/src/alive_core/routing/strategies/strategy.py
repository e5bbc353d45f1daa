"""What a strategy is."""

from collections.abc import Callable, Sequence
from typing import Literal

from alive_core.cache.status import TargetState
from alive_core.profiles.profile import Target
from alive_core.routing.roster import Route

Presence = Literal["free"] | TargetState
"""Where a target's model stands: loaded with a free place, loaded and full, under way, not there, on its way out, or
not to be loaded again before its cool-down is over."""

Look = Callable[[Target], Presence]
"""Tells where a target's model stands now. From memory, in microseconds."""

Strategy = Callable[[Sequence[Route], Look], Sequence[Route]]
"""Puts routes into the order in which they are tried, every one of them. Equals stay as the profile lists them."""
