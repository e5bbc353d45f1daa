"""What each model costs in memory: an estimate before the first load, a measurement ever after."""

from pathlib import Path

from alive_core.constants import MODEL_OVERHEAD_BYTES
from alive_core.profiles.profile import Target


class Ledger:
    """Remembers measured sizes by target, and holds the budget they are counted against. Sizes are bytes."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._measured: dict[str, int] = {}

    def expected_size(self, target: Target) -> int:
        """What loading `target` will take: measured where it was loaded before, else estimated from its files."""
        measured = self._measured.get(target.name)
        return measured if measured is not None else estimated_size(target)

    def record(self, target: Target, measured: int) -> None:
        """Replace the estimate of `target` by what was measured after loading it."""
        self._measured[target.name] = measured


def estimated_size(target: Target) -> int:
    """Bytes that `target` will roughly take: its files and an engine's own overhead; 0 where nothing is loaded."""
    if target.path is None:
        return 0
    path = Path(target.path)
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files) + MODEL_OVERHEAD_BYTES
