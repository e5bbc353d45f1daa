"""Documentation pages run as a reader would run them, against real servers on free ports.

Bash blocks each get a shell in the page's folder; `./task` stands there in a short form that starts the same programs
without installing first. Python blocks share one interpreter per page, so a name given early is known later.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.servers import alive, environment
from tools.docs.pages import Block, blocks, shape

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 120.0

TASK = """#!/bin/sh
name=$1
shift
if [ "${{1:-}}" = -- ]; then shift; fi
case $name in
    up:*) exec "{python}" -m "${{name#up:}}_server" "$@" ;;
    ps | down | logs) exec "{python}" -m alive_core "$name" "$@" ;;
    models:*) exec "{python}" -m alive_core models "${{name#models:}}" "$@" ;;
    *) echo "the pages' tests know no task $name" >&2; exit 2 ;;
esac
"""

INTERPRETER = """
import contextlib, io, json, sys, traceback
names = {"__name__": "__main__"}
for line in sys.stdin:
    block = json.loads(line)
    words, failure = io.StringIO(), None
    try:
        with contextlib.redirect_stdout(words):
            exec(compile(block["text"], block["where"], "exec"), names)
    except BaseException:
        failure = traceback.format_exc()
    print(json.dumps([words.getvalue(), failure]), flush=True)
"""


class PageFailed(AssertionError):
    """A block did not do what the page says."""


@dataclass(frozen=True)
class Reader:
    """Someone who works through a page: a folder to work in, and what stands for each address on it."""

    folder: Path
    addresses: Mapping[str, str]
    """Host and port as the page writes them, and where the tests' server really is."""

    def read(self, page: Path) -> int:
        """Run every block of `page` in order and hold its output against the page. Returns how many were run."""
        self._prepare()
        try:
            with _Python(self.folder) as python:
                return self._work_through(page, python)
        finally:
            alive("down", home=self.folder / "home")  # what a page left running in the background

    def _work_through(self, page: Path, python: "_Python") -> int:
        printed, run = "", 0
        for block in blocks(page.read_text(encoding="utf-8")):
            where = f"{page.name}:{block.line}"
            if block.note.startswith("prints "):
                check_output(block, printed, where)
            if not block.is_run:
                continue
            text, run = self._placed(block.text), run + 1
            if block.language == "python":
                printed = python.run(text, where)
            else:
                printed = self._shell(text, where, is_refused=block.note == "answers with an error")
        return run

    def _prepare(self) -> None:
        (self.folder / "services").symlink_to(ROOT / "services")
        task = self.folder / "task"
        task.write_text(TASK.format(python=sys.executable))
        task.chmod(0o755)

    def _placed(self, text: str) -> str:
        for written, real in self.addresses.items():
            text = text.replace(written, real)
        return text

    def _shell(self, text: str, where: str, *, is_refused: bool) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.folder,
            env=_environment(self.folder),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        if done.returncode or is_error(done.stdout) != is_refused:
            raise PageFailed(f"{where}: exit status {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout


class _Python:
    """One interpreter that runs block after block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> "_Python":
        self._process = subprocess.Popen(
            [sys.executable, "-c", INTERPRETER],
            cwd=self._folder,
            env=_environment(self._folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=TIMEOUT_S)

    def run(self, text: str, where: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"text": text, "where": where}) + "\n")
        self._process.stdin.flush()
        printed, failure = json.loads(self._process.stdout.readline())
        if failure is not None:
            raise PageFailed(f"{where}:\n{failure}")
        return str(printed)


def is_error(printed: str) -> bool:
    """Whether a program printed the answer to a refused request."""
    return printed.startswith('{"error":')


def check_output(shown: Block, printed: str, where: str) -> None:
    """Raise PageFailed unless `printed` is what the page shows, as its comment asks."""
    match shown.note:
        case "prints exactly":
            same = printed.strip() == shown.text.strip()
        case "prints the same shape":
            same = shape(json.loads(printed)) == shape(json.loads(shown.text))
        case _:
            raise PageFailed(f"{where}: the comment `{shown.note}` is not known")
    if not same:
        raise PageFailed(f"{where}: the page shows\n{shown.text}\nbut this was printed:\n{printed}")


def _environment(folder: Path) -> dict[str, str]:
    return environment(folder / "home", PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
