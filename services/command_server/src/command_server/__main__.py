"""`python -m command_server` serves."""

import sys

from alive_core import run
from command_server.main import SERVICE

if __name__ == "__main__":
    sys.exit(run(SERVICE))
