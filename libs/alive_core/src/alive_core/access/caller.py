"""Who a request comes from, as far as the rest of the server has to know."""

import hashlib
from typing import Literal

import msgspec

Role = Literal["user", "admin"]
"""A user may use the API; an admin may see and do what operators see and do as well."""


class Caller(msgspec.Struct, frozen=True):
    """One who was let in. Nothing here opens a door: what was presented is kept only as a hash."""

    identity: str
    """The same for each request of one caller and for nobody else; also after a restart. Never shown."""
    role: Role = "user"
    id: str | None = None
    """The short public name of the key or subject, for logs; `None` where no key is asked for."""


def identity_of(key: str) -> str:
    """The identity of whoever presents `key`: 64 hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest()
