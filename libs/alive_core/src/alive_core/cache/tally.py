"""What happened to one model since the server started: numbers that only grow, for the metrics."""

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """What happened to one target since the server started. Only the cache changes it."""

    loads: int = 0
    """Loads that succeeded."""
    load_s: float = 0.0
    """What all of them took together."""
    failures: int = 0
    """Loads that failed."""
    evictions: int = 0
    """How often it had to make room for another one."""
    hibernations: int = 0
    """How often it was unloaded because nobody had used it for its keep-alive."""
    restarts: int = 0
    """How often its engine ended by itself."""
