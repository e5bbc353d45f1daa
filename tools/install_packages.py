"""Install the locked packages into `.venv`, once.

Runs on the interpreter of `.tools/base`, which holds PDM. `--check` exits 0 when nothing is to be done, 1 otherwise.
A stamp inside `.venv` says what was installed; it covers the lock, the members' project files, the Python version and
the folder itself (a moved or copied clone installs anew, because editable packages are found by absolute path).
Two runs at once take turns; the second finds the first one's work. Messages go to standard error.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
LOG = ROOT / ".tools" / "install.log"
LOCK = ROOT / ".tools" / "install.lock"
REQUEST_TIMEOUT_S = "60"
LOG_LINES_SHOWN = 12


def fingerprint() -> str:
    """What an installation made now would stand for."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {ROOT}".encode())
    members = sorted([*ROOT.glob("libs/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")])
    for path in [ROOT / "pdm.lock", *members]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_installed() -> bool:
    """Whether `.venv` holds what the lock asks for."""
    try:
        return STAMP.read_text() == fingerprint() and VENV_PYTHON.exists()
    except FileNotFoundError:
        return False


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the lock that keeps two installations apart; the system drops it when this process ends."""
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another run is installing the packages; waiting for it ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def ensure_venv() -> None:
    """Make `.venv`, or make it anew when its interpreter is gone or of another version."""
    same_version = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    if VENV_PYTHON.exists() and subprocess.run([VENV_PYTHON, "-c", same_version], check=False).returncode == 0:
        return
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--clear", VENV], check=True)


def sync() -> int:
    """Let PDM bring `.venv` in line with the lock; its words go to the log. Returns PDM's exit status."""
    environment = os.environ | {
        "VIRTUAL_ENV": str(VENV),
        "PDM_IGNORE_SAVED_PYTHON": "1",
        "PDM_CHECK_UPDATE": "0",
        "PDM_REQUEST_TIMEOUT": os.environ.get("PDM_REQUEST_TIMEOUT", REQUEST_TIMEOUT_S),
    }
    command = [sys.executable, "-m", "pdm", "sync", "--project", str(ROOT), "--group", ":all"]
    with LOG.open("w") as log:
        return subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
        ).returncode


def say(sentence: str) -> None:
    """One line for the person who waits."""
    print(sentence, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """Check or install; returns the exit status."""
    if is_installed():
        return 0
    if "--check" in arguments:
        return 1
    with only_one():
        if is_installed():
            return 0
        say("Installing the packages into .venv (about a minute the first time) ...")
        STAMP.unlink(missing_ok=True)
        ensure_venv()
        if sync() != 0:
            say("\n".join(LOG.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]))
            say("The packages could not be installed (the lines above say why; all of it: .tools/install.log). ")
            say("If it was the network, run the same command again: it goes on where it stopped.")
            return 1
        STAMP.write_text(fingerprint())
        say("The packages are installed.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
