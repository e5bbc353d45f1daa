"""The items of a response while they are being written: where they stand in it, what they hold, what they become."""

from dataclasses import dataclass, field

from alive_core.adapters.events import TokenLogprob
from alive_core.schemas.items import CitedUrl, Status
from alive_core.schemas.responses import AnswerItem, CallItem, OutputItem, ThinkingItem, WrittenText, WrittenThinking
from alive_core.shape.chat import shape_logprobs


@dataclass(slots=True, kw_only=True)
class _Written:
    """What all of them have. `index` is the item's place in the response."""

    index: int
    id: str
    pieces: list[str] = field(default_factory=list)
    status: Status = "completed"
    is_open: bool = True

    @property
    def written(self) -> str:
        """All of it so far."""
        return "".join(self.pieces)


@dataclass(slots=True, kw_only=True)
class TextDraft(_Written):
    """A message: text with its log probabilities and citations."""

    offset: int
    """Where in the answer's text it begins, in characters."""
    logprobs: list[TokenLogprob] = field(default_factory=list)
    annotations: list[CitedUrl] = field(default_factory=list)

    def part(self) -> WrittenText:
        """What is inside the item."""
        found = shape_logprobs(tuple(self.logprobs))
        logprobs = (found.content if found else None) or []
        return WrittenText(text=self.written, logprobs=logprobs, annotations=list(self.annotations))

    def item(self, status: Status, *, is_empty: bool = False) -> OutputItem:
        """The item as it is now, or before anything was written."""
        return AnswerItem(id=self.id, status=status, content=[] if is_empty else [self.part()])


@dataclass(slots=True, kw_only=True)
class ThinkingDraft(_Written):
    """Thinking before or between what is said."""

    def part(self) -> WrittenThinking:
        """What is inside the item."""
        return WrittenThinking(text=self.written)

    def item(self, status: Status, *, is_empty: bool = False) -> OutputItem:
        """The item as it is now, or before anything was written."""
        return ThinkingItem(id=self.id, status=status, content=[] if is_empty else [self.part()])


@dataclass(slots=True, kw_only=True)
class CallDraft(_Written):
    """A call of a function with its arguments."""

    call_id: str
    name: str

    def item(self, status: Status, *, is_empty: bool = False) -> OutputItem:
        """The item as it is now, or before anything was written."""
        arguments = "" if is_empty else self.written
        return CallItem(id=self.id, status=status, arguments=arguments, call_id=self.call_id, name=self.name)


Draft = TextDraft | ThinkingDraft | CallDraft
