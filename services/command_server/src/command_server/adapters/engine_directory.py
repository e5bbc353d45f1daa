"""Where an engine's private socket lies. An engine that was killed leaves its directory; the next one removes it."""

import shutil
import socket
import tempfile
from pathlib import Path
from typing import Final

SOCKET_NAME: Final = "engine.sock"  # the ending tells the engine that it is a path and no host
_PREFIX: Final = "alive-engine-"


def make_engine_directory() -> Path:
    """A new directory that only this user can enter; those of engines that are gone are removed."""
    for directory in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if _is_abandoned(directory):
            shutil.rmtree(directory, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=_PREFIX))


def _is_abandoned(directory: Path) -> bool:
    """There is a socket and nobody behind it. Without a socket, an engine may just be starting."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        try:
            caller.connect(str(directory / SOCKET_NAME))
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False
