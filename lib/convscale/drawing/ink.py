"""What every picture is made with: colours, widths, numbers as text, and room for words."""

import math
import re
from itertools import pairwise

WIDE, NARROW = 688, 358  # px: the article's column at 1280 px, and a phone of 390 px less its margins
LABEL, SMALL = 13, 12  # px: text at marks, and ticks; nothing is smaller

# The light values of book/_static/tokens.css, by their names without "--sf-". No two are the same, so that a colour in
# an SVG tells its name.
COLOURS = {
    "bg": "#ffffff",
    "ink": "#222832",
    "soft": "#48566b",
    "tint": "#f6f7f8",
    "line": "#dfe3e8",
    "rule": "#8b95a3",
    "yes": "#0a6a8f",
    "no": "#932400",
    "open": "#8f6a00",
    "none": "#5d6673",
    "yes-tint": "#e8f3f8",
    "no-tint": "#fcefe8",
    "open-tint": "#fcf8ec",
    "none-tint": "#f1f3f5",
    "v1": "#5b49b4",
    "rs": "#a12c74",
    "v2": "#257a44",
}
SHAPE_OF = {"v1": "disc", "rs": "square", "v2": "triangle"}  # a family's marker
# Width of a letter in units of the font's size, by the letters that have it: Helvetica's, rounded up. Others: 0.56.
WIDTHS = {
    "ijlI|'.,:;!": 0.28,
    "ftr()[]-/ \u2009": 0.34,
    "mw": 0.83,
    "MW%": 0.9,
    "ABCDEFGHKNOPQRSTUVXYZ&": 0.7,
    "ckszvxyJ": 0.5,
}
LETTERS = {letter: width for letters, width in WIDTHS.items() for letter in letters}


def var(colour: str) -> str:
    """A token as CSS writes it, with its light value for where the book's style is missing."""
    return f"var(--sf-{colour}, {COLOURS[colour]})"


def width_of(text: str, size: float = LABEL, bold: bool = False) -> float:
    """How wide `text` is at most in the fonts that readers have, in px: Helvetica and a tenth."""
    return 1.1 * size * math.fsum(LETTERS.get(letter, 0.56) for letter in text) * (1.1 if bold else 1)


def wrap(text: str, width: float, size: float = LABEL, bold: bool = False) -> list[str]:
    """Lines of `text` that fit into `width` px, broken at spaces and after hyphens; none for an empty text."""
    lines: list[str] = []
    for word in re.findall(r"[^ -]*-| *[^ -]+", text):
        if lines and width_of(lines[-1] + word, size, bold) <= width:
            lines[-1] += word
        else:
            lines.append(word.strip())
    return lines


def number(value: float, digits: int = 1, sign: bool = False, suffix: str = "") -> str:
    """A number as text: with a true minus sign, with a plus sign where `sign`, and no sign on a zero."""
    text = f"{abs(value):.{digits}f}"
    zero = float(text) == 0
    return ("" if zero else "\u2212" if value < 0 else "+" if sign else "") + text + suffix


def spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Places at least `gap` apart between `low` and `high`, in the order of `wanted` and close to it.

    Neighbours that are too close move apart about their mean. Raises ValueError where there is no room.
    """
    if (len(wanted) - 1) * gap > high - low + 1e-9:
        raise ValueError(f"no room for {len(wanted)} labels {gap:g} px apart between {low:g} and {high:g}")
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    blocks: list[list[float]] = []  # of neighbours that touch: first place, number
    for i in order:
        blocks.append([min(max(wanted[i], low), high), 1])
        while len(blocks) > 1 and blocks[-2][0] + blocks[-2][1] * gap > blocks[-1][0]:
            (first, n), (second, m) = blocks[-2:]
            start = (n * first + m * (second - n * gap)) / (n + m)
            blocks[-2:] = [[min(max(start, low), high - (n + m - 1) * gap), n + m]]
    places = [start + k * gap for start, n in blocks for k in range(int(n))]
    return [place for _, place in sorted(zip(order, places, strict=True))]


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """At most `most` round numbers between `low` and `high`, evenly apart; zero is one of them if it lies between."""
    rough = (high - low) / most
    power = 10 ** math.floor(math.log10(rough))
    for step in (power * m for m in (1, 2, 2.5, 3, 5, 10, 20)):
        found = [round(k * step, 10) for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
        if len(found) <= most:
            return found
    raise AssertionError("a step of twice the range has at most one tick")


def decimals(values: list[float]) -> int:
    """How many decimals tell `values` apart that are evenly spaced: 1 for 0.5, 1.0, 1.5."""
    steps = [b - a for a, b in pairwise(values)] + [values[0]]
    return next(d for d in range(8) if all(abs(round(s, d) - s) < 1e-9 for s in steps))
