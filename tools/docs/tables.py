"""Write the tables of the documentation that the code knows best.

A table stands between two marks, each on a line of its own: `<!-- table: errors -->` and `<!-- end of table -->`. Run
from the root: `python -m tools.docs.tables` writes every table anew; `--check` only says which pages are stale.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.checks.docs import pages
from tools.docs.bundled import bundled_table
from tools.docs.errors import error_table
from tools.docs.functionalities import ENGLISH, PORTUGUESE, functionality_table
from tools.docs.metrics import metric_table
from tools.docs.ports import port_table
from tools.docs.settings import setting_table

TABLES: Mapping[str, Callable[[], list[tuple[str, ...]]]] = {
    "bundled-models": bundled_table,
    "errors": error_table,
    "functionalities": lambda: functionality_table(ENGLISH),
    "functionalities-pt-br": lambda: functionality_table(PORTUGUESE),
    "metrics": metric_table,
    "ports": port_table,
    "settings": setting_table,
}
"""Each table's name and what makes its rows, headings first."""

END = "<!-- end of table -->"
MARKED = re.compile(rf"(<!-- table: (?P<name>[\w-]+) -->\n)(?P<old>.*?)({END})", re.DOTALL)


def fill(text: str) -> str:
    """`text` with every marked table as the code would have it now. Raises ValueError for an unknown or open mark."""
    if text.count("<!-- table:") != len(MARKED.findall(text)):
        raise ValueError(f"a table's mark is not followed by {END}")
    return MARKED.sub(lambda found: f"{found[1]}{markdown(_rows(found['name']))}{END}", text)


def markdown(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows as a Markdown table; the first one is the headings."""
    headings, *rest = rows
    lines = [headings, tuple("---" for _ in headings), *rest]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def main(arguments: Sequence[str]) -> int:
    """Write, or with `--check` compare; returns the exit status."""
    stale = 0
    for page in pages(Path.cwd()):
        text = page.read_text(encoding="utf-8")
        filled = fill(text)
        if filled == text:
            continue
        if "--check" in arguments:
            print(f"{page.relative_to(Path.cwd())}: a table is stale; python -m tools.docs.tables writes it anew")
            stale += 1
        else:
            page.write_text(filled, encoding="utf-8")
    return 1 if stale else 0


def _rows(name: str) -> list[tuple[str, ...]]:
    if name not in TABLES:
        raise ValueError(f"there is no table called {name!r}; known: {', '.join(TABLES)}")
    return TABLES[name]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
