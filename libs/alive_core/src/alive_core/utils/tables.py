"""Tables and bars for a terminal."""

from collections.abc import Sequence


def format_table(rows: Sequence[Sequence[str]]) -> str:
    """A line for each row: columns as wide as their widest cell, two blanks apart, no blanks at the end.

    All rows have the same number of cells, at least one; no rows give an empty text.
    """
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "".join(f"{line}\n" for line in lines)


def format_bar(share: float, cells: int) -> str:
    """How much of something is done, as `cells` characters: `███░░░`. A share below 0 is none, one above 1 all."""
    full = round(min(max(share, 0.0), 1.0) * cells)
    return "█" * full + "░" * (cells - full)


def clip(text: str, columns: int, lines: int) -> str:
    """What of `text` fits a screen: its first `lines` lines, each with an ellipsis where it was cut."""
    kept = text.splitlines()[:lines]
    return "".join(f"{line if len(line) <= columns else line[: columns - 1] + '…'}\n" for line in kept)
