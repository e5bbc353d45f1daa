"""The public keys of one OpenID Connect issuer: found, kept, and read again when a token names one that is not known.

The issuer says where its keys are (https://openid.net/specs/openid-connect-discovery-1_0.html, 4), and lists them
(RFC 7517). Imported only where an issuer is configured: it needs httpx and PyJWT, which cost a tenth of a second.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from typing import Final

import httpx
import jwt
import msgspec

from alive_core.constants import (
    OIDC_ANSWER_BYTES,
    OIDC_REFRESH_S,
    OIDC_RETRY_S,
    OIDC_TIMEOUT_S,
)
from alive_core.errors import IssuerUnavailable
from alive_core.settings import is_trusted_address

logger = logging.getLogger(__name__)

DISCOVERY_PATH: Final = "/.well-known/openid-configuration"

ALGORITHMS: Final = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA",),
}
"""What a token may be signed with, by the type of the key.

Never `none`, and nothing with a shared secret: an issuer's public key could be passed off as that secret.
"""


class _Discovery(msgspec.Struct, frozen=True):
    issuer: str
    jwks_uri: str


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[dict[str, object]]


class Issuer:
    """Knows the keys of the issuer `url`. `client` fetches them; `clock` counts seconds.

    The keys are read again when they are OIDC_REFRESH_S old, beside the requests that go on with those known so far,
    and when a token names an unknown one, at most once in OIDC_RETRY_S. Where the issuer cannot be reached, the known
    ones stay.
    """

    def __init__(self, url: str, client: httpx.AsyncClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.url, self._client, self._clock = url, client, clock
        self._keys: dict[str, dict[str, object]] | None = None
        self._read_at = self._tried_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        self.edition = 0
        """Counts up whenever the keys have changed."""

    async def key(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """The key of this id that a token signed with `algorithm` is checked with; `None` where there is none.

        Without an id it is the only key. Raises IssuerUnavailable where no key was ever read.
        """
        found = self._find(key_id)
        if found is None and self._may_try():
            await self._read()
            found = self._find(key_id)
        elif found is not None and self._clock() - self._read_at >= OIDC_REFRESH_S and self._may_try():
            self.begin_reading()
        if self._keys is None:
            raise IssuerUnavailable(
                f"Tokens cannot be checked now: the issuer {self.url} cannot be reached.", retry_after=OIDC_RETRY_S
            )
        return None if found is None else _usable(found, algorithm)

    def begin_reading(self) -> None:
        """Read the keys, beside everything else."""
        if self._reading is None or self._reading.done():
            self._tried_at = self._clock()
            self._reading = asyncio.ensure_future(self._fetch())

    async def close(self) -> None:
        """Leave off reading."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait((self._reading,))

    def _find(self, key_id: str | None) -> dict[str, object] | None:
        keys = self._keys or {}
        if key_id is None:
            return next(iter(keys.values())) if len(keys) == 1 else None
        return keys.get(key_id)

    def _may_try(self) -> bool:
        """Whether the issuer may be asked, or is being asked already."""
        is_reading = self._reading is not None and not self._reading.done()
        return is_reading or self._clock() - self._tried_at >= OIDC_RETRY_S

    async def _read(self) -> None:
        """Wait until the keys are read, or could not be. Many may wait for one reading; each may leave."""
        self.begin_reading()
        assert self._reading is not None
        await asyncio.wait((self._reading,))

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(OIDC_TIMEOUT_S):
                keys = await self._ask()
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, msgspec.MsgspecError, ValueError) as error:
            logger.warning("the keys of %s could not be read: %s", self.url, error or type(error).__name__)
            return
        self._read_at = self._clock()
        if keys != self._keys:
            self._keys = keys
            self.edition += 1
            logger.info("%s signs with %d keys", self.url, len(keys))

    async def _ask(self) -> dict[str, dict[str, object]]:
        """Raises ValueError where the issuer says something that cannot be trusted."""
        discovery = msgspec.json.decode(await self._get(self.url.rstrip("/") + DISCOVERY_PATH), type=_Discovery)
        if discovery.issuer != self.url:
            raise ValueError(f"it calls itself {discovery.issuer!r}")
        if not is_trusted_address(discovery.jwks_uri):
            raise ValueError(f"its keys are at {discovery.jwks_uri!r}, which is not https")
        return dict(_named(msgspec.json.decode(await self._get(discovery.jwks_uri), type=_KeySet)))

    async def _get(self, url: str) -> bytes:
        body = bytearray()
        async with self._client.stream("GET", url, headers={"accept": "application/json"}) as answer:
            answer.raise_for_status()
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > OIDC_ANSWER_BYTES:
                    raise ValueError(f"{url} answers with more than {OIDC_ANSWER_BYTES} bytes")
        return bytes(body)


def _named(keys: _KeySet) -> Iterator[tuple[str, dict[str, object]]]:
    """The public keys for signatures, by id. Others are left out: secrets, and keys to encrypt with."""
    for place, key in enumerate(keys.keys):
        if key.get("kty") in ALGORITHMS and key.get("use", "sig") == "sig":
            yield str(key.get("kid", f"#{place}")), key


def _usable(key: dict[str, object], algorithm: str) -> jwt.PyJWK | None:
    """`key` bound to one algorithm: its own, or where it names none and its type allows several, the token's."""
    if algorithm not in ALGORITHMS[str(key["kty"])]:
        return None
    own = str(key["alg"]) if "alg" in key else algorithm
    try:
        return jwt.PyJWK(key, own) if own == algorithm else None
    except jwt.PyJWTError as error:
        logger.debug("a key of the issuer cannot be used: %s", error)
        return None
