"""`task bench`: measure the headline figures and print them. `-- NAME` measures only that one."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parent.parent
NAMES = ("startup", "wire", "access", "chain", "cache", "engine")
"""Each is a module here with `figures()`."""


def main() -> int:
    """Print every figure as it is measured; returns 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure; all where none is named")
    names = parser.parse_args().names or NAMES
    sys.path.insert(0, str(ROOT / "tests"))  # the servers are started as the tests start them
    missed = 0
    for name in names:
        print(f"\n{name}", flush=True)
        for figure in import_module(f"benchmarks.{name}").figures():
            print(f"  {figure.line()}", flush=True)
            missed += not figure.is_met
    print(f"\n{missed} missed" if missed else "\nall goals met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
