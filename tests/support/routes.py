"""Routes, errors and profiles for tests of routing."""

from alive_core.errors import AliveError
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Profile, Routing, Target
from alive_core.routing.roster import Route
from alive_core.schemas.models import Skill

CHAT: frozenset[Skill] = frozenset({"chat"})


def route(name: str, *, cost: float | None = None, fingerprint: str | None = None, **abilities: object) -> Route:
    """A target that can chat, and whatever else `abilities` says."""
    can = Abilities(tasks=CHAT, fingerprint=fingerprint, **abilities)  # type: ignore[arg-type]  # a test's own words
    return Route(Target("scripted", name=name, cost=cost), can)


def profile(*targets: str, routing: Routing | None = None) -> Profile:
    """A profile called `chat`."""
    return Profile("chat", "Talks.", targets or ("a",), name="chat", routing=routing or Routing())


def every_error() -> list[type[AliveError]]:
    """Each class of the tree."""
    return list(AliveError.tree())
