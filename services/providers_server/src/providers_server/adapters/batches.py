"""Which inputs are computed together: pure functions."""

from collections.abc import Sequence


def plan_batches(lengths: Sequence[int], *, rows: int, tokens: int) -> tuple[tuple[int, ...], ...]:
    """Group the inputs, given their lengths in tokens, into batches of indices that waste little on padding.

    Every index appears exactly once. A batch has at most `rows` members, and its longest length times its members
    is at most `tokens`, unless it is a single input that is longer by itself. The longest come first: memory
    reaches its peak at once instead of growing with every batch.
    """
    longest_first = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    batches: list[tuple[int, ...]] = []
    while longest_first:
        longest = max(lengths[longest_first[0]], 1)
        size = max(1, min(rows, tokens // longest))
        batches.append(tuple(longest_first[:size]))
        del longest_first[:size]
    return tuple(batches)
