"""How the code on a page is found."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.docs.pages import Block, blocks, shape

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def test_a_block_has_its_language_its_text_and_its_line() -> None:
    assert list(blocks("# Page\n\n```bash\necho a\necho b\n```\n")) == [Block(3, "bash", "echo a\necho b\n")]


def test_a_comment_directly_above_belongs_to_the_block() -> None:
    page = "<!-- not run: it takes hours -->\n```bash\n./train\n```\n<!-- far away -->\n\n```python\n1\n```\n"
    first, second = blocks(page)
    assert first.note == "not run: it takes hours"
    assert not first.is_run
    assert second.note == ""
    assert second.is_run


def test_blocks_that_are_only_shown_are_not_run() -> None:
    assert [block.is_run for block in blocks("```json\n{}\n```\n```text\nx\n```\n")] == [False, False]


def test_a_longer_fence_may_hold_a_shorter_one() -> None:
    (block,) = blocks("````text\n```bash\ninside\n```\n````\n")
    assert block.text == "```bash\ninside\n```\n"


def test_a_block_that_is_never_closed_is_an_error_with_its_line() -> None:
    with pytest.raises(ValueError, match="line 2"):
        list(blocks("text\n```bash\necho\n"))


@given(st.lists(st.text(st.characters(exclude_characters="`~", exclude_categories=["C", "Z"]), min_size=1)))
def test_every_block_comes_back_as_it_was_written(texts: list[str]) -> None:
    page = "\n".join(f"```text\n{text}\n```\n" for text in texts)
    assert [block.text for block in blocks(page)] == [f"{text}\n" for text in texts]


def test_shapes_are_keys_and_types_and_not_values() -> None:
    one = {"id": "a", "created": 1, "choices": [{"index": 0}, {"index": 1}], "logprobs": None}
    other = {"id": "b", "created": 2.5, "choices": [{"index": 7}], "logprobs": None}
    assert shape(one) == shape(other)


@pytest.mark.parametrize("other", [{}, {"id": 1}, {"id": "a", "more": 1}, {"id": None}, {"id": True}, {"id": ["a"]}])
def test_other_keys_or_types_are_another_shape(other: object) -> None:
    assert shape({"id": "a"}) != shape(other)


@given(JSON)
def test_a_value_has_the_shape_of_its_own_copy(value: object) -> None:
    assert shape(value) == shape(json.loads(json.dumps(value)))
