"""Each strategy puts every target into an order, and loses none."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.constants import HEDGE_AFTER_S
from alive_core.profiles.profile import Routing, StrategyName, Target
from alive_core.routing.roster import Route
from alive_core.routing.strategies import STRATEGIES
from alive_core.routing.strategies.hedged import patience_s
from alive_core.routing.strategies.strategy import Presence
from support.routes import route

PRESENCES: tuple[Presence, ...] = ("free", "ready", "loading", "absent", "closing", "cooling")
presences = st.lists(st.sampled_from(PRESENCES), min_size=1, max_size=6)


def names(routes: Sequence[Route]) -> list[str]:
    return [each.target.name for each in routes]


def nowhere(_: Target) -> Presence:
    return "absent"


@pytest.mark.parametrize("name", STRATEGIES)
@given(states=presences, costs=st.lists(st.none() | st.floats(0, 100), min_size=6, max_size=6))
def test_every_target_keeps_a_place(name: StrategyName, states: list[Presence], costs: list[float | None]) -> None:
    routes = [route(str(place), cost=costs[place]) for place in range(len(states))]
    order = STRATEGIES[name](routes, lambda target: states[int(target.name)])
    assert sorted(names(order)) == sorted(names(routes))


@pytest.mark.parametrize("name", ["ordered", "hedged"])
def test_as_listed(name: StrategyName) -> None:
    routes = [route("a", cost=5), route("b", cost=1)]
    assert STRATEGIES[name](routes, nowhere) == routes


@given(presences)
def test_warm_first_tries_whoever_can_begin_soonest_and_equals_as_listed(states: list[Presence]) -> None:
    routes = [route(str(place)) for place in range(len(states))]
    order = STRATEGIES["warm_first"](routes, lambda target: states[int(target.name)])
    places = [(PRESENCES.index(states[int(name)]), int(name)) for name in names(order)]
    assert places == sorted(places)


def test_cheapest_begins_with_what_is_free_and_equals_as_listed() -> None:
    routes = [
        route("dear", cost=9),
        route("local"),
        route("fair", cost=1),
        route("gift", cost=0),
        route("too", cost=1),
    ]
    assert names(STRATEGIES["cheapest"](routes, nowhere)) == ["local", "gift", "fair", "too", "dear"]


def test_a_rival_starts_after_the_profiles_own_time() -> None:
    own = Routing(strategy="hedged", hedge_after_s=0.5)
    assert patience_s(own, runners=1, has_begun=False) == 0.5
    assert patience_s(Routing(strategy="hedged"), runners=1, has_begun=False) == HEDGE_AFTER_S


def test_no_rival_starts_beside_two_or_once_an_answer_has_begun() -> None:
    assert patience_s(Routing(), runners=2, has_begun=False) is None
    assert patience_s(Routing(), runners=1, has_begun=True) is None
