"""Amounts of bytes, for people."""

UNITS = ("B", "kB", "MB", "GB", "TB")
STEP = 1000  # decimal, as disks and downloads are sold; memory limits in settings are read apart from this


def format_bytes(count: float) -> str:
    """`count` bytes in the largest unit that keeps the number at 1 or above: `90.4 MB`, `512 B`."""
    unit = 0
    while abs(round(count, 1)) >= STEP and unit < len(UNITS) - 1:
        count /= STEP
        unit += 1
    return f"{count:.0f} {UNITS[unit]}" if unit == 0 else f"{count:.1f} {UNITS[unit]}"
