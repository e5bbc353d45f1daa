"""Everyone this server knows: from what a request presents to who it comes from."""

import hmac
import logging
import sqlite3
import time
from collections.abc import Callable
from typing import Final, Protocol

from alive_core.access.caller import Caller, Role, identity_of
from alive_core.access.keys import Key, KeyBook, id_in
from alive_core.access.quota import Quota
from alive_core.access.usage import Usage
from alive_core.constants import TOKEN_MAX_CHARS, USED_INTERVAL_S
from alive_core.errors import Busy, Forbidden, Unauthorized
from alive_core.settings import Settings, is_loopback

TOKEN_PARTS: Final = 3  # of a JWT: header, claims and signature, with dots between

logger = logging.getLogger(__name__)


class TokenReader(Protocol):
    """Knows whose token of an issuer one is."""

    async def caller(self, token: str) -> Caller:
        """Raises Unauthorized where it opens nothing, IssuerUnavailable where nobody can tell."""
        ...


class Callers:
    """Knows the keys of the environment, the stored ones and, by `tokens`, an issuer's; and what each may do.

    A stored key that is added or revoked counts from the next request on. Keys are compared as hashes, in a time that
    tells nothing about them. `clock` is Unix seconds.
    """

    def __init__(
        self,
        settings: Settings,
        book: KeyBook,
        usage: Usage,
        *,
        tokens: TokenReader | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._book, self._usage, self._tokens, self._clock = book, usage, tokens, clock
        self._is_exposed = not is_loopback(settings.host)
        self._given = [*_given(settings.api_keys, "user"), *_given(settings.admin_keys, "admin")]
        self._has_given_admins = bool(settings.admin_keys)
        self._version: int | None = None
        self._stored: dict[str, Key] = {}
        self._noted: dict[str, float] = {}
        self._look()

    @property
    def is_key_needed(self) -> bool:
        """Whether a request without a known key is turned away.

        A stored key that is revoked or has expired counts: nobody gets in because the last key was taken away.
        """
        return bool(self._given or self._stored or self._tokens) or self._is_exposed

    @property
    def are_admins_known(self) -> bool:
        """Whether what is for operators needs an admin; else it is open to everyone who may ask."""
        stored = any(key.role == "admin" for key in self._stored.values())
        return self._has_given_admins or stored or self._tokens is not None or self._is_exposed

    async def identify(self, presented: str) -> Caller:
        """Who presents this key or token, or an empty text.

        Raises Unauthorized where one is needed and this is none, IssuerUnavailable where a token cannot be checked.
        """
        self._look()
        identity = identity_of(presented)
        stored = self._stored.get(id_in(presented) or "")
        if stored is not None and hmac.compare_digest(stored.identity, identity):
            return self._caller(stored)
        known = [caller for caller in self._given if hmac.compare_digest(caller.identity, identity)]
        if known:
            return known[0]
        if self._tokens is not None and is_token(presented):
            return await self._tokens.caller(presented)
        if self.is_key_needed:
            raise Unauthorized(
                "This API key is not known here."
                if presented
                else "This server needs an API key: send `Authorization: Bearer YOUR_KEY`."
            )
        return Caller(identity)

    def require_admin(self, caller: Caller) -> None:
        """Raise Forbidden where `caller` may not do what is for operators."""
        if self.are_admins_known and caller.role != "admin":
            raise Forbidden("This is for operators: it needs an admin's key.")

    def quota(self, caller: Caller) -> Quota | None:
        """What a new request of `caller` takes of its limits; `None` where it has none."""
        return None if caller.limits is None else Quota(self._usage, caller, caller.limits)

    def _caller(self, key: Key) -> Caller:
        """Whose key this is. Raises Unauthorized where it opens nothing any more."""
        now = self._clock()
        if not key.is_usable(now):
            raise Unauthorized(f"This API key {'has expired' if key.revoked is None else 'was revoked'}.")
        if now - self._noted.get(key.id, 0.0) >= USED_INTERVAL_S:
            self._note(key, now)
        return Caller(key.identity, key.role, key.id, key.limits, key.number)

    def _note(self, key: Key, now: float) -> None:
        self._noted[key.id] = now
        try:
            self._usage.note(key.number, key.identity)
        except Busy:
            logger.debug("when key %s was used could not be noted", key.id)

    def _look(self) -> None:
        """Read the stored keys again where another process has changed them; keep them where that fails."""
        try:
            version = self._book.version()
            if version != self._version:
                self._stored = {key.id: key for key in self._book.all()}
                self._version = version
        except sqlite3.Error:
            logger.exception("the stored API keys cannot be read; those known so far go on")


def is_token(presented: str) -> bool:
    """Whether something has the form of a JWT."""
    return len(presented) <= TOKEN_MAX_CHARS and len(presented.split(".")) == TOKEN_PARTS


def _given(keys: tuple[str, ...], role: Role) -> list[Caller]:
    """Callers of the keys that the environment gives; in logs they are called by their place in the variable."""
    kind = "env" if role == "user" else "env-admin"
    return [Caller(identity_of(key), role, f"{kind}-{place}") for place, key in enumerate(keys, 1)]
