"""Who is let in, and as whom."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from alive_core.access.caller import Caller, identity_of
from alive_core.access.callers import Callers
from alive_core.access.keys import KeyBook
from alive_core.access.limits import Limits
from alive_core.access.usage import Usage
from alive_core.constants import USED_INTERVAL_S
from alive_core.errors import Forbidden, RateLimited, Unauthorized
from alive_core.settings import Settings
from support.moments import Moments

OPEN = Settings()
LOOPBACK = Settings(api_keys=("first", "second"), admin_keys=("root",))


class Making:
    """Makes what a server with certain settings knows."""

    def __init__(self, book: KeyBook, usage: Usage, moments: Moments, other: KeyBook) -> None:
        self.book, self.usage, self.moments, self.other = book, usage, moments, other

    def __call__(self, settings: Settings = OPEN) -> Callers:
        return Callers(settings, self.book, self.usage, clock=self.moments)

    def add(self, name: str, role: str = "user", *, ends_in: float | None = None, **limits: int) -> str:
        """Store a key, as another process does."""
        expires = None if ends_in is None else self.moments.now + ends_in
        assert role in ("user", "admin")
        _, secret = self.other.add(
            name,
            "admin" if role == "admin" else "user",
            now=self.moments.now,
            expires=expires,
            limits=Limits(**limits) if limits else None,
        )
        return secret


@pytest.fixture
def making(tmp_path: Path, book: KeyBook, usage: Usage, moments: Moments) -> "Making":
    with closing(KeyBook(tmp_path / "keys.sqlite")) as other:
        yield Making(book, usage, moments, other)


async def test_a_key_is_known_by_its_place_and_never_by_itself(making: Making) -> None:
    caller = await making(LOOPBACK).identify("second")
    assert caller == Caller(identity_of("second"), "user", "env-2")
    assert "second" not in repr(caller)


async def test_an_admin_key_opens_the_api_too(making: Making) -> None:
    assert (await making(LOOPBACK).identify("root")).role == "admin"


@pytest.mark.parametrize("presented", ["", "third", "first ", "FIRST", "firs", "sk-alive-12345678-x", "\xff"])
@pytest.mark.parametrize("settings", [LOOPBACK, Settings(admin_keys=("root",)), Settings(host="0.0.0.0")])
async def test_what_is_no_key_stays_outside(making: Making, settings: Settings, presented: str) -> None:
    with pytest.raises(Unauthorized):
        await making(settings).identify(presented)


async def test_without_keys_everyone_on_this_machine_is_someone(making: Making) -> None:
    callers = making()
    assert await callers.identify("mine") == Caller(identity_of("mine"))
    assert (await callers.identify("")).identity != (await callers.identify("mine")).identity


async def test_a_stored_key_is_known_from_the_next_request_on(making: Making) -> None:
    callers = making()
    await callers.identify("anything")
    secret = making.add("app")
    caller = await callers.identify(secret)
    assert (caller.id, caller.role, caller.limits) == (secret[9:17], "user", None)
    assert caller.identity == identity_of(secret), "what was stored for it is found again"
    with pytest.raises(Unauthorized):
        await callers.identify("anything")


@pytest.mark.parametrize("change", [lambda key: key[:-1], lambda key: key + "x", lambda key: key[:18] + "A" * 43])
async def test_the_right_id_with_another_secret_opens_nothing(making: Making, change: "object") -> None:
    secret = making.add("app")
    assert callable(change)
    with pytest.raises(Unauthorized, match="not known"):
        await making().identify(change(secret))


async def test_a_revoked_key_opens_nothing_from_the_next_request_on(making: Making) -> None:
    callers, secret = making(), making.add("app")
    await callers.identify(secret)
    making.other.revoke("app", now=making.moments.now)
    with pytest.raises(Unauthorized, match="was revoked"):
        await callers.identify(secret)


async def test_taking_the_last_key_away_lets_nobody_in(making: Making) -> None:
    callers = making()
    making.add("app")
    making.other.revoke("app", now=making.moments.now)
    with pytest.raises(Unauthorized):
        await callers.identify("")


async def test_a_key_opens_until_its_end(making: Making) -> None:
    callers, secret = making(), making.add("app", ends_in=100)
    making.moments.now += 99.9
    await callers.identify(secret)
    making.moments.now += 0.1
    with pytest.raises(Unauthorized, match="has expired"):
        await callers.identify(secret)


async def test_known_keys_go_on_where_their_file_cannot_be_read(
    making: Making, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    callers, secret = making(), making.add("app")
    await callers.identify(secret)

    def fail(_: KeyBook) -> int:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(KeyBook, "version", fail)
    assert (await callers.identify(secret)).role == "user"
    assert "cannot be read" in caplog.text


async def test_the_last_use_is_noted_once_in_a_while(making: Making) -> None:
    callers, secret = making(), making.add("app")
    caller = await callers.identify(secret)
    assert caller.slot is not None
    first = making.moments.now
    making.moments.now += USED_INTERVAL_S - 1
    await callers.identify(secret)
    assert making.usage.last_used(caller.slot, caller.identity) == first
    making.moments.now += 1
    await callers.identify(secret)
    assert making.usage.last_used(caller.slot, caller.identity) == making.moments.now


@pytest.mark.parametrize("settings", [LOOPBACK, Settings(host="0.0.0.0", api_keys=("first",))])
async def test_a_user_is_no_operator_where_operators_are_known_or_the_network_can_ask(
    making: Making, settings: Settings
) -> None:
    callers = making(settings)
    with pytest.raises(Forbidden):
        callers.require_admin(await callers.identify("first"))


async def test_a_stored_operator_makes_users_of_the_others(making: Making) -> None:
    callers = making(Settings(api_keys=("first",)))
    callers.require_admin(await callers.identify("first"))
    secret = making.add("ops", "admin")
    with pytest.raises(Forbidden):
        callers.require_admin(await callers.identify("first"))
    callers.require_admin(await callers.identify(secret))


@pytest.mark.parametrize(("settings", "key"), [(OPEN, ""), (Settings(api_keys=("first",)), "first")])
async def test_on_loopback_without_operators_everyone_who_may_ask_is_one(
    making: Making, settings: Settings, key: str
) -> None:
    callers = making(settings)
    callers.require_admin(await callers.identify(key))


async def test_only_a_key_with_limits_has_a_quota(making: Making) -> None:
    callers = making(LOOPBACK)
    assert callers.quota(await callers.identify("first")) is None
    assert callers.quota(await callers.identify(making.add("free"))) is None
    limited = await callers.identify(making.add("bot", requests_per_minute=2))
    for _ in range(2):
        quota = callers.quota(limited)
        assert quota is not None
        quota.enter()
    with pytest.raises(RateLimited, match=r"2 requests per minute.* Try again in 1 min"):
        quota.enter()
