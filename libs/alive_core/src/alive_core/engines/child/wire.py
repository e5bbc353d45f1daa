"""One end of the socket between server and child: sends frames, hands arriving ones on."""

import asyncio
import socket
from collections.abc import Callable
from typing import Generic, TypeVar, cast

import msgspec

from alive_core.constants import FRAME_HEADER_BYTES
from alive_core.engines.child.frames import FrameSplitter, FrameTooLarge, FromChild, ToChild, encode_frame

Arriving = TypeVar("Arriving")


class Wire(asyncio.Protocol, Generic[Arriving]):
    """Calls `on_frame(frame, size)` for each frame that arrives, `size` being its bytes without the length.

    A frame that cannot be read ends the connection, and `fault` says why: after it nothing can be trusted.
    """

    def __init__(
        self, decoder: msgspec.msgpack.Decoder[Arriving], *, on_frame: Callable[[Arriving, int], None]
    ) -> None:
        self._decoder = decoder
        self._on_frame = on_frame
        self._splitter = FrameSplitter()
        self._transport: asyncio.Transport | None = None
        self._can_write = asyncio.Event()
        self._lost = asyncio.Event()
        self.fault: str | None = None

    async def connect(self, end: socket.socket) -> None:
        """Take over `end`, one of a connected pair. Frames arrive from now on."""
        end.setblocking(False)
        await asyncio.get_running_loop().create_unix_connection(lambda: self, sock=end)

    def post(self, frame: ToChild | FromChild) -> int:
        """Send without waiting for room; returns the size. Does nothing where the other side is gone.

        Raises FrameTooLarge, ValueError and TypeError as `encode_frame` does, before a byte is sent.
        """
        packed = encode_frame(frame)
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(packed)
        return len(packed) - FRAME_HEADER_BYTES

    async def send(self, frame: ToChild | FromChild) -> int:
        """`post`, then wait until the socket has room again."""
        size = self.post(frame)
        await self._can_write.wait()
        return size

    async def wait_lost(self) -> None:
        """Return when nothing can arrive any more."""
        await self._lost.wait()

    def abort(self) -> None:
        """Close at once; what was not sent is dropped."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own kind is no subclass of it
        self._can_write.set()

    def data_received(self, data: bytes) -> None:
        try:
            for body in self._splitter.feed(data):
                self._on_frame(self._decoder.decode(body), len(body))
        except (FrameTooLarge, msgspec.DecodeError) as error:
            self.fault = f"sent what cannot be read ({error})"
            self.abort()

    def pause_writing(self) -> None:
        self._can_write.clear()

    def resume_writing(self) -> None:
        self._can_write.set()

    def connection_lost(self, _reason: Exception | None) -> None:
        self._can_write.set()  # nobody may wait for a socket that is gone
        self._lost.set()
