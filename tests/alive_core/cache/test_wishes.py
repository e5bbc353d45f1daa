"""What should be in memory though nobody asks: profiles and operators, and who of them has the last word."""

from alive_core.cache.wishes import Wishes
from alive_core.profiles.profile import Target

PLAIN = Target("scripted", name="plain")
WARM = Target("scripted", name="warm", warm=True)
PINNED = Target("scripted", name="pinned", pinned=True)


def wishes_for(*targets: Target) -> Wishes:
    wishes = Wishes()
    for target in targets:
        wishes.know(target)
    return wishes


def test_only_what_is_warm_or_preloads_is_wished() -> None:
    wishes = wishes_for(PLAIN, WARM)
    assert [*wishes.wished()] == [WARM]
    wishes.preload(PLAIN)
    assert [*wishes.wished()] == [PLAIN, WARM]
    assert [*wishes] == [PLAIN, WARM]
    assert wishes["plain"] is PLAIN


def test_a_target_is_preloaded_once() -> None:
    wishes = Wishes()
    wishes.preload(PLAIN)
    wishes.preloaded(PLAIN)
    assert not wishes.is_wished(PLAIN)


def test_a_warm_target_that_rests_stays_away_until_it_is_asked_for() -> None:
    wishes = wishes_for(WARM)
    wishes.rest(WARM)
    assert not wishes.is_wished(WARM)
    wishes.wake(WARM)
    assert wishes.is_wished(WARM)


def test_rest_ends_a_preload() -> None:
    wishes = Wishes()
    wishes.preload(PLAIN)
    wishes.rest(PLAIN)
    wishes.wake(PLAIN)
    assert not wishes.is_wished(PLAIN)


def test_an_operator_has_the_last_word_on_pins() -> None:
    wishes = wishes_for(PLAIN, PINNED)
    assert [wishes.is_pinned(target) for target in (PLAIN, PINNED)] == [False, True]
    wishes.pin(PLAIN, is_pinned=True)
    wishes.pin(PINNED, is_pinned=False)
    assert [wishes.is_pinned(target) for target in (PLAIN, PINNED)] == [True, False]


def test_a_server_that_ends_wishes_for_nothing() -> None:
    wishes = wishes_for(WARM)
    wishes.preload(PLAIN)
    wishes.end()
    assert [*wishes.wished()] == []
    assert not wishes.is_wished(WARM)
