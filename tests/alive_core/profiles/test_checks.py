"""Promises held against abilities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.profiles.abilities import Abilities
from alive_core.profiles.checks import broken_promises
from alive_core.profiles.profile import Profile, Promises, Target

CHAT = frozenset({"chat"})
TARGET = Target("fake", name="t")
DEMO = Target("fake", name="t", demo=True)

every_promise = st.builds(
    Promises,
    context=st.none() | st.integers(1, 10),
    tools=st.booleans(),
    json_schema=st.booleans(),
    dimensions=st.none() | st.integers(1, 3),
)
every_ability = st.builds(
    Abilities,
    tasks=st.sets(st.sampled_from(("chat", "complete", "embed"))).map(frozenset),
    context=st.none() | st.integers(1, 10),
    tools=st.booleans(),
    json_schema=st.booleans(),
    dimensions=st.none() | st.integers(1, 3),
)


def profile(promises: Promises) -> Profile:
    return Profile("chat", "Talks.", ("t",), promises=promises)


@pytest.mark.parametrize(
    ("promises", "sentence"),
    [
        (Promises(tools=True), "it cannot call tools"),
        (Promises(json_schema=True), "it cannot enforce a JSON Schema"),
        (Promises(context=8192), "its context window has 4096 tokens, not 8192"),
        (Promises(dimensions=384), "its vectors have an unknown number of dimensions, not 384"),
    ],
)
def test_each_broken_promise_is_one_sentence(promises: Promises, sentence: str) -> None:
    assert broken_promises(profile(promises), TARGET, Abilities(tasks=CHAT, context=4096)) == [sentence]


def test_a_target_has_to_do_the_task_itself() -> None:
    assert broken_promises(profile(Promises()), TARGET, Abilities(tasks=frozenset({"embed"}))) == [
        "it cannot chat (its adapter needs a method of that name)"
    ]


def test_a_window_of_unknown_size_keeps_no_promise() -> None:
    broken = broken_promises(profile(Promises(context=1)), TARGET, Abilities(tasks=CHAT))
    assert broken == ["its context window has an unknown number of tokens, not 1"]


def test_vectors_of_another_length_break_the_promise() -> None:
    broken = broken_promises(profile(Promises(dimensions=384)), TARGET, Abilities(tasks=CHAT, dimensions=768))
    assert broken == ["its vectors have 768 dimensions, not 384"]


def test_a_demo_is_exempt_from_the_context_only() -> None:
    promises = Promises(context=8192, tools=True)
    assert broken_promises(profile(promises), DEMO, Abilities(tasks=CHAT, context=64)) == ["it cannot call tools"]


@given(every_ability)
def test_a_profile_that_promises_nothing_is_kept_by_whoever_does_the_task(abilities: Abilities) -> None:
    assert bool(broken_promises(profile(Promises()), TARGET, abilities)) == ("chat" not in abilities.tasks)


@given(every_promise)
def test_a_target_that_does_exactly_what_is_promised_keeps_it(promises: Promises) -> None:
    exact = Abilities(
        tasks=CHAT,
        context=promises.context,
        tools=promises.tools,
        json_schema=promises.json_schema,
        dimensions=promises.dimensions,
    )
    assert broken_promises(profile(promises), TARGET, exact) == []


@given(every_promise, every_ability)
def test_a_demo_never_breaks_more_than_another_target(promises: Promises, abilities: Abilities) -> None:
    as_demo = broken_promises(profile(promises), DEMO, abilities)
    assert set(as_demo) <= set(broken_promises(profile(promises), TARGET, abilities))
