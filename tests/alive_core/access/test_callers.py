"""Who is let in, and as whom, with the keys of the environment."""

import pytest

from alive_core.access.caller import Caller, identity_of
from alive_core.access.callers import Callers
from alive_core.errors import Forbidden, Unauthorized
from alive_core.settings import Settings

LOOPBACK = Settings(api_keys=("first", "second"), admin_keys=("root",))


def test_a_key_is_known_by_its_place_and_never_by_itself() -> None:
    caller = Callers(LOOPBACK).identify("second")
    assert caller == Caller(identity_of("second"), "user", "env-2")
    assert "second" not in repr(caller)


def test_an_admin_key_opens_the_api_too() -> None:
    assert Callers(LOOPBACK).identify("root").role == "admin"


@pytest.mark.parametrize("presented", ["", "third", "first ", "FIRST", "firs"])
@pytest.mark.parametrize("settings", [LOOPBACK, Settings(admin_keys=("root",)), Settings(host="0.0.0.0")])
def test_what_is_no_key_stays_outside(settings: Settings, presented: str) -> None:
    with pytest.raises(Unauthorized):
        Callers(settings).identify(presented)


def test_without_keys_everyone_on_this_machine_is_someone() -> None:
    callers = Callers(Settings())
    assert callers.identify("mine") == Caller(identity_of("mine"))
    assert callers.identify("").identity != callers.identify("mine").identity


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (LOOPBACK, "first"),
        (Settings(host="0.0.0.0", api_keys=("first",)), "first"),
    ],
)
def test_a_user_is_no_operator_where_operators_are_known_or_the_network_can_ask(settings: Settings, key: str) -> None:
    callers = Callers(settings)
    with pytest.raises(Forbidden):
        callers.require_admin(callers.identify(key))


@pytest.mark.parametrize(("settings", "key"), [(Settings(), ""), (Settings(api_keys=("first",)), "first")])
def test_on_loopback_without_operators_everyone_who_may_ask_is_one(settings: Settings, key: str) -> None:
    callers = Callers(settings)
    callers.require_admin(callers.identify(key))


def test_an_operator_is_one_everywhere() -> None:
    for settings in (LOOPBACK, Settings(host="0.0.0.0", admin_keys=("root",))):
        callers = Callers(settings)
        callers.require_admin(callers.identify("root"))
