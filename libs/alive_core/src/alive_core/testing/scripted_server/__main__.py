"""`python -m alive_core.testing.scripted_server` serves."""

import sys

from alive_core import run
from alive_core.testing.scripted_server.main import SERVICE

if __name__ == "__main__":
    sys.exit(run(SERVICE))
