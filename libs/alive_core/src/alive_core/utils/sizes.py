"""Amounts of memory as people write them."""

import re
from fractions import Fraction
from typing import Final

_STEP: Final = 1024
_LETTERS: Final = "kmgtp"
_BINARY_NAMES: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
# The digits are bounded, so that no text takes long to read.
_SIZE: Final = re.compile(
    r"\s*(?P<number>[0-9]{1,18}(?:\.[0-9]{1,18})?)\s*(?P<unit>[a-z]*)\s*", re.IGNORECASE | re.ASCII
)

_UNITS: Final = {
    "": 1,
    "b": 1,
    **{f"{letter}b": 1000**power for power, letter in enumerate(_LETTERS, start=1)},
    **{f"{letter}ib": _STEP**power for power, letter in enumerate(_LETTERS, start=1)},
    **{letter: _STEP**power for power, letter in enumerate(_LETTERS, start=1)},
}


def parse_bytes(size: int | str) -> int:
    """`8GB`, `512MiB`, `1.5 g` or a number as bytes, rounded down.

    `GB` is 1000³, `GiB` is 1024³, and a bare letter is the binary unit, as in Docker. Case does not matter.
    Raises `ValueError` with a sentence for anything else.
    """
    if isinstance(size, int):
        if isinstance(size, bool) or size < 0:
            raise ValueError(f"a size is a number of bytes from 0 up, not {size}")
        return size
    found = _SIZE.fullmatch(size)
    unit = _UNITS.get(found["unit"].lower()) if found else None
    if found is None or unit is None:
        raise ValueError(f"a size is a number and a unit such as 8GB, 512MiB or 1.5g, not {size[:40]!r}")
    return int(Fraction(found["number"]) * unit)


def format_bytes(size: int) -> str:
    """Bytes for people, in binary units with at most one decimal: `512 B`, `1.5 GiB`. Raises `ValueError` below 0."""
    if size < 0:
        raise ValueError(f"a size is a number of bytes from 0 up, not {size}")
    names = iter(_BINARY_NAMES)
    name = next(names)
    scale = 1
    for larger in names:
        if round(Fraction(size, scale), 1) < _STEP:
            break
        name, scale = larger, scale * _STEP
    tenths = round(Fraction(size * 10, scale))
    whole, tenth = divmod(tenths, 10)
    return f"{whole}.{tenth} {name}" if tenth else f"{whole} {name}"
