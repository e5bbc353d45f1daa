"""An adapter that can be imported here, and not again: what a child finds where a library is missing."""

import os

from support.adapters import Liar

PARENT = "ALIVE_TEST_IMPORTING_PID"

if os.environ.setdefault(PARENT, str(os.getpid())) != str(os.getpid()):
    raise ImportError("No module named 'heavy_library'")


class NeedsLibrary(Liar):
    """Its module imports only in the first process that tries."""
