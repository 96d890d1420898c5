"""Numbers as readers see them: a true minus, equal decimals, units."""

import re

from ..drawing.ink import number
from ..words import plural

MINUS, TIMES = "\u2212", "\u00d7"
HYPHEN = re.compile(r"(?<!\w)-(?=\d)")


def typeset(text: str) -> str:
    """Text with true minus signs before its numbers; names such as "B-2" stay."""
    return HYPHEN.sub(MINUS, text)


def signed(value: float, digits: int = 1) -> str:
    """ "+1.3", "-0.1" with a true minus; what rounds to zero has no sign."""
    return number(value, digits, sign=True)


def duration(seconds: float) -> str:
    """Of a processor: "45 core-seconds", "3.2 core-minutes", "12 core-hours"."""
    for unit, size in (("core-hours", 3600), ("core-minutes", 60)):
        if seconds >= 2 * size:
            amount = seconds / size
            return f"{amount:.1f} {unit}" if amount < 10 else f"{amount:,.0f} {unit}"
    return plural(round(seconds), "core-second") if seconds >= 0.5 else "less than a core-second"
