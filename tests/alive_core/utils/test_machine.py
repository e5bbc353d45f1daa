"""Memory of the machine, read from file systems that tests write."""

import os
from pathlib import Path

import pytest

from alive_core.utils.machine import available_memory_bytes, machine_memory_bytes

MEMINFO = "MemTotal:       24684092 kB\nMemFree:  1 kB\nMemAvailable:   1000 kB\n"
MIB = 1024 * 1024
NO_LIMIT = 2**63 - 4096


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def v2(folder: str, limit: str, usage: int, cached: int) -> dict[str, str]:
    base = f"sys/fs/cgroup/{folder}"
    return {
        f"{base}/memory.max": f"{limit}\n",
        f"{base}/memory.current": f"{usage}\n",
        f"{base}/memory.stat": f"anon 5\ninactive_file {cached}\nactive_file 0\n",
    }


def test_where_nothing_tells_nothing_is_known(tmp_path: Path) -> None:
    assert available_memory_bytes(tmp_path) is None
    write(tmp_path, {"proc/meminfo": "MemTotal: 5 kB\n"})
    assert available_memory_bytes(tmp_path) is None
    assert machine_memory_bytes(tmp_path) == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def test_this_machine_has_memory_to_give() -> None:
    assert machine_memory_bytes() >= (available_memory_bytes() or 0)


def test_without_a_limit_the_machine_decides(tmp_path: Path) -> None:
    write(tmp_path, {"proc/meminfo": MEMINFO, "proc/self/cgroup": "0::/\n"})
    assert available_memory_bytes(tmp_path) == 1000 * 1024


@pytest.mark.parametrize(
    ("limit", "usage", "cached", "left"),
    [
        (600, 500, 100, 200),
        (600, 900, 0, 0),
        (600, 5, 9, 600),
    ],
)
def test_a_group_may_take_its_limit_less_what_it_cannot_give_back(
    tmp_path: Path, limit: int, usage: int, cached: int, left: int
) -> None:
    write(tmp_path, {"proc/meminfo": MEMINFO, "proc/self/cgroup": "0::/a/b\n"} | v2("a/b", str(limit), usage, cached))
    assert available_memory_bytes(tmp_path) == left
    assert machine_memory_bytes(tmp_path) == limit


def test_the_tightest_group_around_this_process_counts(tmp_path: Path) -> None:
    write(tmp_path, {"proc/meminfo": MEMINFO, "proc/self/cgroup": "0::/a/b\n"})
    write(tmp_path, v2("a/b", "max", 0, 0) | v2("a", "300", 0, 0) | v2(".", "200", 0, 0))
    assert machine_memory_bytes(tmp_path) == 200


def test_in_a_container_the_mount_is_the_group_though_its_path_is_the_hosts(tmp_path: Path) -> None:
    files = {"proc/meminfo": MEMINFO, "proc/self/cgroup": "3:cpu:/x\n0::/docker/1234\n"}
    write(tmp_path, files | v2(".", "700", 100, 0))
    assert available_memory_bytes(tmp_path) == 600


def test_version_one_is_read_as_well(tmp_path: Path) -> None:
    base = "sys/fs/cgroup/memory/job"
    write(
        tmp_path,
        {
            "proc/meminfo": MEMINFO,
            "proc/self/cgroup": "9:name=systemd:/\n4:memory,hugetlb:/job\n",
            f"{base}/memory.limit_in_bytes": "900\n",
            f"{base}/memory.usage_in_bytes": "500\n",
            f"{base}/memory.stat": "cache 7\ntotal_inactive_file 100\ntotal_active_file 50\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{NO_LIMIT}\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "500\n",
            "sys/fs/cgroup/memory/memory.stat": "",
        },
    )
    assert available_memory_bytes(tmp_path) == 900 - (500 - 150)
    assert machine_memory_bytes(tmp_path) == 900
