"""The examples as their users have them: folders of scripts, not installed packages."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from support.servers import END_TIMEOUT_S, Server, environment, ready_url

EXAMPLES = Path(__file__).parents[2] / "examples"


def import_from(folder: Path, module: str) -> ModuleType:
    """Import a script's neighbour as the script would; children find it too."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return importlib.import_module(module)


@contextmanager
def running_script(
    script: Path, home: Path, *arguments: str, python: Path = Path(sys.executable)
) -> Iterator[Server]:
    """Start `python script` on a free port, wait for its ready line, and end it when the block ends."""
    home.mkdir(parents=True, exist_ok=True)
    log = home / f"{script.parent.name}.stderr"
    with log.open("w+") as words:
        process = subprocess.Popen(
            [str(python), str(script), "--port", "0", *arguments],
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=words,
            text=True,
        )
        try:
            yield Server(ready_url(process, log), process, home)
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(END_TIMEOUT_S)
            assert process.stdout is not None
            process.stdout.close()
