"""Reads one answer of a Command-R model: which part is text, which is thinking, which are tool calls.

Models of the R7B generation cut their answers into segments with special tokens; older ones write plain text, which
passes unchanged. What comes out is the same for every way the text can be cut into pieces.
"""

import re
from functools import cache
from typing import Final, Literal

from alive_core import ChoiceFinished, FinishReason, ReasoningDelta, TextDelta, TokenLogprob, ToolCallDelta
from command_server.adapters.actions import ActionReader
from command_server.adapters.markers import (
    END_ACTION,
    MARKERS,
    START_ACTION,
    START_RESPONSE,
    START_TEXT,
    START_THINKING,
)

TurnEvent = TextDelta | ReasoningDelta | ToolCallDelta | ChoiceFinished
Segment = Literal["outside", "text", "thinking", "action"]

_OPENS: Final[dict[str, Segment]] = {
    START_THINKING: "thinking",
    START_RESPONSE: "text",
    START_TEXT: "text",
    START_ACTION: "action",
}
_OF_ACTIONS: Final = frozenset({START_ACTION, END_ACTION})


class TurnReader:
    """Choice `index` of an answer. Feed it what the engine writes, then `finish` it once."""

    def __init__(self, index: int = 0, *, segment: Segment = "outside", can_act: bool = True) -> None:
        """`segment`: where the prompt already left the model. Where no tools are offered, nothing is an action."""
        self._markers = MARKERS if can_act else tuple(marker for marker in MARKERS if marker not in _OF_ACTIONS)
        self._marker = _pattern(self._markers)
        self.reasoning_pieces = 0
        """How many pieces fed so far were thinking; the engine gives one piece per token."""
        self._index = index
        self._segment: Segment = segment
        self._held = ""  # could become a marker
        self._space = ""  # outside of segments, space next to a marker does not count
        self._is_after_marker = False
        self._saw_marker = segment != "outside"
        self._calls = 0
        self._action: ActionReader | None = None
        self._logprobs: list[TokenLogprob] = []
        self._events: list[TurnEvent] = []

    def feed(self, text: str, logprobs: tuple[TokenLogprob, ...] = ()) -> list[TurnEvent]:
        """More of the answer. `logprobs` belong to `text`; those of markers, thinking and calls are left out."""
        self._logprobs += logprobs
        rest = self._held + text
        while match := self._marker.search(rest):
            self._write(rest[: match.start()])
            self._enter(match.group())
            rest = rest[match.end() :]
        kept = len(rest) - _marker_beginning(rest, self._markers)
        self._held = rest[kept:]
        self._write(rest[:kept])
        self.reasoning_pieces += self._segment == "thinking"
        return self._take()

    def finish(self, reason: FinishReason) -> list[TurnEvent]:
        """The end of the answer, as the engine gives it; calls turn `stop` into `tool_calls`."""
        held, self._held = self._held, ""
        self._write(held)
        if self._space and not self._saw_marker:
            self._text(self._space)
        self._leave_action()
        if reason == "stop" and self._calls:
            reason = "tool_calls"
        self._events.append(ChoiceFinished(reason, index=self._index))
        return self._take()

    def _write(self, text: str) -> None:
        if not text:
            return
        if self._action is not None:
            self._take_action(self._action.feed(text))
            self._logprobs.clear()
        elif self._segment == "thinking":
            self._events.append(ReasoningDelta(text, index=self._index))
            self._logprobs.clear()
        elif self._segment == "text":
            self._text(text)
        else:
            self._write_outside(text)

    def _write_outside(self, text: str) -> None:
        text = self._space + text
        words = text.rstrip()
        self._space = text[len(words) :]
        if words:
            self._text(words.lstrip() if self._is_after_marker else words)
            self._is_after_marker = False

    def _text(self, text: str) -> None:
        self._events.append(TextDelta(text, index=self._index, logprobs=tuple(self._logprobs)))
        self._logprobs.clear()

    def _enter(self, marker: str) -> None:
        self._leave_action()
        self._saw_marker = self._is_after_marker = True
        self._space = ""
        self._logprobs.clear()
        self._segment = _OPENS.get(marker, "outside")
        if self._segment == "action":
            self._action = ActionReader(first_call=self._calls, index=self._index)

    def _leave_action(self) -> None:
        if self._action is not None:
            self._take_action(self._action.finish())
            self._calls += self._action.calls
            self._action = None

    def _take_action(self, events: list[TextDelta | ToolCallDelta]) -> None:
        self._events += events

    def _take(self) -> list[TurnEvent]:
        events, self._events = self._events, []
        return events


@cache
def _pattern(markers: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, markers)))


def _marker_beginning(text: str, markers: tuple[str, ...]) -> int:
    """The length of the longest end of `text` that could still become a marker."""
    start = text.rfind("<")
    if start < 0:
        return 0
    end = text[start:]
    return len(end) if any(marker.startswith(end) for marker in markers) else 0
