"""In which order a profile's targets are tried: each strategy is one pure function in a file of its own."""

from collections.abc import Mapping

from alive_core.profiles.profile import StrategyName
from alive_core.routing.strategies.cheapest import cheapest
from alive_core.routing.strategies.hedged import hedged
from alive_core.routing.strategies.ordered import ordered
from alive_core.routing.strategies.strategy import Strategy
from alive_core.routing.strategies.warm_first import warm_first

STRATEGIES: Mapping[StrategyName, Strategy] = {
    "ordered": ordered,
    "warm_first": warm_first,
    "cheapest": cheapest,
    "hedged": hedged,
}
