"""Tokens of an OpenID Connect issuer: JWTs (RFC 7519) that are checked here, without asking the issuer each time.

Imported only where an issuer is configured.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

import httpx
import jwt
import msgspec

from alive_core.access.caller import Caller, Role, identity_of
from alive_core.access.issuer import ALGORITHMS, Issuer
from alive_core.constants import OIDC_LEEWAY_S, OIDC_TIMEOUT_S, OIDC_TOKENS_KEPT
from alive_core.errors import Unauthorized
from alive_core.settings import Oidc

REQUIRED_CLAIMS: Final = ["exp", "iss", "aud", "sub"]

_ID_CHARS: Final = 12


class _Known(msgspec.Struct, frozen=True):
    """A token that was found good: whose it is, until when, and with which edition of the issuer's keys."""

    caller: Caller
    expires: float
    edition: int


class Tokens:
    """Reads tokens. One that was found good is not checked again until it ends or the issuer's keys change.

    `clock` is Unix seconds.
    """

    def __init__(self, oidc: Oidc, issuer: Issuer, *, clock: Callable[[], float] = time.time) -> None:
        self._oidc, self._issuer, self._clock = oidc, issuer, clock
        self._known: dict[bytes, _Known] = {}

    async def caller(self, token: str) -> Caller:
        """Whose token this is. Raises Unauthorized where it opens nothing, IssuerUnavailable."""
        digest = hashlib.sha256(token.encode()).digest()
        known = self._known.get(digest)
        if known is None or known.edition != self._issuer.edition:
            known = await self._check(token)
            self._keep(digest, known)
        if self._clock() >= known.expires + OIDC_LEEWAY_S:
            raise Unauthorized("This token has expired.")
        return known.caller

    async def _check(self, token: str) -> _Known:
        try:
            header = jwt.get_unverified_header(token)
            algorithm = str(header.get("alg"))
            key = await self._issuer.key(header.get("kid"), algorithm)
            if key is None:
                raise Unauthorized("This token is signed with a key that its issuer does not have.")
            edition = self._issuer.edition
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm for family in ALGORITHMS.values() for algorithm in family],
                audience=self._oidc.audience,
                issuer=self._oidc.issuer,
                leeway=OIDC_LEEWAY_S,
                options={"require": REQUIRED_CLAIMS, "enforce_minimum_key_length": True},
            )
        except jwt.ExpiredSignatureError:
            raise Unauthorized("This token has expired.") from None
        except jwt.PyJWTError as error:
            raise Unauthorized(f"This token is not valid here: {error}.") from None
        identity = identity_of(f"{claims['iss']} {claims['sub']}")
        role = role_in(claims, self._oidc.role_claim, admin=self._oidc.admin_role)
        return _Known(Caller(identity, role, f"sub-{identity[:_ID_CHARS]}"), float(claims["exp"]), edition)

    def _keep(self, digest: bytes, known: _Known) -> None:
        """Remember a token in place of the oldest, where there are many."""
        self._known.pop(digest, None)
        if len(self._known) >= OIDC_TOKENS_KEPT:
            del self._known[next(iter(self._known))]
        self._known[digest] = known


@asynccontextmanager
async def reading_tokens(oidc: Oidc) -> AsyncIterator[Tokens]:
    """Reads the issuer's tokens while the block runs; its keys are fetched at once, and nobody waits for them."""
    async with httpx.AsyncClient(timeout=OIDC_TIMEOUT_S) as client:
        issuer = Issuer(oidc.issuer, client)
        issuer.begin_reading()
        try:
            yield Tokens(oidc, issuer)
        finally:
            await asyncio.shield(issuer.close())


def role_in(claims: Mapping[str, object], claim: str, *, admin: str) -> Role:
    """What the holder of `claims` may do: an admin where `claim` holds the word `admin`.

    `claim` is a name, or names within each other joined by dots: `realm_access.roles`. It holds a list of words, or a
    text of words with blanks between.
    """
    value: object = claims.get(claim)
    if value is None:
        value = claims
        for part in claim.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    words = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
    return "admin" if admin in words else "user"
