"""The shared counts: exact for many processes, and nothing lost when one dies."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from alive_core.access.limits import Cost, Limits, Refusal
from alive_core.access.usage import Usage
from alive_core.constants import USAGE_SLOT_BYTES, USAGE_SLOTS
from alive_core.errors import Busy, ConfigurationError
from support.moments import Moments

MINE, YOURS = "ab" * 32, "cd" * 32
LIMITS = Limits(requests_per_minute=100)
ONE = Cost(requests=1)

SPENDER = """
import sys
from pathlib import Path
from alive_core.access.limits import Cost, Limits, Refusal
from alive_core.access.usage import Usage
usage = Usage(Path(sys.argv[1]), clock=lambda: 1_800_000_000.0)
sys.stdin.readline()
tries = [usage.spend(3, "ab" * 32, Limits(requests_per_minute=1000), Cost(requests=1)) for _ in range(400)]
print(sum(not isinstance(each, Refusal) for each in tries))
"""


@pytest.fixture
def other(tmp_path: Path, moments: Moments) -> Iterator[Usage]:
    """The same file, as another server sees it."""
    with closing(Usage(tmp_path / "usage.map", clock=moments)) as usage:
        yield usage


def test_processes_at_once_spend_exactly_the_limit(tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", SPENDER, str(tmp_path / "usage.map")]
    spenders = [
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for spender in spenders:
        assert spender.stdin is not None
        spender.stdin.write("go\n")
        spender.stdin.flush()
    counts = [int(spender.communicate(timeout=60)[0]) for spender in spenders]
    assert sum(counts) == 1000, counts


def test_servers_see_each_others_counts(usage: Usage, other: Usage) -> None:
    usage.spend(1, MINE, LIMITS, Cost(requests=100))
    assert isinstance(other.spend(1, MINE, LIMITS, ONE), Refusal)
    assert not isinstance(other.spend(2, YOURS, LIMITS, ONE), Refusal)


def test_counts_outlive_a_restart(tmp_path: Path, moments: Moments, usage: Usage) -> None:
    usage.spend(1, MINE, LIMITS, Cost(requests=7))
    with closing(Usage(tmp_path / "usage.map", clock=moments)) as again:
        assert again.counts(1, MINE)[0].used == 7


def test_a_slot_that_was_somebody_elses_begins_anew(usage: Usage) -> None:
    usage.spend(1, MINE, LIMITS, Cost(requests=100))
    assert usage.last_used(1, YOURS) is None
    assert not isinstance(usage.spend(1, YOURS, LIMITS, ONE), Refusal)


def test_the_last_use_is_remembered(usage: Usage, other: Usage, moments: Moments) -> None:
    assert other.last_used(1, MINE) is None
    usage.note(1, MINE)
    assert other.last_used(1, MINE) == moments.now


def test_the_file_grows_for_whoever_needs_it(tmp_path: Path, usage: Usage, other: Usage) -> None:
    far = 3 * USAGE_SLOTS
    usage.spend(far, MINE, LIMITS, Cost(requests=100))
    assert isinstance(other.spend(far, MINE, LIMITS, ONE), Refusal)
    assert other.counts(1, YOURS)[0].used == 0
    file = tmp_path / "usage.map"
    assert file.stat().st_size == 4 * USAGE_SLOTS * USAGE_SLOT_BYTES
    assert file.stat().st_blocks * 512 >= file.stat().st_size, "a hole could fail when it is written to"
    assert file.stat().st_mode & 0o077 == 0


def test_one_who_is_stopped_in_the_file_stops_nobody_else(usage: Usage, other: Usage) -> None:
    with usage._locked(), pytest.raises(Busy):
        other.spend(1, MINE, LIMITS, ONE)
    other.spend(1, MINE, LIMITS, ONE)


def test_a_foreign_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "other.map"
    file.write_bytes(b"something else")
    with pytest.raises(ConfigurationError, match="Move it away"):
        Usage(file)
    assert file.read_bytes() == b"something else"
