"""How the chunks of a resource become server-sent events: with or without names, and what ends a stream."""

from typing import Protocol

from alive_core.errors import AliveError
from alive_core.http.failures import error_body
from alive_core.schemas.common import ResponseStruct, StreamOptions, encode
from alive_core.schemas.response_events import StreamEvent
from alive_core.schemas.responses import ResponseStreamOptions
from alive_core.shape.obfuscation import padded
from alive_core.shape.responses import ResponseChunks
from alive_core.shape.usage import Meter
from alive_core.utils.sse import DONE, encode_data, encode_event


class Framing(Protocol):
    """What a resource's events look like on the wire."""

    def frame(self, chunk: ResponseStruct) -> bytes:
        """One chunk as one event."""
        ...

    def end(self) -> bytes:
        """What follows the last chunk of a complete stream; often nothing."""
        ...

    def broken(self, error: AliveError) -> bytes:
        """What follows the last chunk of a stream that broke: typed, and nothing that looks complete."""
        ...


class DataFraming:
    """Unnamed events and `[DONE]` at a good end: chat and completions."""

    def __init__(self, meter: Meter | None = None) -> None:
        self._meter = meter

    def frame(self, chunk: ResponseStruct) -> bytes:
        """See `Framing`."""
        return encode_data(encode(chunk))

    def end(self) -> bytes:
        """See `Framing`."""
        return DONE

    def broken(self, error: AliveError) -> bytes:
        """One error in OpenAI's envelope, with what was counted until then."""
        usage = self._meter.so_far() if self._meter else None
        return encode_data(encode(error_body(error, usage=usage)))


class PaddedFraming:
    """Another framing, whose deltas are padded with noise to sizes that tell nothing about what they say."""

    def __init__(self, inner: Framing) -> None:
        self._inner = inner
        self.end, self.broken = inner.end, inner.broken

    def frame(self, chunk: ResponseStruct) -> bytes:
        """See `Framing`."""
        return self._inner.frame(padded(chunk))


def framing_of(inner: Framing, options: StreamOptions | ResponseStreamOptions | None) -> Framing:
    """`inner` as `stream_options` wants it. Noise costs, and helps only on networks one does not trust: who wants it
    asks for it."""
    return PaddedFraming(inner) if options is not None and options.include_obfuscation else inner


class NamedFraming:
    """Events named by their `type`, nothing after the last one: responses."""

    def __init__(self, chunks: ResponseChunks) -> None:
        self._chunks = chunks

    def frame(self, chunk: ResponseStruct) -> bytes:
        """See `Framing`."""
        assert isinstance(chunk, StreamEvent)
        return encode_event(chunk.name, encode(chunk))

    def end(self) -> bytes:
        """The last event said that it is the last."""
        return b""

    def broken(self, error: AliveError) -> bytes:
        """The numbered `error` event, then `response.failed`."""
        return b"".join(map(self.frame, self._chunks.broken(error)))
