"""Run every suite against command_server on a free port and write `docs/conformance.md`.

`python -m tools.conformance`, from the root. The suites live in `.tools/conformance`, installed once from
`requirements.txt` and `package-lock.json` in this folder. Returns 1 where a check that does not pass has no
explanation in `explanations.toml`.
"""

import datetime
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import command_server
from tools.conformance.page import Run, page, problems
from tools.conformance.results import Json, from_compatcanary, from_llm_comply, from_provider_check
from tools.install_node import find_node, npm_of

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
HOME = ROOT / ".tools" / "conformance"
STAMP = HOME / "installed"
PAGE = ROOT / "docs" / "conformance.md"
BIN = HOME / "bin"
CANARY = HOME / "node_modules" / "compatcanary"
FILES = ("requirements.txt", "package.json", "package-lock.json", ".npmrc")
TWO_FIELDS = "presence_penalty,frequency_penalty"
SUITE_TIMEOUT_S = 300


def install() -> None:
    """Put the suites into `.tools/conformance`, unless they are there."""
    wanted = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    print("Installing the conformance suites (under a minute, only this once) ...", file=sys.stderr)
    shutil.rmtree(HOME, ignore_errors=True)
    _run(sys.executable, "-m", "venv", HOME)
    pip = [BIN / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run(*pip, "-r", HERE / "requirements.txt")
    for name in FILES[1:]:
        shutil.copy(HERE / name, HOME)
    _run(*npm_of(_node()), "ci", "--ignore-scripts", "--silent")
    STAMP.write_text(wanted)


def _run(*command: str | Path) -> None:
    """Run a step of the installation in its folder; its words are shown only when it fails."""
    folder = HOME if HOME.exists() else ROOT
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"The conformance suites could not be installed: {done.stdout}{done.stderr}")


@contextmanager
def serving() -> Iterator[str]:
    """command_server on a free port while the block runs; its API's address."""
    command = [sys.executable, "-m", "command_server", "--port", "0"]
    with tempfile.TemporaryDirectory() as state:
        environment = os.environ | {"XDG_STATE_HOME": state}
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line.startswith("ready "):
                raise SystemExit("command_server did not start; ./task up:command says why.")
            yield f"{line.split()[1]}/v1"
        finally:
            process.terminate()
            process.communicate()


def run_all(api: str) -> list[Run]:
    """Every suite, one after another."""
    return [
        _comply(api, "llm-comply-chat", "llm-comply, OpenAI Chat", "openai-chat"),
        _comply(api, "llm-comply-responses", "llm-comply, Open Responses", "open-responses"),
        _comply(
            api,
            "llm-comply-responses-without",
            "llm-comply, Open Responses without two fields",
            "open-responses",
            ignore=TWO_FIELDS,
        ),
        _provider_check(api),
        _canary(api),
    ]


def _comply(api: str, key: str, title: str, kind: str, *, ignore: str | None = None) -> Run:
    words = ["llm-comply", "--json", "--format", kind, "-u", "URL", "-k", "any", "-m", "chat"]
    words += ["-i", ignore] if ignore else []
    report = _report(words, api, BIN / words[0])
    return Run(key, title, _pinned("llm-comply"), " ".join(words), from_llm_comply(report))


def _provider_check(api: str) -> Run:
    words = ["trustedrouter-provider-check", "--base-url", "URL", "--model", "chat", "--tier", "5", "--json", "FILE"]
    results = from_provider_check(_report(words, api, BIN / words[0]))
    return Run("provider-check", words[0], _pinned(words[0]), " ".join(words), results)


def _canary(api: str) -> Run:
    words = ["compatcanary", "scan", "--base-url", "URL", "--model", "chat", "--format", "json", "--output", "FILE"]
    results = from_compatcanary(_report(words, api, _node(), CANARY / "src" / "cli.js"))
    package = json.loads((CANARY / "package.json").read_text())
    return Run("compatcanary", "compatcanary", package["version"], " ".join(words), results)


def _report(words: list[str], api: str, *program: Path) -> Json:
    """Run a suite and return its report, from the file it was told to write or from what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        arguments = [{"URL": api, "FILE": str(file)}.get(word, word) for word in words[1:]]
        done = subprocess.run(
            [*program, *arguments], capture_output=True, text=True, timeout=SUITE_TIMEOUT_S, check=False
        )
        try:
            return json.loads(file.read_text() if "FILE" in words else done.stdout)
        except (FileNotFoundError, json.JSONDecodeError):
            raise SystemExit(f"{words[0]} gave no report (status {done.returncode}): {done.stderr}") from None


def _node() -> Path:
    node = find_node()
    if node is None:
        raise SystemExit("There is no Node; ./task install:clients brings one.")
    return node


def _pinned(name: str) -> str:
    pins = dict(line.split("==") for line in (HERE / "requirements.txt").read_text().split())
    return pins[name]


def main() -> int:
    """Install, run, write; returns the exit status."""
    install()
    with serving() as api:
        runs = run_all(api)
    explanations = tomllib.loads((HERE / "explanations.toml").read_text())
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    server = f"command_server {command_server.__version__} on alive_core {version('alive-core')}"
    PAGE.write_text(page(runs, explanations, server=server, date=today))
    found = list(problems(runs, explanations))
    for problem in found:
        print(problem, file=sys.stderr)
    print(f"Written: {PAGE.relative_to(ROOT)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
