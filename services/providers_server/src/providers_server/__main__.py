"""`python -m providers_server` serves."""

import sys

from alive_core import run
from providers_server.main import SERVICE

if __name__ == "__main__":
    sys.exit(run(SERVICE))
