"""`./task up:NAME` turns into the server itself, so that signals reach it and not a parent that waits."""

import signal
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 30

FAKE_TASK = """#!/bin/sh
echo "task $*"
[ -z "${PREPARE_FAILS:-}" ]
"""

# Says who it is and what it was told, then waits for the end of its input or a signal.
FAKE_SERVER = """#!/bin/sh
trap 'echo stopped; exit 7' TERM
echo "$$"
printf '<%s>' "$@"
echo
read -r _ || :
"""


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone whose tools and packages are there already."""
    script = (ROOT / "task").read_text()
    pins = next(line for line in script.splitlines() if line.startswith("PINS=")).split("'")[1]
    executable(tmp_path / "task", script)
    executable(tmp_path / ".tools" / "base" / "bin" / "task", FAKE_TASK)
    executable(tmp_path / ".tools" / "base" / "bin" / "python", "#!/bin/sh\n")
    executable(tmp_path / ".venv" / "bin" / "python", FAKE_SERVER)
    (tmp_path / ".tools" / "base" / "pins").write_text(f"{pins}\n")
    (tmp_path / "services" / "command_server").mkdir(parents=True)
    return tmp_path


def start(clone: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [clone / "task", *arguments],
        env={"PATH": "/usr/bin:/bin", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def lines(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().rstrip("\n") for _ in range(count)]


def test_server_is_the_process_that_was_started(clone: Path) -> None:
    with start(clone, "up:command") as process:
        said = lines(process, 3)
        process.communicate(timeout=DEADLINE_S)

    assert said[0] == f"task --exit-code --taskfile {clone}/Taskfile.yml prepare:command"
    assert said[1] == str(process.pid)
    assert said[2] == "<-m><command_server>"


def test_the_scripted_server_is_started_from_the_library(clone: Path) -> None:
    with start(clone, "up:scripted", "--", "--port", "0") as process:
        said = lines(process, 3)
        process.communicate(timeout=DEADLINE_S)

    assert said[0] == f"task --exit-code --taskfile {clone}/Taskfile.yml prepare:scripted"
    assert said[2] == "<-m><alive_core.testing.scripted_server><--port><0>"


def test_options_after_two_dashes_reach_the_server_unchanged(clone: Path) -> None:
    with start(clone, "up:command", "--", "--profiles", "my file.toml", "--port", "0") as process:
        said = lines(process, 3)
        process.communicate(timeout=DEADLINE_S)

    assert said[2] == "<-m><command_server><--profiles><my file.toml><--port><0>"


def test_termination_reaches_the_server_and_its_status_comes_back(clone: Path) -> None:
    with start(clone, "up:command") as process:
        lines(process, 3)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=DEADLINE_S)

    assert (output, process.returncode) == ("stopped\n", 7)


def test_server_does_not_start_when_the_preparation_failed(clone: Path) -> None:
    with start(clone, "up:command", PREPARE_FAILS="1") as process:
        output, _ = process.communicate(timeout=DEADLINE_S)

    assert process.returncode == 1
    assert output.count("\n") == 1


@pytest.mark.parametrize("arguments", [("up:command", "--summary"), ("up:nobody",), ("--summary", "up:command")])
def test_what_starts_no_server_is_left_to_task(clone: Path, arguments: tuple[str, ...]) -> None:
    with start(clone, *arguments) as process:
        output, _ = process.communicate(timeout=DEADLINE_S)

    assert output == f"task --exit-code --taskfile {clone}/Taskfile.yml {' '.join(arguments)}\n"
