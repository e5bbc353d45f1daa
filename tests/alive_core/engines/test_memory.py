"""Memory is measured where the system tells."""

import os
import subprocess
import sys

from alive_core.constants import MIB
from alive_core.engines import memory
from alive_core.engines.memory import (
    held_by_children,
    process_memory_bytes,
    proportional_bytes_in,
    unreclaimable_bytes_in,
)

ROLLUP = """\
55d0c8a4b000-7ffd7d5f9000 ---p 00000000 00:00 0                          [rollup]
Rss:               11536 kB
Pss:                6021 kB
Pss_Anon:           4100 kB
"""


def test_the_proportional_size_is_read() -> None:
    assert proportional_bytes_in(ROLLUP) == 6021 * 1024
    assert proportional_bytes_in("") is None


def test_a_running_process_holds_memory_and_a_gone_one_is_unknown() -> None:
    assert (process_memory_bytes(os.getpid()) or 0) > MIB
    assert process_memory_bytes(2**22 + 1) is None  # above the highest pid Linux gives


def test_elsewhere_the_resident_size_is_taken() -> None:
    assert (memory._resident_bytes(os.getpid()) or 0) > MIB
    assert memory._resident_bytes(2**22 + 1) is None


def test_what_the_kernel_can_drop_is_not_held() -> None:
    status = "VmRSS: 900 kB\nRssAnon:\t  400 kB\nRssFile:\t  450 kB\nRssShmem:\t   50 kB\n"
    assert unreclaimable_bytes_in(status) == 450 * 1024
    assert unreclaimable_bytes_in("") == 0


def test_what_a_child_allocates_is_held_until_it_is_gone() -> None:
    size = 32 * MIB
    before = held_by_children(os.getpid())
    words = f"import sys; kept = bytearray({size}); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", words], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert held_by_children(os.getpid()) - before >= size
    assert held_by_children(os.getpid()) - before < size
    assert held_by_children(2**22 + 1) == 0
