"""The `task` script on its own: a copy of it in an empty folder, fakes instead of Python and pip, no network."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 30
SYSTEM_COMMANDS = [
    "sh",
    "dirname",
    "cat",
    "grep",
    "tail",
    "mkdir",
    "mkfifo",
    "rm",
    "cp",
    "chmod",
    "ln",
    "env",
    "printf",
]

# Plays a Python with venv and pip: `-m venv DIR` makes a folder with itself inside, `-m pip install` puts a `task`
# there that repeats its arguments. VERSION, WITHOUT_ENSUREPIP, PIP_FAILS and BARRIER steer it.
FAKE_PYTHON = """#!/bin/sh
case "$*" in
    *version_info*) echo "${VERSION:-3.11}" ;;
    *ensurepip*) [ -z "${WITHOUT_ENSUREPIP:-}" ] ;;
    *'import pdm'*) [ -e "$(dirname "$0")/pdm" ] ;;
    *os.rename*) shift 2; [ ! -d "$2" ] && mv "$1" "$2" ;;
    '-m venv '*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    '-m pip install '*)
        if [ -n "${PIP_FAILS:-}" ]; then echo "ERROR: no route to the index" >&2; exit 1; fi
        bin=$(dirname "$0")
        if [ -n "${BARRIER:-}" ]; then
            mkfifo "$BARRIER/go.$$"
            echo "$$" >"$BARRIER/arrived"
            cat "$BARRIER/go.$$"
        fi
        printf '#!/bin/sh\\necho "task $*"\\n' >"$bin/task"
        chmod +x "$bin/task"
        : >"$bin/pdm" ;;
    *) echo "unexpected: $*" >&2; exit 9 ;;
esac
"""


class Clone:
    """A folder with the script in it and a PATH on which nothing but the chosen commands can be found."""

    def __init__(self, home: Path) -> None:
        self.root = home / "a clone"  # with a blank, as people have them
        self.bin = home / "bin"
        self.root.mkdir()
        self.bin.mkdir()
        shutil.copy(ROOT / "task", self.root)
        for name in [*SYSTEM_COMMANDS, "mv"]:
            if path := shutil.which(name):
                (self.bin / name).symlink_to(path)

    def add_command(self, name: str, text: str = FAKE_PYTHON) -> None:
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.root / "task", *arguments],
            env={"PATH": str(self.bin), **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, environment=environment)
        output, errors = process.communicate(timeout=DEADLINE_S)
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def tools(self) -> set[str]:
        """What lies in `.tools`, logs aside."""
        found = {path.name for path in (self.root / ".tools").glob("*")}
        found |= {path.name for path in (self.root / ".tools").glob(".*")}
        return found - {"setup.log"}


class Barrier:
    """Holds every fake pip until it is let go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir()
        os.mkfifo(folder / "arrived")
        # Open for both ways: neither side waits for the other to open, and no line is lost between two readers.
        self._arrived = os.fdopen(os.open(folder / "arrived", os.O_RDWR), "r")
        self.environment = {"BARRIER": str(folder)}

    def wait_for_one(self) -> str:
        return self._arrived.readline().strip()

    def let_go(self, who: str) -> None:
        (self.folder / f"go.{who}").write_text("")

    def close(self) -> None:
        self._arrived.close()


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


@pytest.fixture
def barrier(tmp_path: Path) -> Iterator[Barrier]:
    made = Barrier(tmp_path / "barrier")
    yield made
    made.close()


def test_missing_python_is_one_sentence_with_the_command_that_helps(clone: Clone) -> None:
    done = clone.run("--list")

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "sudo apt-get install python3 python3-venv" in done.stderr


@pytest.mark.parametrize("version", ["2.7", "3.9", "3.10", "3.14", "4.0"])
def test_python_of_another_version_is_refused_by_its_number(clone: Clone, version: str) -> None:
    clone.add_command("python3")

    done = clone.run("--list", environment={"VERSION": version})

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"python3 here is {version}" in done.stderr
    assert clone.tools() == set()


def test_a_fitting_python_beside_an_unfitting_default_is_found(clone: Clone) -> None:
    clone.add_command("python3", FAKE_PYTHON.replace("${VERSION:-3.11}", "3.14"))
    clone.add_command("python3.12", FAKE_PYTHON.replace("${VERSION:-3.11}", "3.12"))

    assert clone.run("--list").returncode == 0


def test_missing_venv_module_names_its_package(clone: Clone) -> None:
    clone.add_command("python3")

    done = clone.run("--list", environment={"WITHOUT_ENSUREPIP": "1"})

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "sudo apt-get install python3-venv" in done.stderr


def test_task_gets_the_arguments_once_the_tools_are_there(clone: Clone) -> None:
    clone.add_command("python3")

    done = clone.run("models:pull", "--", "a name")

    assert done.returncode == 0
    assert done.stdout == f"task --exit-code --taskfile {clone.root}/Taskfile.yml models:pull -- a name\n"
    assert clone.tools() == {"base"}


def test_second_run_needs_no_python_of_the_system(clone: Clone) -> None:
    clone.add_command("python3")
    clone.run("--tools")
    (clone.bin / "python3").unlink()

    done = clone.run("--list")

    assert done.returncode == 0
    assert done.stderr == ""


def test_failed_download_is_one_sentence_and_leaves_nothing_half_made(clone: Clone) -> None:
    clone.add_command("python3")

    done = clone.run("--list", environment={"PIP_FAILS": "1"})

    assert done.returncode == 1
    assert "check the network" in done.stderr
    assert "no route to the index" in done.stderr
    assert clone.tools() == set()


def test_failed_download_succeeds_the_next_time(clone: Clone) -> None:
    clone.add_command("python3")
    clone.run("--list", environment={"PIP_FAILS": "1"})

    assert clone.run("--list").returncode == 0
    assert clone.tools() == {"base"}


def test_interrupted_run_leaves_nothing_half_made(clone: Clone, barrier: Barrier) -> None:
    clone.add_command("python3")
    process = clone.start("--list", environment=barrier.environment)
    barrier.wait_for_one()

    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=DEADLINE_S)

    assert process.returncode != 0
    assert clone.tools() == set()


def test_killed_run_is_repaired_by_the_next(clone: Clone, barrier: Barrier) -> None:
    clone.add_command("python3")
    process = clone.start("--list", environment=barrier.environment)
    barrier.wait_for_one()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=DEADLINE_S)
    assert clone.tools() == {f".new.{process.pid}"}

    done = clone.run("--list")

    assert done.returncode == 0
    assert clone.tools() == {"base"}


def test_half_made_tools_are_replaced(clone: Clone) -> None:
    clone.add_command("python3")
    (clone.root / ".tools" / "base" / "bin").mkdir(parents=True)

    assert clone.run("--list").returncode == 0


def test_tools_of_other_pins_are_replaced(clone: Clone) -> None:
    clone.add_command("python3")
    clone.run("--tools")
    pins = clone.root / ".tools" / "base" / "pins"
    wanted = pins.read_text()
    pins.write_text("pdm==1.0 go-task-bin==1.0\n")

    clone.run("--tools")

    assert pins.read_text() == wanted


def test_two_runs_at_once_both_succeed_and_leave_one_set_of_tools(clone: Clone, barrier: Barrier) -> None:
    clone.add_command("python3")
    runs = [clone.start("--list", environment=barrier.environment) for _ in range(2)]
    arrived = [barrier.wait_for_one() for _ in runs]

    for who in arrived:
        barrier.let_go(who)
    for run in runs:
        output, errors = run.communicate(timeout=DEADLINE_S)
        assert (run.returncode, output) == (0, f"task --exit-code --taskfile {clone.root}/Taskfile.yml --list\n"), (
            errors
        )

    assert clone.tools() == {"base"}


def test_running_neighbour_keeps_its_folder(clone: Clone, barrier: Barrier) -> None:
    clone.add_command("python3")
    slow = clone.start("--list", environment=barrier.environment)
    who = barrier.wait_for_one()

    assert clone.run("--list").returncode == 0
    assert clone.tools() == {"base", f".new.{slow.pid}"}

    barrier.let_go(who)
    slow.communicate(timeout=DEADLINE_S)
    assert slow.returncode == 0
    assert clone.tools() == {"base"}
