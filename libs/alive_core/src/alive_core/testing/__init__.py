"""For tests of servers that are built on this library: fakes, a real server within a test, the adapter contract.

Everything here is public and held by a test. Nothing needs more than the library itself; the contract is written for
pytest and does not import it.

    AdapterContract    tests that every adapter has to pass; inherit them
    FakeClock          time that passes only when a test says so
    ScriptedAdapter    an adapter that does what a message tells it
    serving, Served    a real server on a free port, inside the test's own event loop
    client             the same, and an HTTP client of it
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alive_core.testing.clock import FakeClock
    from alive_core.testing.contract import AdapterContract
    from alive_core.testing.scripted import ScriptedAdapter
    from alive_core.testing.server import Served, client, serving

_HOME = {
    "AdapterContract": "contract",
    "FakeClock": "clock",
    "ScriptedAdapter": "scripted",
    "Served": "server",
    "client": "server",
    "serving": "server",
}
"""Each public name and the module that defines it."""

__all__ = ["AdapterContract", "FakeClock", "ScriptedAdapter", "Served", "client", "serving"]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
