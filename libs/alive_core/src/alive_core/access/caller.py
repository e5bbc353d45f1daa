"""Who a request comes from, as far as the rest of the server has to know."""

import hashlib
from typing import Literal

import msgspec

from alive_core.access.limits import Limits

Role = Literal["user", "admin"]
"""A user may use the API; an admin may see and do what operators see and do as well."""


class Caller(msgspec.Struct, frozen=True):
    """One who was let in. Nothing here opens a door: what was presented is kept only as a hash."""

    identity: str
    """The same for each request of one caller and for nobody else; also after a restart. Never shown."""
    role: Role = "user"
    id: str | None = None
    """The short public name of the key or subject, for logs; `None` where no key is asked for."""
    limits: Limits | None = None
    """What the caller may use; `None` means without limit."""
    slot: int | None = None
    """Where the caller's use is counted; stored keys have one."""


def identity_of(key: str) -> str:
    """The identity of whoever presents `key`: 64 hexadecimal digits.

    One round of SHA-256 is enough, and fast: the keys made here are random and far beyond guessing
    (https://pages.nist.gov/800-63-3/sp800-63b.html, 5.1.2.2: secrets of 112 bits and more need an approved one-way
    function, shorter ones a salted slow one).
    """
    return hashlib.sha256(key.encode()).hexdigest()
