"""A whole OpenAI-compatible server: `python examples/echo_server/main.py`."""

import sys
from pathlib import Path

from echo import EchoAdapter

from alive_core import Service, run
from alive_core.constants import ECHO_PORT

SERVICE = Service("echo_server", "0.1.0", ECHO_PORT, {"echo": EchoAdapter}, Path(__file__).parent)

if __name__ == "__main__":
    sys.exit(run(SERVICE))
