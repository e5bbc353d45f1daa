"""The table of errors, from the tree in `alive_core.errors`."""

import inspect

from alive_core import errors
from alive_core.errors import AliveError, ConfigurationError

HEADINGS = ("status", "`code`", "`type`", "what it means")
UNFORESEEN = "The server made a mistake; its log has the details under the answer's `x-request-id`."


def error_table() -> list[tuple[str, ...]]:
    """Everything a client can meet, by status. What other modules derive from the tree has its parent's status and code."""
    kinds = {
        kind
        for kind in AliveError.tree()
        if kind.__module__ == errors.__name__ and not issubclass(kind, ConfigurationError)
    }
    ordered = sorted(kinds, key=lambda kind: (kind.status, kind.code or ""))
    return [HEADINGS, *(_row(kind) for kind in ordered)]


def _row(kind: type[AliveError]) -> tuple[str, ...]:
    code = f"`{kind.code}`" if kind.code else "none"
    meaning = UNFORESEEN if kind is AliveError else inspect.getdoc(kind) or ""
    return str(kind.status), code, f"`{kind.error_type}`", " ".join(meaning.split())
