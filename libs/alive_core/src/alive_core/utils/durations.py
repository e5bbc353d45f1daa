"""Spans of time as people write them."""

import math
import re
from fractions import Fraction
from typing import Final

_SECOND_MS: Final = 1000
_MINUTE_S: Final = 60
_HOUR_S: Final = 60 * _MINUTE_S
_DAY_S: Final = 24 * _HOUR_S
_UNITS_S: Final = {
    "ms": Fraction(1, _SECOND_MS),
    "s": Fraction(1),
    "m": Fraction(_MINUTE_S),
    "min": Fraction(_MINUTE_S),
    "h": Fraction(_HOUR_S),
    "d": Fraction(_DAY_S),
}
# The digits are bounded, so that no text takes long to read.
_NUMBER: Final = r"[0-9]{1,12}(?:\.[0-9]{1,12})?"
_PART: Final = re.compile(rf"({_NUMBER})\s*(ms|s|min|m|h|d)\s*", re.IGNORECASE | re.ASCII)
_WHOLE: Final = re.compile(rf"\s*(?:{_PART.pattern})+", re.IGNORECASE | re.ASCII)
_PLAIN: Final = re.compile(rf"\s*({_NUMBER})\s*", re.ASCII)


def parse_duration(text: str) -> float:
    """`10m`, `90s`, `1h30m`, `250 ms`, or a bare number of seconds, in seconds.

    Raises `ValueError` with a sentence for anything else.
    """
    if plain := _PLAIN.fullmatch(text):
        return float(plain[1])
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"a duration is a number and a unit such as 90s, 10m or 1h30m, not {text[:40]!r}")
    return float(sum(Fraction(number) * _UNITS_S[unit.lower()] for number, unit in _PART.findall(text)))


def format_duration(seconds: float) -> str:
    """Seconds for people, in one or two units: `250 ms`, `12.3 s`, `1 min 30 s`, `2 h`, `3 d 4 h`.

    Raises `ValueError` for a negative, infinite or undefined number.
    """
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError(f"a duration is a number of seconds from 0 up, not {seconds}")
    if seconds > 0 and (milliseconds := round(seconds * _SECOND_MS)) < _SECOND_MS:
        return f"{milliseconds} ms"
    if (tenths := round(seconds, 1)) < _MINUTE_S:
        return f"{tenths:.1f}".removesuffix(".0") + " s"
    if (whole := round(seconds)) < _HOUR_S:
        return _in_units(whole, [(_MINUTE_S, "min"), (1, "s")])
    if (minutes := round(seconds / _MINUTE_S)) * _MINUTE_S < _DAY_S:
        return _in_units(minutes * _MINUTE_S, [(_HOUR_S, "h"), (_MINUTE_S, "min")])
    return _in_units(round(seconds / _HOUR_S) * _HOUR_S, [(_DAY_S, "d"), (_HOUR_S, "h")])


def _in_units(seconds: int, units: list[tuple[int, str]]) -> str:
    """A span in the given units, largest first; a unit that would be zero is left out."""
    words = []
    for size, name in units:
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count} {name}")
    return " ".join(words)
