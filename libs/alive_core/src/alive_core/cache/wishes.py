"""What should be in memory though nobody asks for it: what profiles wish, and what operators said since."""

from collections.abc import Iterator

from alive_core.profiles.profile import Target


class Wishes:
    """Every target that was ever wanted, and which of them to load in the background, keep warm, or pin."""

    def __init__(self) -> None:
        self._known: dict[str, Target] = {}
        self._preloading: set[str] = set()
        self._resting: set[str] = set()
        """Those that an operator has unloaded: a warm one stays away until it is asked for."""
        self._pins: dict[str, bool] = {}
        """What operators said; where they did not, the target's own `pinned` counts."""

    def __iter__(self) -> Iterator[Target]:
        """All known targets."""
        return iter(self._known.values())

    def __getitem__(self, name: str) -> Target:
        return self._known[name]

    def know(self, target: Target) -> None:
        """Remember that there is such a target."""
        self._known[target.name] = target

    def preload(self, target: Target) -> None:
        """Have it loaded once."""
        self.know(target)
        self._preloading.add(target.name)

    def preloaded(self, target: Target) -> None:
        """Its load is through, one way or another."""
        self._preloading.discard(target.name)

    def rest(self, target: Target) -> None:
        """Have it stay away until `wake`."""
        self._resting.add(target.name)
        self._preloading.discard(target.name)

    def wake(self, target: Target) -> None:
        """Somebody wants it: it no longer has to stay away."""
        self._resting.discard(target.name)

    def pin(self, target: Target, *, is_pinned: bool) -> None:
        """An operator pins it, or unpins it whatever its profile says."""
        self.know(target)
        self._pins[target.name] = is_pinned

    def is_pinned(self, target: Target) -> bool:
        """Whether it may not be unloaded."""
        return self._pins.get(target.name, target.pinned)

    def is_wished(self, target: Target) -> bool:
        """Whether it should be in memory though nobody asks for it."""
        is_kept = target.warm and target.name not in self._resting
        return target.name in self._known and (is_kept or target.name in self._preloading)

    def wished(self) -> Iterator[Target]:
        """All targets that should be in memory though nobody asks for them."""
        return (target for target in self if self.is_wished(target))

    def end(self) -> None:
        """Wish for nothing any more: the server ends."""
        self._known.clear()
        self._preloading.clear()
