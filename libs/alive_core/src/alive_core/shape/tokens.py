"""Tokens of a text, and the text of tokens: one whole answer each."""

from alive_core.adapters import events
from alive_core.schemas.tokens import DetokenizeResponse, TokenizeResponse


class WholeTokens:
    """The token ids of one text."""

    def __init__(self, context: int | None) -> None:
        self._context = context
        self._ids: list[int] = []

    def add(self, event: events.Event) -> None:
        """Take the next event; only tokens belong here."""
        if isinstance(event, events.Tokens):
            self._ids.extend(event.ids)

    def result(self) -> TokenizeResponse:
        """The answer as vLLM sends it."""
        return TokenizeResponse(count=len(self._ids), max_model_len=self._context, tokens=self._ids)


class WholeText:
    """The text of some tokens."""

    def __init__(self) -> None:
        self._text: list[str] = []

    def add(self, event: events.Event) -> None:
        """Take the next event; only text belongs here."""
        if isinstance(event, events.TextDelta):
            self._text.append(event.text)

    def result(self) -> DetokenizeResponse:
        """The answer as vLLM sends it."""
        return DetokenizeResponse(prompt="".join(self._text))
