"""`python -m tools.new_server NAME`: make `services/NAME_server`, its tests, its tasks and its place in the lock.

Everything is undone when anything fails, Ctrl-C included: there is never half a server. Run from the root, on the
interpreter of `.venv`.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from alive_core.constants import NEW_SERVER_FIRST_PORT
from tools.new_server.names import (
    SUFFIX,
    Refused,
    distribution_of,
    free_port,
    ports_in,
    server_name,
    with_project,
    with_tasks,
)

TEMPLATE = Path(__file__).with_name("template")
EXAMPLE = Path("examples/echo_server")
CHANGED = (Path("pyproject.toml"), Path("pdm.lock"), Path("services/Taskfile.yml"))
"""Files that are edited, and put back where something fails."""
PLACES: Mapping[str, str] = {
    "pyproject.toml.in": "services/@PACKAGE@/pyproject.toml",
    "README.md.in": "services/@PACKAGE@/README.md",
    "__init__.py.in": "services/@PACKAGE@/src/@PACKAGE@/__init__.py",
    "__main__.py.in": "services/@PACKAGE@/src/@PACKAGE@/__main__.py",
    "main.py.in": "services/@PACKAGE@/src/@PACKAGE@/main.py",
    "constants.py.in": "services/@PACKAGE@/src/@PACKAGE@/constants.py",
    "adapters.py.in": "services/@PACKAGE@/src/@PACKAGE@/adapters/__init__.py",
    "test_echo.py.in": "tests/@PACKAGE@/adapters/test_echo.py",
    "test_server.py.in": "tests/@PACKAGE@/test_server.py",
}
UP_TASK = re.compile(r"^  up:([\w-]+):", re.MULTILINE)
LINES_SHOWN = 8


def main(arguments: list[str]) -> int:
    """Make one; returns the exit status, after one sentence where it is not 0."""
    try:
        if len(arguments) != 1:
            raise Refused("Give your server one name: ./task new:server weather")
        name = server_name(arguments[0], taken_names())
        port = free_port(NEW_SERVER_FIRST_PORT, ports_in(constants_files()))
        with all_or_nothing(name):
            write(name, port)
            sort_imports(name)
            lock()
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; nothing was made.", file=sys.stderr)
        return 130
    print(f"services/{name}{SUFFIX} is made. It repeats what you say; its README tells what to change.")
    print(f"Serve it on 127.0.0.1:{port}:  ./task up:{name}")
    return 0


def taken_names() -> set[str]:
    """Every server that there is, and every task `up:NAME`."""
    folders = [path for place in ("services", "libs", "tests") for path in Path(place).iterdir()]
    tasks = UP_TASK.findall(Path("Taskfile.yml").read_text(encoding="utf-8"))
    return {folder.name.removesuffix(SUFFIX) for folder in folders} | set(tasks)


def constants_files() -> Iterator[str]:
    """The texts in which the ports of earlier new servers stand."""
    for path in Path().glob("services/*/src/*/constants.py"):
        yield path.read_text(encoding="utf-8")


@contextmanager
def all_or_nothing(name: str) -> Iterator[None]:
    """Undo everything when the block fails, whatever the reason; SIGTERM counts as Ctrl-C."""
    before = {path: path.read_bytes() if path.exists() else None for path in CHANGED}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except BaseException:
        for folder in ("services", "tests"):
            shutil.rmtree(Path(folder) / f"{name}{SUFFIX}", ignore_errors=True)
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)
        raise


def write(name: str, port: int) -> None:
    """The files of the server, and its lines in the files of the project."""
    package = f"{name}{SUFFIX}"
    words = {"@NAME@": name, "@PACKAGE@": package, "@DISTRIBUTION@": distribution_of(name), "@PORT@": str(port)}
    words["@CORE@"] = core_version()
    for template, place in PLACES.items():
        put(Path(filled(place, words)), filled((TEMPLATE / template).read_text(encoding="utf-8"), words))
    code = Path(f"services/{package}/src/{package}")
    put(code / "py.typed", "")
    for source, place in (("echo.py", "adapters/echo.py"), ("profiles.toml", "profiles.toml")):
        put(code / place, (EXAMPLE / source).read_text(encoding="utf-8"))
    project, tasks = Path("pyproject.toml"), Path("services/Taskfile.yml")
    project.write_text(with_project(project.read_text(encoding="utf-8"), name), encoding="utf-8")
    tasks.write_text(with_tasks(tasks.read_text(encoding="utf-8") if tasks.exists() else "", name, port), "utf-8")


def filled(text: str, words: Mapping[str, str]) -> str:
    """The text with the server's own words in it."""
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text


def put(path: Path, text: str) -> None:
    """A file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def core_version() -> str:
    """The version of the core that stands beside it."""
    found = re.search(r'^version = "(.+)"$', Path("libs/alive_core/pyproject.toml").read_text(), re.MULTILINE)
    if found is None:
        raise Refused("libs/alive_core/pyproject.toml names no version.")
    return found[1]


def sort_imports(name: str) -> None:
    """Where the server's own imports stand depends on its name."""
    folders = [f"{place}/{name}{SUFFIX}" for place in ("services", "tests")]
    subprocess.run([sys.executable, "-m", "ruff", "check", "--quiet", "--select", "I", "--fix", *folders], check=True)


def lock() -> None:
    """Bring `pdm.lock` in line; what is pinned stays pinned."""
    environment = os.environ | {
        "PDM_IGNORE_SAVED_PYTHON": "1",
        "PDM_CHECK_UPDATE": "0",
        "VIRTUAL_ENV": str(Path(".venv").absolute()),
    }
    command = [".tools/base/bin/python", "-m", "pdm", "lock", "--quiet", "--group", ":all", "--update-reuse"]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        print("\n".join((done.stdout + done.stderr).splitlines()[-LINES_SHOWN:]), file=sys.stderr)
        raise Refused("The lock could not be brought in line (the lines above say why), so nothing was made.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
