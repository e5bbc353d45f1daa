"""Token counts in OpenAI's form."""

from alive_core.adapters import events
from alive_core.schemas.common import Usage


def shape_usage(usage: events.Usage) -> Usage:
    """The engine's counts; the total is prompt and completion together."""
    return Usage.of(
        usage.prompt_tokens,
        usage.completion_tokens,
        cached_tokens=usage.cached_tokens,
        reasoning_tokens=usage.reasoning_tokens,
    )
