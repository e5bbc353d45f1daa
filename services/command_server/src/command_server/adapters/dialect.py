"""What a loaded model knows of the markers, and how its vocabulary spells them."""

import json

import msgspec


class Dialect(msgspec.Struct, frozen=True):
    """How a model's vocabulary spells its markers."""

    markers: tuple[str, ...]
    """The markers the model knows."""
    as_text: bool = False
    """Whether markers are ordinary tokens that grammars see as text, and not control tokens."""
    action_token: int | None = None
    """The token that begins an action, where the model has one."""

    def spell(self, marker: str) -> str:
        """The marker as a grammar writes it."""
        return json.dumps(marker) if self.as_text else marker

    def spell_optional(self, marker: str) -> str:
        """The marker with a question mark, or nothing where the model does not know it."""
        return f"{self.spell(marker)}?" if marker in self.markers else ""
