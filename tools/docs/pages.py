"""The code on a documentation page: each fenced block, its language, and what stands about it in a comment above.

A comment on the line before a block says what a reader need not see:

    <!-- not run: REASON -->           an executable block that the tests leave out, and why
    <!-- answers with an error -->     a bash block whose request is meant to be refused
    <!-- prints exactly -->            a block that is what the block before it prints
    <!-- prints the same shape -->     likewise, but only keys and types of its JSON count
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

FENCE: Final = re.compile(r"^(?P<fence>```+|~~~+)(?P<info>.*)$")
COMMENT: Final = re.compile(r"^<!-- (?P<words>.*) -->$")
EXECUTABLE: Final = frozenset({"bash", "python"})
SHOWN: Final = frozenset({"json", "toml", "text"})
"""Languages of blocks that are only looked at; JSON and TOML must still be well-formed."""


@dataclass(frozen=True)
class Block:
    """One fenced block. `line` is the 1-based line of its fence."""

    line: int
    language: str
    text: str
    note: str = ""
    """The comment on the line above, without its marks."""

    @property
    def is_run(self) -> bool:
        """Whether the tests execute it."""
        return self.language in EXECUTABLE and not self.note.startswith("not run: ")


def blocks(text: str) -> Iterator[Block]:
    """Every fenced block of a page, in order. Raises ValueError where one is never closed."""
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        opening = FENCE.match(lines[number])
        if opening is None:
            number += 1
            continue
        try:
            end = lines.index(opening["fence"], number + 1)
        except ValueError:
            raise ValueError(f"the block of line {number + 1} is never closed") from None
        body = "".join(f"{line}\n" for line in lines[number + 1 : end])
        yield Block(number + 1, opening["info"].strip(), body, _note(lines, number))
        number = end + 1


def _note(lines: list[str], number: int) -> str:
    found = COMMENT.match(lines[number - 1]) if number else None
    return found["words"] if found else ""


def shape(value: object) -> object:
    """Keys and types of decoded JSON; a list is the shapes that occur in it, each once."""
    match value:
        case dict():
            return {key: shape(item) for key, item in value.items()}
        case list():
            shapes: list[object] = []
            for item in value:
                if shape(item) not in shapes:
                    shapes.append(shape(item))
            return shapes
        case bool() | None:
            return type(value).__name__
        case int() | float():
            return "number"
        case _:
            return type(value).__name__
