"""The marks that families of models cut their answers into parts with.

Sources: Command R7B and Command A, https://docs.cohere.com/docs/command-r7b-hf; Hermes, whose form Qwen and many
others took over, https://github.com/NousResearch/Hermes-Function-Calling.
"""

from typing import Final, Literal

import msgspec

Pair = tuple[str, str]
"""A mark that opens a part and the one that closes it."""
CallForm = Literal["list", "single"]
Segment = Literal["outside", "text", "thinking", "action"]

START_THINKING: Final = "<|START_THINKING|>"
END_THINKING: Final = "<|END_THINKING|>"
START_RESPONSE: Final = "<|START_RESPONSE|>"
END_RESPONSE: Final = "<|END_RESPONSE|>"
START_TEXT: Final = "<|START_TEXT|>"
END_TEXT: Final = "<|END_TEXT|>"
START_ACTION: Final = "<|START_ACTION|>"
END_ACTION: Final = "<|END_ACTION|>"


class Markup(msgspec.Struct, frozen=True):
    """How one family writes."""

    name: str
    thinking: Pair
    texts: tuple[Pair, ...]
    """Around the words of the answer, the outer pair first; none where words stand free."""
    action: Pair
    calls: CallForm
    """Whether an action is a list of calls, or one call, and several actions may follow each other."""
    name_key: str
    arguments_key: str
    id_key: str | None = None
    """Where each call carries a number that the model counts up."""
    can_cite: bool = False
    """Whether answers carry marks for the documents that they rest on."""

    @property
    def markers(self) -> tuple[str, ...]:
        """Every mark."""
        return (*self.thinking, *(marker for pair in self.texts for marker in pair), *self.action)

    def markers_in(self, template: str) -> tuple[str, ...]:
        """The marks that a chat template speaks of: its model knows these and no others."""
        return tuple(marker for marker in self.markers if marker in template)

    def opened_by(self, marker: str) -> Segment:
        """The part that begins with `marker`; the end of one leads outside."""
        if marker == self.thinking[0]:
            return "thinking"
        if marker == self.action[0]:
            return "action"
        return "text" if any(marker == start for start, _ in self.texts) else "outside"

    def begun_in(self, prompt: str) -> Segment:
        """The part that a prompt leaves the model in: some templates write its first mark themselves."""
        end = prompt.rstrip("\n")
        return next((self.opened_by(marker) for marker in self.markers if end.endswith(marker)), "outside")


COMMAND_R: Final = Markup(
    name="command-r",
    thinking=(START_THINKING, END_THINKING),
    texts=((START_RESPONSE, END_RESPONSE), (START_TEXT, END_TEXT)),
    action=(START_ACTION, END_ACTION),
    calls="list",
    name_key="tool_name",
    arguments_key="parameters",
    id_key="tool_call_id",
    can_cite=True,
)
HERMES: Final = Markup(
    name="hermes",
    thinking=("<think>", "</think>"),
    texts=(),
    action=("<tool_call>", "</tool_call>"),
    calls="single",
    name_key="name",
    arguments_key="arguments",
)
MARKUPS: Final = (COMMAND_R, HERMES)


def markup_of(template: str) -> Markup:
    """The markup that a chat template speaks of; where it is none we know, Hermes's, whose marks then never come."""
    return next((markup for markup in MARKUPS if markup.action[0] in template), HERMES)
