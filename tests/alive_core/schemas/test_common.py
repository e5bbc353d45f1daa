"""What the resources share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.schemas.common import Usage, as_prompts, prompt_problem


def test_usage_adds_up() -> None:
    usage = Usage.of(7, 5, cached_tokens=3, reasoning_tokens=2)
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (7, 5, 12)
    assert usage.prompt_tokens_details.cached_tokens == 3
    assert usage.completion_tokens_details.reasoning_tokens == 2


@given(st.lists(st.text(max_size=3) | st.integers() | st.lists(st.integers(), max_size=2), max_size=4))
def test_prompts_of_one_kind_are_kept_and_mixed_ones_found(prompt: list[str | int | list[int]]) -> None:
    kinds = {type(item) for item in prompt}
    assert (prompt_problem(prompt) is None) == (len(kinds) <= 1)
    if len(kinds) == 1:
        assert as_prompts(prompt) == ([prompt] if kinds == {int} else prompt)


@pytest.mark.parametrize("text", ["", "a"])
def test_one_text_is_a_list_of_one(text: str) -> None:
    assert prompt_problem(text) is None
    assert as_prompts(text) == [text]
