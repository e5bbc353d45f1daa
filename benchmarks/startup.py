"""How light a server is: import time, time to ready, memory without a model. Each run is a fresh process."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure, median_of
from support.servers import Server, running

RUNS = 5
KIB = 1024
MIB = 1024 * 1024
IMPORT_TIMER = "import time; t = time.perf_counter(); import alive_core; print(time.perf_counter() - t)"


def figures() -> Iterator[Figure]:
    """Import, start and memory of both servers."""
    yield Figure("import alive_core", median_of(_import_ms, RUNS), "ms", 100)
    for service in ("command_server", "providers_server"):
        starts, sizes = zip(*[_start(service) for _ in range(RUNS)], strict=True)
        yield Figure(f"{service}: start to ready", sorted(starts)[RUNS // 2], "s", 1.0)
        yield Figure(f"{service}: resident without a model", sorted(sizes)[RUNS // 2], "MiB", 80)


def resident_mib(pid: int) -> float:
    """Resident memory of a process, MiB."""
    return _status_kib(pid, "VmRSS:") * KIB / MIB


def proportional_mib(pid: int) -> float:
    """Memory of a process with shared pages divided among their users, MiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * KIB / MIB


def _import_ms() -> float:
    done = subprocess.run([sys.executable, "-c", IMPORT_TIMER], capture_output=True, text=True, check=True)
    return float(done.stdout) * 1000


def _start(service: str) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        with running(service, Path(home)) as server:
            return time.perf_counter() - began, _resident(server)


def _resident(server: Server) -> float:
    return resident_mib(server.process.pid)


def _status_kib(pid: int, field: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))
