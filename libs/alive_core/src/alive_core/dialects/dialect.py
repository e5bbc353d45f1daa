"""What a loaded model knows of its family's marks, and how its vocabulary spells them."""

import json

import msgspec

from alive_core.dialects.markup import COMMAND_R, Markup


class Dialect(msgspec.Struct, frozen=True):
    """How a model's vocabulary spells its markers."""

    markers: tuple[str, ...]
    """The markers the model knows."""
    as_text: bool = False
    """Whether markers are ordinary tokens that grammars see as text, and not control tokens."""
    action_token: int | None = None
    """The token that begins an action, where the model has one."""
    markup: Markup = COMMAND_R

    def spell(self, marker: str) -> str:
        """The marker as a grammar writes it."""
        return json.dumps(marker) if self.as_text else marker

    def spell_optional(self, marker: str) -> str:
        """The marker with a question mark, or nothing where the model does not know it."""
        return f"{self.spell(marker)}?" if marker in self.markers else ""
