"""Everyone this server knows: from what a request presents to who it comes from."""

import hmac

from alive_core.access.caller import Caller, Role, identity_of
from alive_core.errors import Forbidden, Unauthorized
from alive_core.settings import Settings, is_loopback


class Callers:
    """Knows the keys of the environment, and what each may do.

    Keys are compared as hashes, and with all of them, in a time that tells nothing about any.
    """

    def __init__(self, settings: Settings) -> None:
        self._is_exposed = not is_loopback(settings.host)
        self._given = [*_given(settings.api_keys, "user"), *_given(settings.admin_keys, "admin")]
        self._has_given_admins = bool(settings.admin_keys)

    @property
    def is_key_needed(self) -> bool:
        """Whether a request without a known key is turned away."""
        return bool(self._given) or self._is_exposed

    @property
    def are_admins_known(self) -> bool:
        """Whether what is for operators needs an admin; else it is open to everyone who may ask."""
        return self._has_given_admins or self._is_exposed

    def identify(self, presented: str) -> Caller:
        """Who presents this key, or an empty text. Raises Unauthorized where a key is needed and this is none."""
        identity = identity_of(presented)
        known = [caller for caller in self._given if hmac.compare_digest(caller.identity, identity)]
        if known:
            return known[0]
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


def _given(keys: tuple[str, ...], role: Role) -> list[Caller]:
    """Callers of the keys that the environment gives; in logs they are called by their place in the variable."""
    kind = "env" if role == "user" else "env-admin"
    return [Caller(identity_of(key), role, f"{kind}-{place}") for place, key in enumerate(keys, 1)]
