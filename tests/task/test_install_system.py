"""`./task install:system`: names the packages, and calls sudo only when one is missing."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 30
PACKAGES = ["python3", "python3-venv", "git", "ca-certificates", "curl"]


class System:
    """A computer with chosen packages and a chosen user; apt-get and sudo only say what they were asked."""

    def __init__(self, home: Path) -> None:
        self.bin = home / "bin"
        self.clone = home / "clone"
        self.bin.mkdir()
        (self.clone / "tools").mkdir(parents=True)
        shutil.copy(ROOT / "task", self.clone)
        shutil.copy(ROOT / "tools" / "install_system.sh", self.clone / "tools")
        for name in ["sh", "cat", "dirname"]:
            (self.bin / name).symlink_to(shutil.which(name) or "")
        self.add("id", "echo 1000")

    def add(self, name: str, script: str) -> None:
        (self.bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.bin / name).chmod(0o755)

    def add_debian(self, *installed: str) -> None:
        self.add("apt-get", 'echo "apt-get $*"')
        pattern = "|".join(installed) or "none"
        self.add("dpkg-query", f"for last do :; done; case $last in {pattern}) printf installed ;; *) exit 1 ;; esac")

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.clone / "task", "install:system"],
            env={"PATH": str(self.bin)},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


def test_nothing_missing_asks_nobody(system: System) -> None:
    system.add_debian(*PACKAGES)

    done = system.run()

    assert done.returncode == 0
    assert "nothing to do" in done.stdout
    assert "apt-get" not in done.stdout


def test_every_package_is_named_and_explained(system: System) -> None:
    system.add_debian(*PACKAGES)

    explained = [line.split(maxsplit=1) for line in system.run().stdout.splitlines() if line.startswith("  ")]

    assert [name for name, _ in explained] == PACKAGES
    assert all(len(reason.split()) >= 3 for _, reason in explained)


def test_only_what_is_missing_is_installed_with_sudo(system: System) -> None:
    system.add_debian("python3", "git", "ca-certificates")
    system.add("sudo", 'echo "sudo $*"')

    assert system.run().stdout.splitlines()[-1] == "sudo apt-get install --yes python3-venv curl"


def test_administrator_needs_no_sudo(system: System) -> None:
    system.add_debian("python3")
    system.add("id", "echo 0")

    assert system.run().stdout.splitlines()[-1] == "apt-get install --yes python3-venv git ca-certificates curl"


def test_without_sudo_the_command_for_the_administrator_is_named(system: System) -> None:
    system.add_debian("python3", "python3-venv", "git", "ca-certificates")

    done = system.run()

    assert done.returncode == 1
    assert "apt-get install curl" in done.stderr


def test_other_systems_get_the_list_and_a_sentence(system: System) -> None:
    done = system.run()

    assert done.returncode == 1
    assert "python3-venv" in done.stdout
    assert "no apt-get" in done.stderr
