"""`./task new:server NAME`, from the command to an answer, in a clone of its own."""

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COLOUR = re.compile(r"\x1b\[\d*m")  # a hosted workflow makes Task colour what it prints
DEADLINE_S = 180
PROMISED_S = 60
PORT = 11450
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".task", "dist", "__pycache__", "*.gguf", ".*_cache", ".hypothesis"
)


class Clone:
    """A copy of the repository with its tools, where a person types commands."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root, self.home = root, home

    def task(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ALIVE_", "VIRTUAL_ENV"))}
        return subprocess.run(
            [self.root / "task", *arguments],
            cwd=self.root,
            env=kept | {"XDG_STATE_HOME": str(self.home)},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )

    def files(self) -> dict[str, bytes]:
        """Everything that git would see."""
        listed = subprocess.run(
            ["git", "ls-files", "--others", "--cached", "--exclude-standard"],
            cwd=self.root,
            capture_output=True,
            text=True,
            check=True,
        )
        return {name: (self.root / name).read_bytes() for name in listed.stdout.splitlines()}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    folder = tmp_path_factory.mktemp("clone")
    root = folder / "repository"
    shutil.copytree(ROOT, root, ignore=NOT_COPIED, symlinks=True)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    clone = Clone(root, folder / "home")
    done = clone.task("install:packages")
    assert done.returncode == 0, done.stderr
    yield clone
    clone.task("down")


def test_from_the_command_to_an_answer_in_a_minute_and_every_check_still_passes(clone: Clone) -> None:
    begun = time.monotonic()
    made = clone.task("new:server", "weather")
    assert made.returncode == 0, made.stderr
    assert "./task up:weather" in made.stdout

    up = clone.task("up:weather", "--", "--detach", "--port", "0")
    assert up.returncode == 0, up.stderr
    url = up.stdout.split()[1]
    question = {"model": "chat", "messages": [{"role": "user", "content": "Hello you"}]}
    request = urllib.request.Request(
        f"{url}/v1/chat/completions", json.dumps(question).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
        assert json.load(answer)["choices"][0]["message"]["content"] == "Hello you"
    assert time.monotonic() - begun < PROMISED_S

    assert (
        f"PORT: Final = {PORT} "
        in (clone.root / "services/weather_server/src/weather_server/constants.py").read_text()
    )
    listed = COLOUR.sub("", clone.task("--list").stdout)
    assert re.search(rf"up:weather: +Serve: weather on 127.0.0.1:{PORT}", listed)
    assert "weather_server" in clone.task("ps").stdout
    for check in ("check:style", "check:types", "check:imports", "check:lock", "check:docs"):
        done = clone.task(check)
        assert done.returncode == 0, f"{check}: {done.stdout}{done.stderr}"
    tested = clone.task("test:unit", "--", "tests/weather_server")
    assert tested.returncode == 0, tested.stdout
    assert clone.task("down").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("new:server", "Weather-2"), "`Weather-2` cannot be a server's name"),
        (("new:server", "command"), "There is a server `command` already"),
        (("new:server", "one", "two"), "Give your server one name"),
        (("new:server",), "Give your server one name"),
    ],
)
def test_a_wrong_name_is_one_sentence_and_makes_nothing(clone: Clone, arguments: tuple[str, ...], words: str) -> None:
    before = clone.files()
    done = clone.task(*arguments)
    assert done.returncode != 0
    assert words in done.stderr.splitlines()[0]
    assert "Traceback" not in done.stderr
    assert clone.files() == before


def test_a_lock_that_fails_undoes_everything(clone: Clone) -> None:
    before = clone.files()
    template = clone.root / "tools/new_server/template/pyproject.toml.in"
    good = template.read_text()
    template.write_text(good.replace("@CORE@", "999"))  # a version of the core that nobody has
    try:
        done = clone.task("new:server", "stormy")
    finally:
        template.write_text(good)
    assert done.returncode != 0
    assert "so nothing was made" in done.stderr
    assert clone.files() == before
