"""Server-sent events: writing them, and reading them from chunks cut anywhere.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_EVENT_LIMIT_BYTES: Final = 16 * 1024 * 1024  # of one unfinished event; far above any answer, below real harm

DONE: Final = b"data: [DONE]\n\n"
"""OpenAI's last event of a stream that ended well."""


# --- Writing -------------------------------------------------------------------------------------------
def encode_data(payload: bytes) -> bytes:
    """An unnamed event with this UTF-8 payload.

    A payload of several lines becomes several `data:` lines; the reader joins them with `\\n`, whatever
    ended them here.
    """
    if b"\n" not in payload and b"\r" not in payload:
        return b"data: " + payload + b"\n\n"
    return _prefixed(b"data: ", payload) + b"\n"


def encode_event(name: str, payload: bytes) -> bytes:
    """An event with a name. Raises `ValueError` for a name that is empty or has a line break."""
    if not name or "\n" in name or "\r" in name:
        raise ValueError(f"an event name is one line of text, not {name!r}")
    return b"event: " + name.encode() + b"\n" + encode_data(payload)


def encode_comment(text: str = "") -> bytes:
    """A comment: readers ignore it, and it keeps a silent connection alive."""
    return _prefixed(b": ", text.encode()) + b"\n"


def _prefixed(prefix: bytes, payload: bytes) -> bytes:
    return b"".join(prefix + line + b"\n" for line in _LINE_END.split(payload))


# --- Reading -------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Event:
    """One event: `name` is `message` where the sender gave none; `id` is the last one the stream named."""

    data: str
    name: str = "message"
    id: str = ""

    @property
    def is_done(self) -> bool:
        """Whether this is OpenAI's end of stream."""
        return self.data == "[DONE]"


class SSEParser:
    """Reads a stream of events from chunks; the events are the same for every way the bytes are cut.

    An event is given as soon as its empty line is there; an unfinished one at the end of a stream is dropped, as
    the standard says. Comments go to `on_comment`. Bytes that are not UTF-8 become U+FFFD.
    """

    def __init__(self, *, on_comment: Callable[[str], None] | None = None, limit: int = _EVENT_LIMIT_BYTES) -> None:
        self._on_comment = on_comment
        self._limit = limit
        self._pending: list[bytes] = []  # pieces of a line whose end has not come
        self._pending_size = 0
        self._lines_size = 0  # of the unfinished event's complete lines
        self._begun = False  # whether the first line, which may carry a byte order mark, is through
        self._after_cr = False  # a "\n" that comes first in the next chunk belongs to the last "\r"
        self._data: list[str] = []
        self._name = ""
        self._id = ""

    def __repr__(self) -> str:
        return f"<SSEParser {self._lines_size + self._pending_size} bytes pending>"

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that this chunk completes. Raises `ValueError` where one event exceeds the limit."""
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        first, *others = _LINE_END.split(chunk)
        self._hold(first)
        events: list[Event] = []
        for piece in others:
            event = self._end_line()
            if event:
                events.append(event)
            self._hold(piece)
        self._after_cr = self._after_cr or chunk.endswith(b"\r")
        return events

    def _hold(self, piece: bytes) -> None:
        if piece:
            self._pending.append(piece)
            self._pending_size += len(piece)
        if self._lines_size + self._pending_size > self._limit:
            raise ValueError(f"the stream sent an event of more than {self._limit} bytes")

    def _end_line(self) -> Event | None:
        raw = b"".join(self._pending)
        self._lines_size += self._pending_size
        self._pending.clear()
        self._pending_size = 0
        if not self._begun:
            self._begun = True
            raw = raw.removeprefix(_BYTE_ORDER_MARK)
        if not raw:
            return self._end_event()
        self._take_line(raw.decode("utf-8", "replace"))
        return None

    def _take_line(self, line: str) -> None:
        """A comment, or a field; fields of other names are ignored, as the standard says (`retry` among them)."""
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match field:
            case "":
                self._take_comment(value)
            case "data":
                self._data.append(value)
            case "event":
                self._name = value
            case "id" if "\0" not in value:
                self._id = value

    def _take_comment(self, text: str) -> None:
        """Hand a comment on. A stream may consist of comments alone for hours, so they don't count as pending."""
        if not self._data:
            self._lines_size = 0
        if self._on_comment:
            self._on_comment(text)

    def _end_event(self) -> Event | None:
        event = Event("\n".join(self._data), self._name or "message", self._id) if self._data else None
        self._data.clear()
        self._name = ""
        self._lines_size = 0
        return event
