"""Token counts in OpenAI's form."""

import json

from hypothesis import given

from alive_core.adapters import events
from alive_core.schemas.common import encode
from alive_core.shape.usage import Meter, shape_usage
from support.answers import usages


@given(usages)
def test_every_count_keeps_its_meaning(usage: events.Usage) -> None:
    shaped = shape_usage(usage)
    assert shaped.prompt_tokens == usage.prompt_tokens
    assert shaped.completion_tokens == usage.completion_tokens
    assert shaped.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert shaped.prompt_tokens_details.cached_tokens == usage.cached_tokens
    assert shaped.completion_tokens_details.reasoning_tokens == usage.reasoning_tokens


def so_far(*told: events.Event) -> object:
    meter = Meter()
    for event in told:
        meter.take(event)
    usage = meter.so_far()
    return None if usage is None else json.loads(encode(usage))


def test_a_meter_adds_up_what_an_engine_counted_on_its_way() -> None:
    usage = so_far(
        events.PromptRead(7, 3),
        events.Progress("prompt", 7, 7),
        events.PromptRead(5, prompt=1),
        events.ReasoningDelta("hm", tokens=2),
        events.TextDelta("a b c", tokens=3),
        events.ToolCallDelta(0, "{}", tokens=1),
        events.ChoiceFinished("stop"),
    )
    assert usage == json.loads(encode(shape_usage(events.Usage(12, 6, cached_tokens=3, reasoning_tokens=2))))


def test_a_prompt_that_was_read_again_counts_once() -> None:
    assert so_far(events.PromptRead(7), events.PromptRead(7, 6)) == json.loads(
        encode(shape_usage(events.Usage(7, 0, cached_tokens=6)))
    )


def test_a_meter_tells_nothing_that_no_engine_counted() -> None:
    assert so_far() is None
    assert so_far(events.TextDelta("a")) is None
    assert so_far(events.PromptRead(7), events.TextDelta("a")) == {"prompt_tokens": 7}
    assert so_far(events.TextDelta("a", tokens=1)) == {"completion_tokens": 1}
