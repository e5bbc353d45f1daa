"""The table of errors, from the tree in `alive_core.errors`."""

import inspect
import re
from pathlib import Path

from alive_core import errors
from alive_core.errors import AliveError, ConfigurationError

ROOT = Path(__file__).parents[2]
HEADINGS = ("status", "`code`", "`type`", "what it means")
UNFORESEEN = "The server made a mistake; its log has the details under the answer's `x-request-id`."


def error_table() -> list[tuple[str, ...]]:
    """Everything a client can meet, by status.

    A class that nothing makes yet is left out; one that another module derives has its parent's status and code.
    """
    code = "\n".join(file.read_text(encoding="utf-8") for file in _sources())
    kinds = {kind for kind in AliveError.tree() if kind.__module__ == errors.__name__ and is_made(kind, code)}
    kinds -= {ConfigurationError}
    return [HEADINGS, *(_row(kind) for kind in sorted(kinds, key=lambda kind: (kind.status, kind.code or "")))]


def is_made(kind: type[AliveError], code: str) -> bool:
    """Whether `code` makes an error of exactly this class somewhere."""
    return re.search(rf"\b{kind.__name__}\((?!\w*\):)", code) is not None


def _sources() -> list[Path]:
    found = [*ROOT.glob("libs/*/src/**/*.py"), *ROOT.glob("services/*/src/**/*.py")]
    return [file for file in found if file != Path(str(errors.__file__))]


def _row(kind: type[AliveError]) -> tuple[str, ...]:
    code = f"`{kind.code}`" if kind.code else "none"
    meaning = UNFORESEEN if kind is AliveError else inspect.getdoc(kind) or ""
    return str(kind.status), code, f"`{kind.error_type}`", " ".join(meaning.split())
