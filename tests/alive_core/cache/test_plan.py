"""The cache's policy: each numbered rule by example, then what holds for every state, then whole lives of a cache."""

import math
from collections import Counter
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from alive_core.cache.plan import (
    EntryView,
    LoadWish,
    Plan,
    Shortage,
    State,
    WaiterView,
    WishView,
    choose_victims,
    eviction_cost,
    plan,
)
from alive_core.constants import OVERTAKE_LIMIT

BUDGET = 100
GPU_BUDGET = 50
NAMES = ("a", "b", "c", "d", "e")


def ready(
    name: str,
    size: int = 10,
    *,
    leases: int = 0,
    parallel: int = 1,
    last_used: float = 0.0,
    load_s: float = 1.0,
    gpu: int = 0,
) -> EntryView:
    return EntryView(name, "ready", size, leases, parallel, last_used, math.inf, load_s, gpu=gpu)


# --- 1. cooling down -----------------------------------------------------------------------------------
def test_a_target_that_cools_down_is_refused_with_the_seconds_left() -> None:
    todo = plan([], [WaiterView(1, "a", 10)], BUDGET, 5.0, cooling={"a": 12.0})
    assert todo == Plan(refuse=[Shortage(1, cooling_s=7.0)])


def test_a_cool_down_ends_on_time() -> None:
    assert plan([], [WaiterView(1, "a", 10)], BUDGET, 12.0, cooling={"a": 12.0}) == Plan(load=["a"])


def test_a_cool_down_concerns_its_own_target_only() -> None:
    assert plan([], [WaiterView(1, "b", 10)], BUDGET, 5.0, cooling={"a": 12.0}) == Plan(load=["b"])


# --- 2., 3. places on a model that is ready ---------------------------------------------------------------
def test_places_are_given_in_order_until_the_model_is_full() -> None:
    waiters = [WaiterView(number, "a", 10) for number in (4, 5, 6)]
    assert plan([ready("a", leases=1, parallel=3)], waiters, BUDGET, 0.0) == Plan(grant=[(4, "a"), (5, "a")])


def test_a_full_model_makes_its_requests_wait_and_no_others() -> None:
    waiters = [WaiterView(1, "a", 10), WaiterView(2, "b", 10)]
    assert plan([ready("a", leases=1), ready("b")], waiters, BUDGET, 0.0) == Plan(grant=[(2, "b")])


# --- 4. joining ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", ["loading", "closing"])
def test_a_load_or_a_closing_under_way_is_waited_for(state: State) -> None:
    assert plan([EntryView("a", state, 10)], [WaiterView(1, "a", 10)], BUDGET, 0.0) == Plan()


def test_waiters_for_one_model_are_served_by_one_load() -> None:
    waiters = [WaiterView(number, "a", 60) for number in (1, 2, 3)]
    assert plan([], waiters, BUDGET, 0.0) == Plan(load=["a"])


# --- 5., 6. room --------------------------------------------------------------------------------------------
def test_a_model_larger_than_the_budget_is_refused_with_what_is_missing() -> None:
    assert plan([], [WaiterView(1, "a", 130)], BUDGET, 0.0) == Plan(refuse=[Shortage(1, missing=30)])


def test_a_model_that_just_fits_is_loaded() -> None:
    assert plan([ready("b", 40, leases=1)], [WaiterView(1, "a", 60)], BUDGET, 0.0) == Plan(load=["a"])


def test_two_loads_of_one_planning_share_the_budget() -> None:
    waiters = [WaiterView(1, "a", 60), WaiterView(2, "b", 60)]
    assert plan([], waiters, BUDGET, 0.0) == Plan(load=["a"])


def test_a_refused_request_stands_in_nobodys_way() -> None:
    waiters = [WaiterView(1, "a", 130), WaiterView(2, "b", 60)]
    assert plan([], waiters, BUDGET, 0.0) == Plan(refuse=[Shortage(1, missing=30)], load=["b"])


def test_a_model_without_memory_is_loaded_though_someone_waits_for_memory() -> None:
    waiters = [WaiterView(1, "a", 60), WaiterView(2, "remote", 0)]
    assert plan([ready("b", 90, leases=1)], waiters, BUDGET, 0.0) == Plan(load=["remote"])


# --- 7. evicting --------------------------------------------------------------------------------------------
def test_idle_models_make_room_and_the_load_waits_for_their_memory() -> None:
    assert plan([ready("b", 90)], [WaiterView(1, "a", 60)], BUDGET, 0.0) == Plan(evict=["b"])


def test_memory_on_its_way_back_is_not_asked_for_twice() -> None:
    entries = [EntryView("b", "closing", 50), ready("c", 50)]
    assert plan(entries, [WaiterView(1, "a", 50)], BUDGET, 0.0) == Plan()


def test_a_model_whose_keep_alive_is_over_counts_as_memory_on_its_way_back() -> None:
    expired = EntryView("b", "ready", 50)
    assert plan([expired, ready("c", 50)], [WaiterView(1, "a", 50)], BUDGET, 0.0) == Plan(evict=["b"])


def test_a_model_just_lent_is_not_evicted_for_the_next_in_line() -> None:
    waiters = [WaiterView(1, "b", 90), WaiterView(2, "a", 60)]
    assert plan([ready("b", 90)], waiters, BUDGET, 0.0) == Plan(grant=[(1, "b")])


def test_a_request_for_a_model_that_is_going_waits_for_its_return() -> None:
    going = EntryView("b", "closing", 90)
    assert plan([going], [WaiterView(1, "a", 60), WaiterView(2, "b", 90)], BUDGET, 0.0) == Plan()


def test_of_two_victims_the_one_nobody_waits_for_goes() -> None:
    entries = [ready("b", 50, load_s=0.1), ready("c", 50, load_s=9.0)]
    waiters = [WaiterView(1, "a", 50), WaiterView(2, "b", 50)]
    assert plan(entries, waiters, BUDGET, 0.0) == Plan(evict=["c"], grant=[(2, "b")])


def test_a_model_that_others_wait_for_is_not_evicted_but_lent_to_them() -> None:
    waiters = [WaiterView(1, "a", 60), WaiterView(2, "b", 90)]
    assert plan([ready("b", 90)], waiters, BUDGET, 0.0) == Plan(grant=[(2, "b")], overtaken=[1])


def test_nobody_evicts_from_behind_someone_who_waits_for_memory() -> None:
    entries = [ready("busy", 50, leases=1), ready("idle", 30)]
    waiters = [WaiterView(1, "a", 80), WaiterView(2, "b", 50)]
    assert plan(entries, waiters, BUDGET, 0.0) == Plan()


def test_while_a_swap_is_under_way_nobody_counts_as_overtaken() -> None:
    entries = [EntryView("b", "closing", 60), ready("c", 40)]
    waiters = [WaiterView(1, "a", 60, overtaken=OVERTAKE_LIMIT), WaiterView(2, "c", 40)]
    assert plan(entries, waiters, BUDGET, 0.0) == Plan(grant=[(2, "c")])


# --- 8. waiting for busy models -----------------------------------------------------------------------------
def test_requests_for_loaded_models_go_ahead_and_are_counted() -> None:
    waiters = [WaiterView(1, "a", 60), WaiterView(2, "b", 90), WaiterView(3, "b", 90)]
    todo = plan([ready("b", 90, leases=1, parallel=4)], waiters, BUDGET, 0.0)
    assert todo == Plan(grant=[(2, "b"), (3, "b")], overtaken=[1, 1])


def test_one_planning_gives_no_more_places_than_may_still_go_ahead() -> None:
    waiters = [WaiterView(1, "a", 60, overtaken=OVERTAKE_LIMIT - 2)] + [WaiterView(n, "b", 90) for n in range(2, 9)]
    todo = plan([ready("b", 90, leases=1, parallel=9)], waiters, BUDGET, 0.0)
    assert todo == Plan(grant=[(2, "b"), (3, "b")], overtaken=[1, 1])


def test_places_are_held_back_from_those_behind_only() -> None:
    waiters = [WaiterView(1, "b", 90), WaiterView(2, "a", 60, overtaken=OVERTAKE_LIMIT), WaiterView(3, "b", 90)]
    assert plan([ready("b", 90, leases=1, parallel=4)], waiters, BUDGET, 0.0) == Plan(grant=[(1, "b")])


def test_a_model_without_memory_is_never_held_back() -> None:
    waiters = [WaiterView(1, "a", 60, overtaken=OVERTAKE_LIMIT), WaiterView(2, "remote", 0)]
    entries = [ready("b", 90, leases=1), ready("remote", 0)]
    assert plan(entries, waiters, BUDGET, 0.0) == Plan(grant=[(2, "remote")])


def test_a_wanted_model_goes_once_the_first_in_line_was_overtaken_too_often() -> None:
    waiters = [WaiterView(1, "a", 60, overtaken=OVERTAKE_LIMIT), WaiterView(2, "b", 90)]
    assert plan([ready("b", 90)], waiters, BUDGET, 0.0) == Plan(evict=["b"])


def test_the_last_place_that_may_go_ahead_and_the_swap_are_decided_together() -> None:
    waiters = [
        WaiterView(1, "a", 50, overtaken=OVERTAKE_LIMIT - 1),
        WaiterView(2, "b", 50),
        WaiterView(3, "c", 50),
    ]
    todo = plan([ready("b", 50), ready("c", 50)], waiters, BUDGET, 0.0)
    assert todo == Plan(grant=[(2, "b")], overtaken=[1], evict=["c"])


# --- besides ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("now", "evicted"), [(69.9, []), (70.0, ["a"])])
def test_an_idle_model_goes_when_its_keep_alive_is_over(now: float, evicted: list[str]) -> None:
    entry = EntryView("a", "ready", 10, last_used=10.0, keep_alive_s=60.0)
    assert plan([entry], [], BUDGET, now) == Plan(evict=evicted)


def test_a_model_that_someone_wants_stays_beyond_its_keep_alive() -> None:
    assert plan([EntryView("a", "ready", 10)], [WaiterView(1, "a", 10)], BUDGET, 9.0) == Plan(grant=[(1, "a")])


# --- wishes ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("entries", [[], [EntryView("a", "loading", 10)], [EntryView("a", "closing", 10)]])
def test_who_wants_a_loaded_model_only_is_refused_where_it_is_not_ready(entries: list[EntryView]) -> None:
    assert plan(entries, [WaiterView(1, "a", 10, wish="if_loaded")], BUDGET, 0.0) == Plan(refuse=[Shortage(1)])


def test_who_wants_a_loaded_model_only_waits_for_a_place_on_it() -> None:
    assert plan([ready("a", leases=1)], [WaiterView(1, "a", 10, wish="if_loaded")], BUDGET, 0.0) == Plan()


def test_who_waits_for_others_to_load_causes_nothing_and_stands_in_nobodys_way() -> None:
    waiters = [WaiterView(1, "a", 60, wish="wait"), WaiterView(2, "b", 60)]
    assert plan([ready("c", 40)], waiters, BUDGET, 0.0) == Plan(load=["b"])


def test_who_waits_for_others_to_load_is_served_once_they_have() -> None:
    assert plan([ready("a")], [WaiterView(1, "a", 10, wish="wait")], BUDGET, 0.0) == Plan(grant=[(1, "a")])


def test_who_waits_for_others_to_load_hears_that_the_model_is_cooling_down() -> None:
    todo = plan([], [WaiterView(1, "a", 10, wish="wait")], BUDGET, 5.0, cooling={"a": 12.0})
    assert todo == Plan(refuse=[Shortage(1, cooling_s=7.0)])


# --- victims ------------------------------------------------------------------------------------------------
def test_the_longer_idle_of_two_equal_models_goes() -> None:
    assert choose_victims([ready("a", last_used=50.0), ready("b", last_used=10.0)], 5, 60.0) == ["b"]


def test_the_model_that_is_quicker_to_load_goes() -> None:
    assert choose_victims([ready("a", load_s=20.0), ready("b", load_s=2.0)], 5, 60.0) == ["b"]


def test_a_small_model_stays_where_the_large_one_has_to_go_anyway() -> None:
    assert choose_victims([ready("small", 10, load_s=0.0), ready("large", 90)], 90, 0.0) == ["large"]


def test_a_model_that_would_free_nothing_stays() -> None:
    assert choose_victims([ready("remote", 0, load_s=0.0), ready("b", 10)], 5, 0.0) == ["b"]


idle_models = st.lists(
    st.builds(ready, st.uuids().map(str), st.integers(0, 50), last_used=st.floats(0, 99), load_s=st.floats(0, 60)),
    max_size=6,
)


@given(idle_models, st.integers(-20, 150))
def test_victims_are_enough_and_none_is_needless(idle: list[EntryView], missing: int) -> None:
    victims = choose_victims(idle, missing, 100.0)
    if victims is None:
        assert sum(entry.size for entry in idle) < missing
    else:
        sizes = {entry.name: entry.size for entry in idle}
        freed = sum(sizes[name] for name in victims)
        assert freed >= missing
        assert all(freed - sizes[name] < missing for name in victims)


@given(idle_models, st.integers(1, 5))
def test_of_models_of_one_size_the_cheapest_go(idle: list[EntryView], count: int) -> None:
    alike = [ready(entry.name, 10, last_used=entry.last_used, load_s=entry.load_s) for entry in idle]
    victims = choose_victims(alike, 10 * count, 100.0)
    if victims is not None:
        gone = [eviction_cost(entry, 100.0) for entry in alike if entry.name in victims]
        kept = [eviction_cost(entry, 100.0) for entry in alike if entry.name not in victims]
        assert len(gone) == count
        assert max(gone) <= min(kept, default=math.inf)


# --- 9., 10., 11. what should stay ------------------------------------------------------------------------------
def test_a_request_is_refused_for_memory_that_pinned_models_never_give_back() -> None:
    pinned = replace(ready("b", 60), is_pinned=True)
    assert plan([pinned], [WaiterView(1, "a", 50)], BUDGET, 0.0) == Plan(refuse=[Shortage(1, missing=10, pinned=60)])
    assert plan([pinned], [WaiterView(1, "a", 40)], BUDGET, 0.0) == Plan(load=["a"])


def test_a_pinned_model_that_crashed_gives_its_memory_back() -> None:
    crashed = replace(ready("b", 60), is_pinned=True, state="closing")
    assert plan([crashed], [WaiterView(1, "a", 50)], BUDGET, 0.0) == Plan()


def test_a_pinned_model_is_lent_though_somebody_out_of_patience_waits_for_memory() -> None:
    entries = [replace(ready("b", 40), is_pinned=True), ready("c", 50, leases=1)]
    waiters = [WaiterView(1, "a", 60, overtaken=OVERTAKE_LIMIT), WaiterView(2, "b", 40)]
    todo = plan(entries, waiters, BUDGET, 0.0)
    assert todo == Plan(grant=[(2, "b")])
    assert todo.is_memory_short


def test_neither_a_pinned_nor_a_warm_model_expires() -> None:
    expired = EntryView("a", "ready", 10)
    assert plan([expired], [], BUDGET, 1.0) == Plan(evict=["a"])
    assert plan([replace(expired, is_pinned=True)], [], BUDGET, 1.0) == Plan()
    assert plan([replace(expired, is_warm=True)], [], BUDGET, 1.0) == Plan()


def test_a_model_just_loaded_stays_for_its_minimum_time_and_no_longer() -> None:
    young = replace(ready("b", 60), ready_since=10.0, min_loaded_s=5.0)
    todo = plan([young], [WaiterView(1, "a", 60)], BUDGET, 14.9)
    assert todo == Plan()
    assert todo.is_memory_short
    assert plan([young], [WaiterView(1, "a", 60)], BUDGET, 15.0) == Plan(evict=["b"])


def test_a_warm_model_is_evicted_last() -> None:
    warm = replace(ready("b", 50, load_s=0.1), is_warm=True)
    assert plan([warm, ready("c", 50, load_s=9.0)], [WaiterView(1, "a", 50)], BUDGET, 0.0) == Plan(evict=["c"])
    assert plan([warm, ready("c", 50, leases=1)], [WaiterView(1, "a", 50)], BUDGET, 0.0) == Plan(evict=["b"])


def test_what_is_wished_is_loaded_in_order_as_far_as_there_is_room() -> None:
    wishes = [WishView("a", 60), WishView("b", 50), WishView("c", 40)]
    assert plan([], [], BUDGET, 0.0, wishes=wishes) == Plan(load=["a", "c"])


def test_nothing_is_evicted_for_a_wish_and_no_request_waits_longer_for_it() -> None:
    assert plan([ready("b", 60)], [], BUDGET, 0.0, wishes=[WishView("a", 50)]) == Plan()
    waits = [WaiterView(1, "c", 60)]
    assert plan([ready("b", 60, leases=1)], waits, BUDGET, 0.0, wishes=[WishView("a", 10)]) == Plan()


def test_a_wish_for_a_model_in_memory_or_cooling_down_changes_nothing() -> None:
    entries = [EntryView("a", "closing", 10), EntryView("b", "loading", 10), ready("c")]
    wishes = [WishView(name, 10) for name in "abcd"]
    assert plan(entries, [], BUDGET, 0.0, cooling={"d": 1.0}, wishes=wishes) == Plan()
    assert plan([], [WaiterView(1, "d", 10)], BUDGET, 0.0, wishes=[WishView("d", 10)]) == Plan(load=["d"])


# --- two kinds of memory -------------------------------------------------------------------------------------------
def test_a_model_needs_room_in_both_kinds_of_memory_that_it_takes() -> None:
    entries = [ready("b", 10, leases=1, gpu=40)]
    waiters = [WaiterView(1, "a", 10, gpu=20), WaiterView(2, "c", 10)]
    todo = plan(entries, waiters, BUDGET, 0.0, gpu_budget=50)
    assert todo == Plan()  # whoever is behind somebody who waits for memory waits as well
    assert todo.is_memory_short
    assert plan(entries, waiters[1:], BUDGET, 0.0, gpu_budget=50) == Plan(load=["c"])
    assert plan(entries, waiters[:1], BUDGET, 0.0, gpu_budget=60) == Plan(load=["a"])


def test_a_model_larger_than_the_gpu_is_refused_with_what_is_missing_there() -> None:
    pinned = replace(ready("b", 10, gpu=40), is_pinned=True)
    todo = plan([pinned], [WaiterView(1, "a", 10, gpu=20)], BUDGET, 0.0, gpu_budget=50)
    assert todo == Plan(refuse=[Shortage(1, missing_gpu=10, pinned_gpu=40)])


def test_a_gpu_that_others_have_filled_is_no_obstacle_for_a_model_that_takes_none() -> None:
    assert plan([ready("b", 10, gpu=40)], [WaiterView(1, "a", 10)], BUDGET, 0.0) == Plan(load=["a"])


def test_only_models_that_hold_what_is_missing_are_evicted() -> None:
    entries = [ready("b", 50, load_s=0.1), ready("c", 10, load_s=9.0, gpu=40)]
    assert plan(entries, [WaiterView(1, "a", 10, gpu=20)], BUDGET, 0.0, gpu_budget=50) == Plan(evict=["c"])
    assert choose_victims(entries, 60, 0.0, missing_gpu=40) == ["b", "c"]
    assert choose_victims(entries, 0, 0.0, missing_gpu=41) is None


# --- what holds for every state -------------------------------------------------------------------------------
@st.composite
def entries_of(draw: st.DrawFn) -> EntryView:
    state: State = draw(st.sampled_from(("loading", "ready", "closing")))
    parallel = draw(st.integers(1, 3))
    return EntryView(
        name=draw(st.sampled_from(NAMES)),
        state=state,
        size=draw(st.integers(0, 60)),
        leases=draw(st.integers(0, parallel)) if state == "ready" else 0,
        parallel=parallel,
        last_used=draw(st.floats(0, 100)),
        keep_alive_s=draw(st.sampled_from((0.0, 30.0, math.inf))),
        load_s=draw(st.floats(0, 30)),
        ready_since=draw(st.floats(0, 100)),
        min_loaded_s=draw(st.sampled_from((0.0, 10.0, 1000.0))),
        is_pinned=draw(st.booleans()),
        is_warm=draw(st.booleans()),
        gpu=draw(st.sampled_from((0, 0, 20, 45))),
    )


@dataclass(frozen=True)
class Situation:
    """Everything that one planning sees."""

    entries: list[EntryView]
    waiters: list[WaiterView]
    cooling: dict[str, float]
    wishes: list[WishView] = field(default_factory=list)
    now: float = 100.0

    def plan(self) -> Plan:
        return plan(
            self.entries,
            self.waiters,
            BUDGET,
            self.now,
            cooling=self.cooling,
            wishes=self.wishes,
            gpu_budget=GPU_BUDGET,
        )


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    sizes = {name: draw(st.integers(0, 120)) for name in NAMES}
    on_gpu = {name: draw(st.sampled_from((0, 0, 20, 60))) for name in NAMES}
    wishes: st.SearchStrategy[LoadWish] = st.sampled_from(("load", "wait", "if_loaded"))
    wanted = draw(st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, OVERTAKE_LIMIT), wishes), max_size=12))
    waiters = [
        WaiterView(number, name, sizes[name], overtaken, wish, on_gpu[name])
        for number, (name, overtaken, wish) in enumerate(wanted)
    ]
    entries = draw(st.lists(entries_of(), max_size=5, unique_by=lambda entry: entry.name))
    cooling = draw(st.dictionaries(st.sampled_from(NAMES), st.floats(0, 200), max_size=2))
    wished = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
    return Situation(entries, waiters, cooling, [WishView(name, sizes[name], on_gpu[name]) for name in wished])


@given(situations())
def test_loads_never_exceed_the_budget(situation: Situation) -> None:
    loaded = situation.plan().load
    views = {view.name: view for view in (*situation.waiters, *situation.wishes)}
    added = sum(views[name].size for name in loaded)
    assert not added or sum(entry.size for entry in situation.entries) + added <= BUDGET
    added = sum(views[name].gpu for name in loaded)
    assert not added or sum(entry.gpu for entry in situation.entries) + added <= GPU_BUDGET


@given(situations())
def test_only_idle_models_are_evicted_and_each_once(situation: Situation) -> None:
    todo = situation.plan()
    idle = {entry.name for entry in situation.entries if entry.is_idle}
    lent = {name for _, name in todo.grant}
    assert set(todo.evict) <= idle - lent
    assert len(todo.evict) == len(set(todo.evict))


@given(situations())
def test_what_is_pinned_or_just_loaded_is_never_evicted_for_others(situation: Situation) -> None:
    for entry in situation.entries:
        if entry.name in situation.plan().evict and not entry.has_expired(situation.now):
            assert not entry.is_pinned
            assert situation.now - entry.ready_since >= entry.min_loaded_s


@given(situations())
def test_wishes_change_nothing_for_those_who_ask(situation: Situation) -> None:
    with_wishes, without = situation.plan(), replace(situation, wishes=[]).plan()
    assert with_wishes.load[: len(without.load)] == without.load
    with_wishes.load = without.load
    assert with_wishes == without


@given(situations())
def test_nothing_is_loaded_twice(situation: Situation) -> None:
    todo = situation.plan()
    assert len(todo.load) == len(set(todo.load))
    assert not set(todo.load) & {entry.name for entry in situation.entries}


@given(situations())
def test_each_request_is_decided_at_most_once(situation: Situation) -> None:
    todo = situation.plan()
    decided = [number for number, _ in todo.grant] + [shortage.waiter for shortage in todo.refuse]
    assert len(decided) == len(set(decided))


@given(situations())
def test_places_are_never_lent_beyond_what_the_engine_takes(situation: Situation) -> None:
    given_away = Counter(name for _, name in situation.plan().grant)
    entries = {entry.name: entry for entry in situation.entries}
    for name, count in given_away.items():
        assert entries[name].state == "ready"
        assert entries[name].leases + count <= entries[name].parallel


@given(situations())
def test_requests_for_one_model_are_served_in_order(situation: Situation) -> None:
    granted = {number for number, _ in situation.plan().grant}
    for name in NAMES:
        served = [waiter.id in granted for waiter in situation.waiters if waiter.name == name]
        assert served == sorted(served, reverse=True)


@given(situations())
def test_a_refusal_always_has_a_reason(situation: Situation) -> None:
    wishes = {waiter.id: waiter.wish for waiter in situation.waiters}
    for shortage in situation.plan().refuse:
        reasons = (shortage.missing > 0 or shortage.missing_gpu > 0) + (shortage.cooling_s > 0)
        assert not shortage.pinned or shortage.missing
        assert not shortage.pinned_gpu or shortage.missing_gpu
        assert reasons == (0 if wishes[shortage.waiter] == "if_loaded" else 1)


@given(situations())
def test_only_who_wishes_a_load_causes_one(situation: Situation) -> None:
    wished = {waiter.name for waiter in situation.waiters if waiter.wish == "load"}
    assert set(situation.plan().load) <= wished | {wish.name for wish in situation.wishes}


@given(situations())
def test_where_nobody_wishes_a_load_no_model_has_to_go_before_its_time(situation: Situation) -> None:
    patient = [replace(waiter, wish="wait") if waiter.wish == "load" else waiter for waiter in situation.waiters]
    todo = replace(situation, waiters=patient, wishes=[]).plan()
    assert not todo.load
    assert not todo.is_memory_short
    assert set(todo.evict) <= {entry.name for entry in situation.entries if entry.has_expired(situation.now)}


@given(situations())
def test_who_wants_a_loaded_model_only_never_waits_for_a_load(situation: Situation) -> None:
    loaded = {entry.name for entry in situation.entries if entry.state == "ready"}
    refused = {shortage.waiter for shortage in situation.plan().refuse}
    for waiter in situation.waiters:
        if waiter.wish == "if_loaded":
            assert (waiter.id in refused) == (waiter.name not in loaded)


@given(situations())
def test_nobody_is_overtaken_beyond_the_limit(situation: Situation) -> None:
    before = {waiter.id: waiter.overtaken for waiter in situation.waiters}
    for number, times in Counter(situation.plan().overtaken).items():
        assert before[number] + times <= OVERTAKE_LIMIT


@given(situations())
def test_an_idle_server_with_one_request_always_does_something(situation: Situation) -> None:
    idle = [entry for entry in situation.entries if entry.is_idle]
    quiet = [replace(entry, min_loaded_s=0.0) for entry in idle]
    for first in situation.waiters[:1]:
        waiter = replace(first, wish="load")
        assert replace(situation, entries=quiet, waiters=[waiter], wishes=[]).plan() != Plan()


# --- whole lives of a cache -------------------------------------------------------------------------------------
@dataclass(slots=True)
class Model:
    """A model in the simulated memory."""

    name: str
    size: int
    parallel: int
    state: State = "loading"
    leases: int = 0
    last_used: float = 0.0

    def view(self) -> EntryView:
        return EntryView(self.name, self.state, self.size, self.leases, self.parallel, self.last_used, 50.0, 1.0)


@dataclass(slots=True)
class Request:
    """A request in the simulated queue."""

    id: int
    name: str
    overtaken: int = 0


class Simulation:
    """A cache without engines: it carries plans out at once, and the test says what happens in between."""

    def __init__(self, sizes: dict[str, int], *, budget: int = BUDGET, parallel: int = 2) -> None:
        self.sizes, self.budget, self.parallel = sizes, budget, parallel
        self.now = 0.0
        self.models: dict[str, Model] = {}
        self.queue: dict[int, Request] = {}
        self.served: list[int] = []
        self.refused: list[int] = []
        self.cooling: dict[str, float] = {}
        self.count = 0

    def ask(self, name: str) -> int:
        self.count += 1
        self.queue[self.count] = Request(self.count, name)
        self.step()
        return self.count

    def leave(self, number: int) -> None:
        del self.queue[number]
        self.step()

    def loaded(self, name: str, *, measured: int | None = None) -> None:
        model = self.models[name]
        model.state, model.last_used = "ready", self.now
        model.size = model.size if measured is None else measured
        self.step()

    def failed(self, name: str) -> None:
        self.cooling[name] = self.now + 10.0
        self.gone(name)

    def release(self, name: str) -> None:
        self.models[name].leases -= 1
        self.models[name].last_used = self.now
        self.step()

    def gone(self, name: str) -> None:
        del self.models[name]
        self.step()

    def step(self) -> None:
        waiters = [WaiterView(it.id, it.name, self.sizes[it.name], it.overtaken) for it in self.queue.values()]
        views = [model.view() for model in self.models.values()]
        todo = plan(views, waiters, self.budget, self.now, cooling=self.cooling)
        for number in todo.overtaken:
            self.queue[number].overtaken += 1
        for name in todo.load:
            assert name not in self.models
            self.models[name] = Model(name, self.sizes[name], self.parallel)
        for number, name in todo.grant:
            del self.queue[number]
            self.models[name].leases += 1
            self.served.append(number)
        for shortage in todo.refuse:
            del self.queue[shortage.waiter]
            self.refused.append(shortage.waiter)
        for name in todo.evict:
            assert self.models[name].state == "ready"
            assert not self.models[name].leases
            self.models[name].state = "closing"

    def in_state(self, state: State) -> list[str]:
        return [name for name, model in self.models.items() if model.state == state]

    def busy(self) -> list[str]:
        return [name for name, model in self.models.items() if model.leases]

    def calm_down(self) -> None:
        """Everything under way comes to its end, one thing after another."""
        while self.models and (self.in_state("loading") or self.in_state("closing") or self.busy()):
            for name in self.in_state("closing"):
                self.gone(name)
            for name in self.in_state("loading"):
                self.loaded(name)
            for name in self.busy():
                self.release(name)


class LifeOfACache(RuleBasedStateMachine):
    """Requests, loads, failures, crashes and closings in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = Simulation({"a": 30, "b": 50, "c": 70, "d": 100, "remote": 0, "huge": 101})

    def some(self, names: list[str], number: int) -> str:
        return names[number % len(names)]

    @rule(name=st.sampled_from(("a", "b", "c", "d", "remote", "huge")))
    def ask(self, name: str) -> None:
        self.world.ask(name)

    @precondition(lambda self: self.world.queue)
    @rule(number=st.integers(0, 99))
    def leave(self, number: int) -> None:
        self.world.leave(list(self.world.queue)[number % len(self.world.queue)])

    @precondition(lambda self: self.world.in_state("loading"))
    @rule(number=st.integers(0, 99))
    def load_ends(self, number: int) -> None:
        self.world.loaded(self.some(self.world.in_state("loading"), number))

    @precondition(lambda self: self.world.in_state("loading"))
    @rule(number=st.integers(0, 99))
    def load_fails(self, number: int) -> None:
        self.world.failed(self.some(self.world.in_state("loading"), number))

    @precondition(lambda self: self.world.busy())
    @rule(number=st.integers(0, 99))
    def answer_ends(self, number: int) -> None:
        self.world.release(self.some(self.world.busy(), number))

    @precondition(lambda self: self.world.in_state("closing"))
    @rule(number=st.integers(0, 99))
    def closing_ends(self, number: int) -> None:
        self.world.gone(self.some(self.world.in_state("closing"), number))

    @rule(seconds=st.floats(0, 60))
    def time_passes(self, seconds: float) -> None:
        self.world.now += seconds
        self.world.step()

    @invariant()
    def memory_stays_within_the_budget(self) -> None:
        assert sum(model.size for model in self.world.models.values()) <= self.world.budget

    @invariant()
    def nobody_is_overtaken_too_often(self) -> None:
        assert all(request.overtaken <= OVERTAKE_LIMIT for request in self.world.queue.values())

    @invariant()
    def planning_again_changes_nothing(self) -> None:
        before = (len(self.world.served), len(self.world.refused), sorted(self.world.in_state("closing")))
        self.world.step()
        assert before == (len(self.world.served), len(self.world.refused), sorted(self.world.in_state("closing")))

    def teardown(self) -> None:
        self.world.calm_down()
        assert not self.world.queue, "everyone was served or refused"


TestLifeOfACache = LifeOfACache.TestCase
TestLifeOfACache.settings = settings(deadline=None, stateful_step_count=40, max_examples=60)


@pytest.mark.parametrize("parallel", [1, 2, 4])
def test_nobody_starves_behind_a_stream_of_requests_for_a_loaded_model(parallel: int) -> None:
    world = Simulation({"loaded": 100, "rare": 100}, parallel=parallel)
    world.ask("loaded")
    world.loaded("loaded")
    for _ in range(parallel):
        world.ask("loaded")
    rare = world.ask("rare")
    served_before = len(world.served)
    for _ in range(2 * OVERTAKE_LIMIT):
        world.ask("loaded")
        if world.busy():
            world.release("loaded")
    assert len(world.served) - served_before <= OVERTAKE_LIMIT + parallel
    assert world.in_state("closing") == ["loaded"]
    world.gone("loaded")
    world.loaded("rare")
    assert rare in world.served


def test_requests_are_batched_by_model_and_do_not_thrash() -> None:
    world = Simulation({"a": 100, "b": 100}, parallel=1)
    for name in "ababab":
        world.ask(name)
    loads = []
    while world.models and world.queue:
        for name in world.in_state("loading"):
            loads.append(name)
            world.loaded(name)
        for name in world.busy():
            world.release(name)
        for name in world.in_state("closing"):
            world.gone(name)
    assert loads == ["a", "b"]


@given(st.lists(st.sampled_from(("a", "b", "c")), max_size=30), st.data())
def test_measured_sizes_never_leave_a_request_behind(names: list[str], data: st.DataObject) -> None:
    world = Simulation({"a": 30, "b": 50, "c": 100})
    for name in names:
        world.ask(name)
        for loading in world.in_state("loading"):
            world.loaded(loading, measured=data.draw(st.integers(0, 150)))
    world.calm_down()
    assert not world.queue
    assert not world.refused
