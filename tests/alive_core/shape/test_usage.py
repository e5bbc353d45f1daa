"""Token counts in OpenAI's form."""

from hypothesis import given

from alive_core.adapters import events
from alive_core.shape.usage import shape_usage
from support.answers import usages


@given(usages)
def test_every_count_keeps_its_meaning(usage: events.Usage) -> None:
    shaped = shape_usage(usage)
    assert shaped.prompt_tokens == usage.prompt_tokens
    assert shaped.completion_tokens == usage.completion_tokens
    assert shaped.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert shaped.prompt_tokens_details.cached_tokens == usage.cached_tokens
    assert shaped.completion_tokens_details.reasoning_tokens == usage.reasoning_tokens
