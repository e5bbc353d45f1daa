"""Reads the tool calls of an action segment while it is being written.

The segment is a JSON list, `[{"tool_call_id": "0", "tool_name": "weather", "parameters": {"city": "Lisboa"}}, …]`, or
one call alone, `{"name": "weather", "arguments": {"city": "Lisboa"}}`; the keys are the family's.
What comes out is the same for every way the text can be cut into pieces.
"""

import json
from collections.abc import Generator
from typing import Final

from alive_core.adapters.events import TextDelta, ToolCallDelta
from alive_core.dialects.markup import COMMAND_R, Markup
from alive_core.utils.ids import tool_call_id

_SPACE: Final = frozenset(" \t\r\n")
_OPENING: Final = frozenset("{[")
_CLOSING: Final = frozenset("}]")
_BARE: Final = frozenset("+-.0123456789aeflnrstuE")  # what numbers, true, false and null are spelled with
_NESTED: Final = _SPACE | _OPENING | _CLOSING | _BARE | frozenset(",:")

ActionEvent = TextDelta | ToolCallDelta
Steps = Generator[None, None, None]
"""A part of the grammar, suspended wherever it needs the next character."""


class _Unreadable(Exception):
    """The text is no list of calls."""


class ActionReader:
    """One action segment. Feed it text, then `finish`; both return what is new since the last time.

    A call's id and name come first, then its arguments as they are written. Where the text is no list of calls, what
    belongs to no call comes out as text. A call that was cut off before its name is dropped if others came before it.
    """

    def __init__(self, *, first_call: int, index: int, markup: Markup = COMMAND_R) -> None:
        self._markup = markup
        self.calls = 0
        """Calls announced so far."""
        self._first_call = first_call
        self._index = index
        self._character = ""
        self._unclaimed: list[str] = []
        self._arguments: list[str] = []
        self._is_streaming = False  # the arguments of an announced call are being written
        self._is_complete = False
        self._is_text = False
        self._events: list[ActionEvent] = []
        self._steps = self._list() if markup.calls == "list" else self._single()
        next(self._steps)

    def feed(self, text: str) -> list[ActionEvent]:
        """More of the segment."""
        for position, character in enumerate(text):
            if self._is_text:
                self._unclaimed.append(text[position:])
                break
            self._advance(character)
        return self._flush()

    def finish(self) -> list[ActionEvent]:
        """The segment's end, wherever it came."""
        self._is_text = self._is_text or self.calls == 0
        return self._flush()

    def _advance(self, character: str) -> None:
        self._character = character
        if not self._is_streaming:
            self._unclaimed.append(character)
        if self._is_complete:
            self._is_text = character not in _SPACE
            return
        try:
            next(self._steps)
        except StopIteration:
            self._is_complete = True
            self._unclaimed.clear()
        except _Unreadable:
            self._is_text = True

    def _flush(self) -> list[ActionEvent]:
        self._flush_arguments()
        if self._is_text and self._unclaimed:
            self._events.append(TextDelta("".join(self._unclaimed), index=self._index))
            self._unclaimed.clear()
        events, self._events = self._events, []
        return events

    def _flush_arguments(self) -> None:
        if self._arguments:
            call = self._first_call + self.calls - 1
            self._events.append(ToolCallDelta(call, "".join(self._arguments), index=self._index))
            self._arguments.clear()

    # --- The grammar. A step begins with its first character current, and ends with the character after it. ---

    def _list(self) -> Steps:
        yield
        yield from self._space()
        yield from self._literal("[")
        yield from self._space()
        while True:
            yield from self._call()
            yield from self._space()
            if self._character == "]":
                return
            yield from self._literal(",")
            yield from self._space()

    def _single(self) -> Steps:
        yield
        yield from self._space()
        yield from self._call()
        yield from self._space()
        raise _Unreadable  # a second call has an action of its own

    def _call(self) -> Steps:
        name: str | None = None
        early: list[str] = []  # arguments that came before the name
        announced = False
        yield from self._literal("{")
        while True:
            key = yield from self._key()
            if key == self._markup.name_key and name is None:
                name = yield from self._string([])
            elif key == self._markup.arguments_key and self._character == "{" and not early and not announced:
                if name is None:
                    yield from self._value(early)
                else:
                    announced = self._announce(name)
                    yield from self._stream()
            else:
                yield from self._value([])
            yield from self._space()
            if self._character == "}":
                break
            yield from self._literal(",")
        if not announced:
            self._announce_late(name, early)
        self._flush_arguments()
        self._unclaimed.clear()
        yield

    def _key(self) -> Generator[None, None, str]:
        yield from self._space()
        key = yield from self._string([])
        yield from self._space()
        yield from self._literal(":")
        yield from self._space()
        return key

    def _stream(self) -> Steps:
        self._is_streaming = True
        yield from self._value(self._arguments)
        self._is_streaming = False

    def _value(self, into: list[str]) -> Steps:
        """Any JSON value; its characters are appended to `into`."""
        if self._character == '"':
            yield from self._string(into)
        elif self._character in _OPENING:
            yield from self._nested(into)
        else:
            yield from self._bare(into)

    def _nested(self, into: list[str]) -> Steps:
        depth = 0
        while True:
            if self._character == '"':
                yield from self._string(into)
                continue
            if self._character not in _NESTED:
                raise _Unreadable
            depth += (self._character in _OPENING) - (self._character in _CLOSING)
            into.append(self._character)
            yield
            if depth == 0:
                return

    def _bare(self, into: list[str]) -> Steps:
        if self._character not in _BARE:
            raise _Unreadable
        while self._character in _BARE:
            into.append(self._character)
            yield

    def _string(self, into: list[str]) -> Generator[None, None, str]:
        """A JSON string. Its characters are appended to `into`, its value is returned."""
        if self._character != '"':
            raise _Unreadable
        written: list[str] = []
        is_open, escaped = True, False
        while is_open:
            is_open = not written or self._character != '"' or escaped
            escaped = self._character == "\\" and not escaped
            written.append(self._character)
            into.append(self._character)
            yield
        try:
            return str(json.loads("".join(written)))
        except ValueError:
            raise _Unreadable from None

    def _space(self) -> Steps:
        while self._character in _SPACE:
            yield

    def _literal(self, character: str) -> Steps:
        if self._character != character:
            raise _Unreadable
        yield

    # --- What is found ---

    def _announce(self, name: str) -> bool:
        call = self._first_call + self.calls
        self._flush_arguments()
        self._events.append(ToolCallDelta(call, id=tool_call_id(), name=name, index=self._index))
        self.calls += 1
        self._unclaimed.clear()
        return True

    def _announce_late(self, name: str | None, arguments: list[str]) -> None:
        if name is None or not arguments:
            raise _Unreadable
        self._announce(name)
        self._arguments += arguments
