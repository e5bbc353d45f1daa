"""The coverage check finds the tests by the mirror rule and fails on an untested branch."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.checks.coverage import tests_of as find_tests

ROOT = Path(__file__).resolve().parents[3]
SOURCE = "libs/alive_core/src/alive_core"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in [f"{SOURCE}/utils", "tests/alive_core/utils", "tests/alive_core/cache", f"{SOURCE}/cache"]:
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / SOURCE / "__init__.py").touch()
    (tmp_path / SOURCE / "cache" / "plan.py").touch()
    return tmp_path


def test_tests_of_a_package_are_its_mirror_folder(root: Path) -> None:
    assert find_tests("alive_core.utils", root) == root / "tests/alive_core/utils"


def test_tests_of_a_module_are_its_mirror_file(root: Path) -> None:
    (root / "tests/alive_core/cache/test_plan.py").touch()

    assert find_tests("alive_core.cache.plan", root) == root / "tests/alive_core/cache/test_plan.py"


@pytest.mark.parametrize("module", ["alive_core.cache.plan", "alive_core.nowhere"])
def test_module_without_tests_or_without_source_has_none(root: Path, module: str) -> None:
    assert find_tests(module, root) is None


def run(root: Path, test: str) -> subprocess.CompletedProcess[str]:
    """The whole check on a project of one pure module with one branch."""
    (root / "pyproject.toml").write_text(
        '[tool.alive]\npure = ["alive_core.utils"]\n'
        f'[tool.pytest.ini_options]\naddopts = "--import-mode=importlib"\npythonpath = ["{SOURCE}/.."]\n'
    )
    (root / SOURCE / "utils" / "__init__.py").write_text(
        "def sign(x: int) -> str:\n    if x < 0:\n        return '-'\n    return '+'\n"
    )
    (root / "tests/alive_core/utils/test_sign.py").write_text(
        f"from alive_core.utils import sign\n\ndef test_sign():\n    {test}\n"
    )
    return subprocess.run(
        [sys.executable, "-m", "tools.checks.coverage"],
        cwd=root,
        env={"PYTHONPATH": f"{ROOT}:{root / SOURCE}/..", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_full_coverage_passes_in_silence(root: Path) -> None:
    done = run(root, "assert (sign(1), sign(-1)) == ('+', '-')")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_untested_branch_fails_and_is_shown(root: Path) -> None:
    done = run(root, "assert sign(1) == '+'")

    assert done.returncode != 0
    assert "alive_core/utils/__init__.py" in done.stderr
    assert "100" in done.stderr


def test_failing_test_fails_the_check(root: Path) -> None:
    assert run(root, "assert (sign(1), sign(-1)) == ('-', '+')").returncode != 0
