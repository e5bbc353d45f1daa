"""A whole GPU-only server: `python main.py`, or `python main.py --cpu` to try it without a GPU."""

import sys
from pathlib import Path

from gguf_adapter import GgufAdapter

from alive_core import Service, run
from alive_core.constants import THIRD_SERVER_PORT

SERVICE = Service(
    name="third_server",
    version="0.1.0",
    port=THIRD_SERVER_PORT,
    adapters={"gguf": GgufAdapter},
    folder=Path(__file__).parent,
    gpu="required",
)

if __name__ == "__main__":
    sys.exit(run(SERVICE))
