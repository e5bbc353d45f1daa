"""An adapter class crosses the process border as its dotted path."""

import importlib
import operator
import sys

from alive_core.adapters.protocols import Adapter
from alive_core.errors import ConfigurationError, LoadFailed


def path_of(adapter: type[Adapter]) -> str:
    """`package.module:Class`. Raises ConfigurationError where a child could not find the class under that name."""
    path = f"{adapter.__module__}:{adapter.__qualname__}"
    remedy = 'Move it to the top level of a module of its own, or set engine = "inline" on the target.'
    if adapter.__module__ == "__main__":
        raise ConfigurationError(f"Adapter {path} is part of the running script, so no child can import it. {remedy}")
    try:
        found = operator.attrgetter(adapter.__qualname__)(sys.modules[adapter.__module__])
    except (AttributeError, KeyError):
        found = None
    if found is not adapter:
        raise ConfigurationError(f"Adapter {path} is not what its name leads to, so no child can import it. {remedy}")
    return path


def adapter_at(path: str) -> type[Adapter]:
    """The class at `package.module:Class`. Raises LoadFailed where importing it fails, for whatever reason."""
    module, _, name = path.partition(":")
    try:
        adapter: type[Adapter] = operator.attrgetter(name)(importlib.import_module(module))
    except Exception as error:
        raise LoadFailed(
            f"The child process cannot import adapter {path} ({type(error).__name__}: {error}). "
            "Its module must be importable by name and install everything it imports."
        ) from error
    return adapter
