from hypothesis import given
from hypothesis import strategies as st

from providers_server.adapters.batches import plan_batches

LENGTHS = st.lists(st.integers(0, 600), max_size=60)


@given(LENGTHS, st.integers(1, 16), st.integers(1, 1024))
def test_every_input_is_in_exactly_one_batch(lengths: list[int], rows: int, tokens: int) -> None:
    batches = plan_batches(lengths, rows=rows, tokens=tokens)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))


@given(LENGTHS, st.integers(1, 16), st.integers(1, 1024))
def test_a_batch_keeps_both_limits_unless_one_input_alone_breaks_them(
    lengths: list[int], rows: int, tokens: int
) -> None:
    for batch in plan_batches(lengths, rows=rows, tokens=tokens):
        padded = len(batch) * max(lengths[index] for index in batch)
        assert len(batch) <= rows
        assert padded <= tokens or len(batch) == 1


@given(LENGTHS)
def test_batches_go_from_the_longest_to_the_shortest(lengths: list[int]) -> None:
    order = [lengths[index] for batch in plan_batches(lengths, rows=8, tokens=512) for index in batch]
    assert order == sorted(lengths, reverse=True)


def test_no_inputs_make_no_batches() -> None:
    assert plan_batches([], rows=8, tokens=512) == ()
