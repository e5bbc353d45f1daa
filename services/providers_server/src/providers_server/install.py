"""`python -m providers_server.install`: fetch what serves by default, once; say nothing where it is there already.

The model comes from the hub where that answers within a few seconds, else it is made on this machine; see
`tools/export_embed/README.md`. Its licence (Apache-2.0) asks for no agreement and its size is 90 MB, so nobody is
asked either.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from alive_core import AliveError, install_model
from providers_server.constants import EMBED_MODEL

CATALOGUE = Path(__file__).with_name("catalogue.toml")


def main() -> int:
    """Install into this user's store; return the exit status."""
    try:
        install(os.environ, sys.stdout)
    except AliveError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped; the next run goes on from here.\n")
        return 130
    return 0


def install(environ: Mapping[str, str], out: TextIO) -> Path:
    """Make the default model present and return its path. Raises AliveError where it cannot be had."""
    return install_model(EMBED_MODEL, CATALOGUE, environ, out)


if __name__ == "__main__":
    sys.exit(main())
