"""What turning events into answers looks like from outside: the same two classes for every resource."""

from typing import Protocol, runtime_checkable

import msgspec

from alive_core.adapters.events import Event
from alive_core.schemas.common import ResponseStruct


class Head(msgspec.Struct, frozen=True):
    """What every part of one answer repeats. `created` is in Unix seconds."""

    id: str
    created: int
    model: str
    fingerprint: str | None = None


@runtime_checkable
class Whole(Protocol):
    """Collects events into one answer."""

    def add(self, event: Event) -> None:
        """Take the next event."""
        ...

    def result(self) -> ResponseStruct:
        """The answer; call it once, after `Finished`."""
        ...


@runtime_checkable
class Chunks(Protocol):
    """Turns each event into the chunks that a stream carries for it."""

    def of(self, event: Event) -> list[ResponseStruct]:
        """The chunks to send for `event`, in order; often one, sometimes none."""
        ...
