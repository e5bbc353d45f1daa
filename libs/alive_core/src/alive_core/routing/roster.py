"""Who can serve what: each profile held against its targets once, at start."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from alive_core.adapters.mistakes import mistakes_in
from alive_core.adapters.protocols import Adapter, abilities_of
from alive_core.engines.child.imports import path_of
from alive_core.errors import ConfigurationError, LoadFailed, ModelNotFound, ModelUnavailable
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.checks import broken_promises
from alive_core.profiles.load import ProfileBook
from alive_core.profiles.profile import Profile, Target
from alive_core.schemas.models import Skill

Identify = Callable[[Target, Abilities], str | None]
"""The fingerprint of what a target serves; `None` where nothing tells."""
Locate = Callable[[Target], Path | None]
"""Where a target's model lies on disk; `None` where it is not there."""


class Route(msgspec.Struct, frozen=True):
    """A target that keeps every promise of its profile."""

    target: Target
    abilities: Abilities


def same_model(routes: Sequence[Route], wanted: Route) -> list[Route]:
    """Those of `routes` that are known to have the very model of `wanted`, and `wanted` itself."""
    fingerprint = wanted.abilities.fingerprint
    return [
        route
        for route in routes
        if route is wanted or (fingerprint is not None and route.abilities.fingerprint == fingerprint)
    ]


class Obstacle(msgspec.Struct, frozen=True):
    """Why a target does not serve, and what the operator can do about it."""

    reason: str
    remedy: str


class Offer(msgspec.Struct, frozen=True):
    """A profile and the targets that can serve it now, in order. Without routes it is unavailable."""

    profile: Profile
    routes: tuple[Route, ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def is_available(self) -> bool:
        """Whether at least one target can serve it."""
        return bool(self.routes)

    @property
    def is_demo(self) -> bool:
        """Whether what serves it first is a demo."""
        return self.is_available and self.candidates[0].target.demo

    @property
    def candidates(self) -> tuple[Route, ...]:
        """Who may answer.

        A demo never stands in for a real model, for its answer would look like one and be none; and vectors come from
        one model, for they meet in an index.
        """
        if len(self.routes) <= 1:
            return self.routes
        real = tuple(route for route in self.routes if not route.target.demo) or self.routes
        return tuple(same_model(real, real[0])) if self.profile.task == "embed" else real

    def able_to(self, task: Skill) -> "Offer":
        """The same with only those targets that do `task`; a profile may have targets that do more than it is for."""
        able = tuple(route for route in self.routes if task in route.abilities.tasks)
        return self if len(able) == len(self.routes) else msgspec.structs.replace(self, routes=able)

    def route(self) -> Route:
        """The first target in order. Raises ModelUnavailable with the command that helps."""
        if self.routes:
            return self.candidates[0]
        words = f"{self.obstacle.reason}. {self.obstacle.remedy}"
        raise ModelUnavailable(f"The profile `{self.profile.name}` is unavailable: {words}", param="model")

    @property
    def obstacle(self) -> Obstacle:
        """Why its first target does not serve. Ask only where it is unavailable: then there is one."""
        return self.obstacles[0]


class Roster:
    """Every profile of the server, found by name."""

    def __init__(self, offers: Mapping[str, Offer], default: str) -> None:
        self._offers = dict(offers)
        self.default = self._offers[default]

    def __iter__(self) -> Iterator[Offer]:
        return iter(self._offers.values())

    def find(self, name: str) -> Offer:
        """The profile called `name`. Raises ModelNotFound, which names what exists."""
        try:
            return self._offers[name]
        except KeyError:
            known = ", ".join(self._offers)
            raise ModelNotFound(f"The model `{name}` does not exist. Available: {known}.", param="model") from None


def build_roster(
    book: ProfileBook,
    adapters: Mapping[str, type[Adapter]],
    locate: Locate,
    *,
    identify: Identify = lambda _, abilities: abilities.fingerprint,
) -> Roster:
    """Hold every profile against its targets, and let `identify` say which model each of them is.

    A target that is there and cannot keep a promise raises ConfigurationError. One whose model is missing, or a demo
    that cannot keep a promise, leaves an obstacle instead.
    """
    seen: dict[str, Route | Obstacle] = {}
    offers = {}
    for profile in book.profiles.values():
        for name in profile.targets:
            if name not in seen:
                seen[name] = _look_at(book.targets[name], adapters, locate, identify)
        found = [_hold(book, profile, seen[name]) for name in profile.targets]
        routes = tuple(item for item in found if isinstance(item, Route))
        obstacles = tuple(item for item in found if isinstance(item, Obstacle))
        offers[profile.name] = Offer(profile, routes, obstacles)
    return Roster(offers, book.default)


def _look_at(
    target: Target, adapters: Mapping[str, type[Adapter]], locate: Locate, identify: Identify
) -> Route | Obstacle:
    _check_adapter(target.adapter, adapters[target.adapter], target)
    path = None
    if target.model is not None or target.path is not None:
        path = locate(target)
        if path is None:
            return _missing(target)
    placed = msgspec.structs.replace(target, path=str(path) if path else None)
    abilities = _inspect(adapters[target.adapter], placed)
    try:
        known = msgspec.structs.replace(abilities, fingerprint=identify(placed, abilities))
    except LoadFailed as error:
        raise ConfigurationError(f"The target `{target.name}` cannot be used: {error}") from error
    memory = target.memory_bytes or abilities.memory_bytes
    gpu = target.gpu_bytes or abilities.gpu_bytes
    return Route(msgspec.structs.replace(placed, memory_bytes=memory, gpu_bytes=gpu), known)


def _check_adapter(name: str, adapter: type[Adapter], target: Target) -> None:
    """Raise ConfigurationError where the class itself is wrong, or cannot run where the target wants it."""
    mistakes = mistakes_in(adapter)
    if mistakes:
        raise ConfigurationError(f"The adapter `{name}` cannot be used: {' '.join(mistakes)}")
    if target.engine == "child":
        path_of(adapter)


def _inspect(adapter: type[Adapter], target: Target) -> Abilities:
    where = f"The target `{target.name}` cannot be used:"
    try:
        abilities = abilities_of(adapter, target)
    except LoadFailed as error:
        raise ConfigurationError(f"{where} {error}") from error
    except Exception as error:
        reason = f"`{adapter.__name__}.inspect` failed with {type(error).__name__}: {error}"
        raise ConfigurationError(f"{where} {reason}. Raise LoadFailed with a sentence instead.") from error
    if not isinstance(abilities, Abilities):
        kind = type(abilities).__name__
        raise ConfigurationError(f"{where} `{adapter.__name__}.inspect` returned a {kind}, not Abilities.")
    return abilities


def _missing(target: Target) -> Obstacle:
    if target.path is not None:
        return Obstacle(f"there is no file at {target.path}", "Put it there, or correct the path and start again.")
    return Obstacle(
        f"the model `{target.model}` is not installed", f"Install it with `task models:pull -- {target.model}`."
    )


def _hold(book: ProfileBook, profile: Profile, found: Route | Obstacle) -> Route | Obstacle:
    if isinstance(found, Obstacle):
        return found
    broken = broken_promises(profile, found.target, found.abilities)
    if not broken:
        return found
    words = f"the target `{found.target.name}` cannot keep its promise: {'; '.join(broken)}"
    if found.target.demo:
        return Obstacle(words, "Install a model that can, and start again.")
    raise ConfigurationError(f"{book.file}: for the profile `{profile.name}` {words}.")
