"""`task keys:add|list|revoke`: the stored API keys of this user's servers, also while they run."""

import sys
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from alive_core.access.caller import Role
from alive_core.access.keys import FILE_NAME, Key, KeyBook
from alive_core.access.limits import WINDOWS, Limits
from alive_core.access.usage import FILE_NAME as USAGE_FILE
from alive_core.access.usage import Usage
from alive_core.constants import DAY_S
from alive_core.errors import InvalidRequest
from alive_core.utils.durations import parse_duration
from alive_core.utils.tables import format_table

HEADINGS = ("id", "name", "role", "state", "created", "expires", "last used", "limits")


def add_key(state: Path, name: str, role: Role, *, expires: str | None, limits: Limits | None) -> int:
    """Make a key and show it, this once: the key on standard output, the words about it on standard error.

    Raises InvalidRequest where the name is taken or `expires` is no time to come.
    """
    now = time.time()
    ends = None if expires is None else end_of(expires, now)
    with closing(KeyBook(state / FILE_NAME)) as book:
        key, secret = book.add(name, role, now=now, expires=ends, limits=limits)
    sys.stderr.write(f"Key {key.id} for {name}, role {role}. It is shown only now: keep it where secrets are kept.\n")
    sys.stdout.write(f"{secret}\n")
    return 0


def list_keys(state: Path) -> int:
    """A table of every key that was made, without what opens the door."""
    if not (state / FILE_NAME).exists():
        sys.stdout.write("There are no stored keys. `task keys:add -- NAME` makes one.\n")
        return 0
    now = time.time()
    with closing(KeyBook(state / FILE_NAME)) as book, closing(Usage(state / USAGE_FILE)) as usage:
        rows = [row_of(key, usage.last_used(key.number, key.identity), now) for key in book.all()]
    sys.stdout.write(format_table([HEADINGS, *rows]))
    return 0


def revoke_key(state: Path, id_or_name: str) -> int:
    """Take a key back, at once on every running server. Raises NotFound."""
    with closing(KeyBook(state / FILE_NAME)) as book:
        key = book.revoke(id_or_name, now=time.time())
    sys.stdout.write(f"Key {key.id} for {key.name} opens nothing any more.\n")
    return 0


def end_of(words: str, now: float) -> float:
    """When a key ends, in Unix seconds: a span from `now` such as `90d`, or a day such as `2027-01-31`, whose whole
    day in UTC it still opens. Raises InvalidRequest for anything else, and for what is over."""
    try:
        day = datetime.strptime(words, "%Y-%m-%d").replace(tzinfo=UTC)
        end = day.timestamp() + DAY_S
    except ValueError:
        try:
            end = now + parse_duration(words)
        except ValueError:
            raise InvalidRequest(f"`{words}` is no end of a key: give 90d, 12h or a day as 2027-01-31.") from None
    if end <= now:
        raise InvalidRequest(f"`{words}` is over already.")
    return end


def row_of(key: Key, last_used: float | None, now: float) -> Sequence[str]:
    """What a person sees of a key."""
    state = "revoked" if key.revoked is not None else "usable" if key.is_usable(now) else "expired"
    last_day = None if key.expires is None else key.expires - 1
    return (key.id, key.name, key.role, state, _day(key.created), _day(last_day), _day(last_used), _limits(key))


def _limits(key: Key) -> str:
    amounts = () if key.limits is None else zip(WINDOWS, key.limits.amounts, strict=True)
    return ", ".join(f"{limit} {window.kind}/{window.word}" for window, limit in amounts if limit is not None) or "-"


def _day(moment: float | None) -> str:
    """To the day: when a key was used last is nobody's timetable."""
    return "-" if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
