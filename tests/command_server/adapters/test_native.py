"""The engine inside this process."""

import subprocess
import sys
import textwrap
from pathlib import Path

WITHIN_S = 60.0
LOADS = 15

FREED_AT_ONCE = """
import multiprocessing, os, sys, time
from pathlib import Path
from alive_core import Target
from command_server.adapters.llamacpp import LlamaCppAdapter

def burn():
    end = time.monotonic() + 60
    while time.monotonic() < end:
        pass

os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core for all, so that the engine's threads start late
others = [multiprocessing.get_context("fork").Process(target=burn, daemon=True) for _ in range(3)]
for other in others:
    other.start()
target = Target(adapter="llamacpp", name="test", path=sys.argv[1], parallel=1, context=256)
for _ in range(int(sys.argv[2])):
    LlamaCppAdapter._load(target)._engine.close()
for other in others:
    other.kill()
"""


def test_an_engine_may_be_freed_as_soon_as_it_is_loaded(small_model: Path) -> None:
    program = textwrap.dedent(FREED_AT_ONCE)
    command = [sys.executable, "-c", program, str(small_model), str(LOADS)]
    done = subprocess.run(command, timeout=WITHIN_S, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
