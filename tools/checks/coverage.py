"""Hold the pure parts at full branch coverage: run their own unit tests and nothing else.

Which modules are pure stands in `pyproject.toml` under `[tool.alive] pure`. The tests of a module are found by the
mirror rule: package `alive_core.utils` by `tests/alive_core/utils/`, module `alive_core.cache.plan` by
`tests/alive_core/cache/test_plan.py`. Run from the root.
"""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

SOURCES = ["libs/alive_core/src", "services/command_server/src", "services/providers_server/src", "."]
REQUIRED_PERCENT = 100


def tests_of(module: str, root: Path) -> Path | None:
    """Where the tests of a module stand, or None when the module or its tests do not exist."""
    relative = Path(*module.split("."))
    for source in SOURCES:
        if (root / source / relative).is_dir():
            tests = root / "tests" / relative
        elif (root / source / relative).with_suffix(".py").is_file():
            tests = root / "tests" / relative.parent / f"test_{relative.name}.py"
        else:
            continue
        return tests if tests.exists() else None
    return None


def command(modules: list[str], tests: list[Path], scratch: Path) -> list[str]:
    """The pytest call that measures the modules; its data file goes to the scratch folder."""
    config = scratch / "coverage.ini"
    config.write_text(f"[run]\nbranch = true\ndata_file = {scratch / 'data'}\n[report]\nskip_covered = true\n")
    measured = [f"--cov={module}" for module in modules]
    return [
        *(sys.executable, "-m", "pytest", "--quiet", "--no-header"),
        *measured,
        "--cov-branch",
        f"--cov-config={config}",
        "--cov-report=term-missing",
        f"--cov-fail-under={REQUIRED_PERCENT}",
        *map(str, tests),
    ]


def main() -> int:
    """Run the tests; print pytest's words only when something is wrong. Returns the exit status."""
    root = Path.cwd()
    modules: list[str] = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["alive"]["pure"]
    tests = {module: tests_of(module, root) for module in modules}
    for module in [module for module, found in tests.items() if found is None]:
        print(f"{module} is listed as pure in pyproject.toml, but it or its tests do not exist", file=sys.stderr)
    if None in tests.values():
        return 1
    with tempfile.TemporaryDirectory() as scratch:
        call = command(modules, [path for path in tests.values() if path], Path(scratch))
        run = subprocess.run(call, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        print(run.stdout, run.stderr, sep="\n", file=sys.stderr)
    return run.returncode


if __name__ == "__main__":
    sys.exit(main())
