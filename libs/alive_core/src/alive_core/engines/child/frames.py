"""What server and child say to each other: a length, then a msgpack body.

    child   Hello                          which wire it speaks, which adapter it imported
    server  Load                           the target
    child   Loading*  then  Loaded         or Failed(job=None)
    server  Run, Cancel, More              many jobs at once, each with a number of its own
    child   Emitted*  then  Ended          or Failed; exactly one of the two ends each job, cancelled ones too
    server  Close                          or simply the end of the socket

A job may be `CHILD_WINDOW_BYTES` of frames ahead of its reader; `More` widens that as the reader takes them. So a
slow reader costs bounded memory and holds up no other job, and the socket itself is always read.
"""

import struct
import zlib
from collections.abc import Iterator

import msgspec

from alive_core.adapters import events, jobs
from alive_core.adapters.events import Event, Progress
from alive_core.adapters.jobs import Job
from alive_core.constants import FRAME_HEADER_BYTES, FRAME_LIMIT_BYTES
from alive_core.errors import AliveError
from alive_core.profiles import profile
from alive_core.profiles.profile import Target
from alive_core.utils.trail import Trail

_LENGTH = struct.Struct("<I")
_LENGTH_GAP = bytes(FRAME_HEADER_BYTES)


class Hello(msgspec.Struct, frozen=True, array_like=True, tag="hello"):
    """The first frame: who is there. Its shape never changes, so that every version can read it."""

    version: str
    adapter: str


class Load(msgspec.Struct, frozen=True, array_like=True, tag="load"):
    """Load this target. Sent once."""

    target: Target


class Loading(msgspec.Struct, frozen=True, array_like=True, tag="loading"):
    """The load is alive and this far."""

    progress: Progress


class Loaded(msgspec.Struct, frozen=True, array_like=True, tag="loaded"):
    """Jobs may come."""


class Run(msgspec.Struct, frozen=True, array_like=True, tag="run"):
    """Work on `job` under a number that is never used again, as part of the request that it belongs to."""

    number: int
    job: Job
    trail: Trail | None = None


class More(msgspec.Struct, frozen=True, array_like=True, tag="more"):
    """The reader took `size` bytes of a job's frames; as much more may be sent."""

    number: int
    size: int


class Cancel(msgspec.Struct, frozen=True, array_like=True, tag="cancel"):
    """Nobody wants this job any more. `Ended` follows when the engine has let go of it."""

    number: int


class Close(msgspec.Struct, frozen=True, array_like=True, tag="close"):
    """Free everything and exit."""


class Emitted(msgspec.Struct, frozen=True, array_like=True, tag="event"):
    """An event of a job."""

    number: int
    event: Event


class Ended(msgspec.Struct, frozen=True, array_like=True, tag="ended"):
    """A job is over: it finished, or it was cancelled."""

    number: int


class Failed(msgspec.Struct, frozen=True, array_like=True, tag="failed"):
    """A job is over with an error of the AliveError tree; without a number, the import or the load failed."""

    number: int | None
    kind: str
    message: str
    param: str | None = None
    retry_after: float | None = None

    @classmethod
    def of(cls, number: int | None, error: AliveError) -> "Failed":
        """The words of `error`, for the other side."""
        return cls(number, type(error).__name__, error.message, error.param, error.retry_after)

    def error(self) -> AliveError:
        """The same error, on this side."""
        kind = AliveError.named(self.kind)
        error = kind.__new__(kind)  # a subclass elsewhere may ask for more arguments than the words that crossed
        AliveError.__init__(error, self.message, param=self.param, retry_after=self.retry_after)
        return error


ToChild = Load | Run | More | Cancel | Close
FromChild = Hello | Loading | Loaded | Emitted | Ended | Failed


class FrameTooLarge(Exception):
    """A frame is over the limit: nothing of it was sent, or nothing more can be read."""

    def __init__(self, size: int) -> None:
        super().__init__(f"a frame of {size} bytes is over the limit of {FRAME_LIMIT_BYTES} bytes")


def wire_version() -> str:
    """A number for the shape of everything that crosses: it changes with any Struct, with nobody having to remember.

    An installation that is changed under a running server thus gives a clear refusal instead of misread frames.
    """
    shapes = [
        f"{kind.__name__}:{kind.__struct_config__.tag}:{','.join(kind.__struct_fields__)}"
        for module in (events, jobs, profile)
        for kind in _structs_of(vars(module))
    ]
    shapes += [f"{kind.__name__}:{','.join(kind.__struct_fields__)}" for kind in _structs_of(globals())]
    return f"{zlib.crc32(';'.join(shapes).encode()):08x}"


def _structs_of(names: dict[str, object]) -> Iterator[type[msgspec.Struct]]:
    for value in names.values():
        if isinstance(value, type) and issubclass(value, msgspec.Struct):
            yield value


_encoder = msgspec.msgpack.Encoder()


def encode_frame(frame: ToChild | FromChild) -> bytearray:
    """Length and body, ready to be sent. Raises FrameTooLarge; ValueError or TypeError where msgpack has no form."""
    packed = bytearray(_LENGTH_GAP)
    try:
        _encoder.encode_into(frame, packed, FRAME_HEADER_BYTES)
    except OverflowError as error:  # an integer of more than 64 bits
        raise ValueError(str(error)) from error
    size = len(packed) - FRAME_HEADER_BYTES
    if size > FRAME_LIMIT_BYTES:
        raise FrameTooLarge(size)
    _LENGTH.pack_into(packed, 0, size)
    return packed


class FrameSplitter:
    """Cuts a stream of bytes into frame bodies, however the bytes arrive."""

    def __init__(self, *, limit: int = FRAME_LIMIT_BYTES) -> None:
        self._limit = limit
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are complete now. Raises FrameTooLarge as soon as a length over the limit is seen."""
        self._pending += data
        bodies: list[bytes] = []
        start = 0
        with memoryview(self._pending) as pending:
            while len(pending) - start >= FRAME_HEADER_BYTES:
                (size,) = _LENGTH.unpack_from(pending, start)
                if size > self._limit:
                    raise FrameTooLarge(size)
                end = start + FRAME_HEADER_BYTES + size
                if end > len(pending):
                    break
                bodies.append(bytes(pending[start + FRAME_HEADER_BYTES : end]))
                start = end
        del self._pending[:start]
        return bodies
