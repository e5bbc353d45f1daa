"""A job on its way through a child, as the server sees it."""

import asyncio

from alive_core.adapters.events import Event
from alive_core.constants import CHILD_WINDOW_BYTES
from alive_core.errors import AliveError


class Flight:
    """What has arrived for one job and was not taken yet: bounded, since the child stops at the window's end."""

    def __init__(self) -> None:
        self._arrived: asyncio.Queue[tuple[Event, int] | AliveError | None] = asyncio.Queue()
        self._landed = asyncio.Event()
        self._outstanding = 0  # bytes that arrived and were not given back to the child as room for more
        self._taken = 0  # the part of them that the reader has taken
        self._is_cancelled = False

    @property
    def is_over(self) -> bool:
        """Whether the child has let go of the job."""
        return self._landed.is_set()

    @property
    def owes_progress(self) -> bool:
        """Whether the child can be expected to send something for it."""
        return self._is_cancelled or self._outstanding < CHILD_WINDOW_BYTES

    def arrive(self, event: Event, size: int) -> None:
        """An event came in a frame of `size` bytes."""
        if not self._is_cancelled:
            self._outstanding += size
            self._arrived.put_nowait((event, size))

    def land(self, error: AliveError | None = None) -> None:
        """Nothing more will come; the reader gets `error` after what has arrived."""
        self._arrived.put_nowait(error)
        self._landed.set()

    def cancel(self) -> None:
        """Nobody reads it any more."""
        self._is_cancelled = True

    async def take(self) -> tuple[Event, int] | None:
        """The next event and its size; `None` at the end. Raises the error that ended the job."""
        item = await self._arrived.get()
        if isinstance(item, AliveError):
            raise item
        return item

    def room_after(self, size: int) -> int:
        """The reader is through with `size` bytes: how much room to give the child now, in few large portions."""
        self._taken += size
        if self._taken * 2 < CHILD_WINDOW_BYTES:
            return 0
        room, self._taken = self._taken, 0
        self._outstanding -= room
        return room

    async def wait_landed(self) -> None:
        """Return when the child has let go of it, or is gone."""
        await self._landed.wait()


class Window:
    """The same bound as the child sees it: how far a job may be ahead of its reader."""

    def __init__(self) -> None:
        self._room = CHILD_WINDOW_BYTES
        self._has_room = asyncio.Event()
        self._has_room.set()

    def spend(self, size: int) -> None:
        """A frame of `size` bytes was sent; one frame may go over the edge."""
        self._room -= size
        if self._room <= 0:
            self._has_room.clear()

    def widen(self, size: int) -> None:
        """The reader took `size` bytes."""
        self._room += size
        if self._room > 0:
            self._has_room.set()

    async def wait_room(self) -> None:
        """Return when more may be sent."""
        await self._has_room.wait()
