"""How long things will take, from what is known so far. Pure; times are seconds, `None` is unknown."""

from alive_core.adapters.events import Progress


def share_of(progress: Progress | None) -> float | None:
    """How much of a load is done, from 0 to 1; `None` where it does not say."""
    if progress is None or not progress.total:
        return None
    return min(max(progress.done / progress.total, 0.0), 1.0)


def load_left_s(expected_s: float | None, elapsed_s: float, share: float | None) -> float | None:
    """What is left of a load that began `elapsed_s` ago.

    At first what earlier loads took counts, and the more is done, the more the speed of this one. `None` where
    neither tells, or where it takes longer than expected and does not say how far it is.
    """
    by_history = None if expected_s is None or elapsed_s > expected_s else expected_s - elapsed_s
    if not share:
        return by_history
    by_speed = elapsed_s * (1.0 - share) / share
    return by_speed if by_history is None else share * by_speed + (1.0 - share) * by_history
