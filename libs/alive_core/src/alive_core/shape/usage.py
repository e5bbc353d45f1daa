"""Token counts in OpenAI's form, of whole answers and of broken ones."""

from alive_core.adapters import events
from alive_core.schemas.common import Usage
from alive_core.schemas.errors import UsageSoFar


def shape_usage(usage: events.Usage) -> Usage:
    """The engine's counts; the total is prompt and completion together."""
    return Usage.of(
        usage.prompt_tokens,
        usage.completion_tokens,
        cached_tokens=usage.cached_tokens,
        reasoning_tokens=usage.reasoning_tokens,
    )


class Meter:
    """Adds up what an engine counts on its way, for an answer that never comes to its end."""

    def __init__(self) -> None:
        self._prompts: dict[int, events.PromptRead] = {}
        self._written = self._reasoning = 0
        self._has_written = False

    def take(self, event: events.Event) -> None:
        """Count the next event. A prompt that is read again, after a crash, counts once."""
        match event:
            case events.PromptRead():
                self._prompts[event.prompt] = event
            case events.ReasoningDelta():
                self._write(event.tokens)
                self._reasoning += event.tokens
            case events.TextDelta() | events.ToolCallDelta():
                self._write(event.tokens)
            case _:
                pass  # nothing else is counted on its way

    def _write(self, tokens: int) -> None:
        self._written += tokens
        self._has_written = True

    def counted(self) -> events.Usage | None:
        """The counts; `None` where the engine did not tell both of them."""
        if not self._prompts or (self._has_written and not self._written):
            return None
        return events.Usage(
            prompt_tokens=sum(prompt.tokens for prompt in self._prompts.values()),
            completion_tokens=self._written,
            cached_tokens=sum(prompt.cached_tokens for prompt in self._prompts.values()),
            reasoning_tokens=self._reasoning,
        )

    def so_far(self) -> UsageSoFar | None:
        """What is known, and nothing else; `None` where nothing is."""
        if (counted := self.counted()) is not None:
            usage = shape_usage(counted)
            return UsageSoFar(
                prompt_tokens=usage.prompt_tokens,
                completion_tokens=usage.completion_tokens,
                total_tokens=usage.total_tokens,
                prompt_tokens_details=usage.prompt_tokens_details,
                completion_tokens_details=usage.completion_tokens_details,
            )
        if self._prompts:
            return UsageSoFar(prompt_tokens=sum(prompt.tokens for prompt in self._prompts.values()))
        return UsageSoFar(completion_tokens=self._written) if self._written else None
