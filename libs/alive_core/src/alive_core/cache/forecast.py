"""How long things will take, from what is known so far. Pure; times are seconds, `None` is unknown."""

from alive_core.adapters.events import Progress
from alive_core.cache.status import TargetState
from alive_core.utils.durations import format_duration


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


def wait_s(position: int, parallel: int, hold_s: float | None, loading_s: float | None) -> float | None:
    """How long the request at `position` (1 is next) waits for a place.

    `hold_s` is how long requests hold a place, `loading_s` what is left of a load: 0 where the model is ready, and
    then all its places are taken. Right after a load all `parallel` places are free.
    """
    turns = max(position - parallel, 0) if loading_s != 0.0 else position
    if loading_s is None or (turns and hold_s is None):
        return None
    return loading_s + turns * (hold_s or 0.0) / parallel


def wait_words(state: TargetState, position: int, parallel: int, *, share: float | None, left_s: float | None) -> str:
    """What somebody who waits may know: how far the load is, or which place in the line is theirs."""
    place = f"position {position}"
    if state != "loading":
        return f"waiting, {place}" if state == "ready" else f"waiting for memory, {place}"
    parts = ["loading" if share is None else f"loading {share * 100:.0f} %"]
    parts += [] if left_s is None else [f"about {about(left_s)} left"]
    parts += [place] if position > parallel else []
    return ", ".join(parts)


def load_words(state: TargetState, left_s: float | None) -> str:
    """The rest of a refusal: how long a load takes, where it is known and of use."""
    match state:
        case "loading" if left_s is not None:
            return f" It is being loaded, about {about(left_s)} are left."
        case "absent" | "closing" if left_s is not None:
            return f" Loading it takes about {about(left_s)}."
        case _:
            return " Try again later."


def about(seconds: float) -> str:
    """A guess in whole seconds, at least one: `12 s`, `1 min 30 s`."""
    return format_duration(max(round(seconds), 1))
