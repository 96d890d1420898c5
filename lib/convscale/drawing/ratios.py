"""Ratios as lengths: from one number to another on a logarithmic axis, where factors that multiply lie end to end."""

from __future__ import annotations

import math
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import LABEL, NARROW, SMALL, number, width_of, wrap
from .pen import Pen
from .plane import round_numbers, span
from .svg import Mark

if TYPE_CHECKING:
    import pandas as pd

BAR = 16  # px, height of a bar
PITCH = {True: 58, False: 46}  # px from row to row, on the narrow page and on the wide one
LEADING = 15  # px from line to line
VALUE = 40  # px that a number beside a bar may take


def shown(value: float, digits: int) -> str:
    """A number beside a bar: whole ones have no decimals."""
    return number(value, 0 if float(value).is_integer() else digits)


def sentence(row, unit: str, digits: int) -> str:
    return f"{row.label}: from {shown(row.start, digits)} to {shown(row.end, digits)}, {unit}; {row.words}"


def draw_spans(width: int, rows: pd.DataFrame, unit: str, joined: bool, digits: int) -> str:
    narrow = width == NARROW
    bars, pitch = list(rows.itertuples()), PITCH[narrow]
    said = [sentence(row, unit, digits) for row in bars]
    column = 0.0 if narrow else 0.32 * width
    answer = max(width_of(row.words, LABEL, bold=True) for row in bars) + 10
    left, right = column + VALUE, width - VALUE - (0 if narrow else answer)
    bottom = pitch * len(bars) + 4
    pen = Pen(width, bottom + 40)
    edges = span([*rows["start"], *rows["end"]], log=True)
    panel = pen.panel(left, 0, right - left, pen.height, edges, (pen.height, 0), log="x")
    for value in round_numbers(*edges, log=True, most=4 if narrow else 6):
        across, _ = pen.place(panel, value, 0)
        pen.line(panel, [value, value], [0, bottom], "line")
        pen.small(across, bottom + 16, number(value, 0 if value >= 1 else 1), anchor="middle")
    pen.small((left + right) / 2, bottom + 34, unit, anchor="middle")
    tops = [pitch * k + (30 if narrow else (pitch - BAR) / 2) for k in range(len(bars))]
    if joined and not narrow:
        for (row, top), (after, below) in pairwise(zip(bars, tops, strict=True)):
            if math.isclose(row.end, after.end if after.look == "total" else after.start):
                pen.line(panel, [row.end, row.end], [top + BAR, below], "rule", 1.2, (3, 3))
    for row, top, words in zip(bars, tops, said, strict=True):
        low, high = sorted((row.start, row.end))
        family = "soft" if row.look == "total" else row.family or "soft"
        fill = "bg" if row.look == "outlined" else family
        pen.mark(Mark(words), pen.box(panel, low, top, high - low, BAR, fill, family))
        for value, way, anchor in ((low, -6, "end"), (high, 6, "start")):
            across, _ = pen.place(panel, value, top)
            pen.small(across + way, top + 12.5, shown(value, digits), anchor=anchor)
        bold = row.look == "total"
        if narrow:
            pen.text(0, top - 12, row.label, bold=bold)
            if width_of(row.label, LABEL, bold) + width_of(row.detail, SMALL) + 8 < width - answer:
                pen.small(width_of(row.label, LABEL, bold) + 4, top - 12, row.detail)
            pen.text(width, top - 12, row.words, bold=True, anchor="end")
            continue
        lines = wrap(row.detail, column - 8, SMALL)
        first = top + 12.5 - LEADING * len(lines) / 2
        pen.text(0, first, row.label, bold=bold)
        for i, line in enumerate(lines, start=1):
            pen.small(0, first + LEADING * i, line)
        pen.text(width, top + 12.5, row.words, bold=True, anchor="end")
    return pen.svg(f"Ratios as lengths, {unit}. " + ". ".join(said) + ".")


def spans(
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    unit: str,
    subtitle: str = "",
    caption: str = "",
    joined: bool = False,
    digits: int = 0,
) -> Drawing:
    """Bars from one number to another on a logarithmic axis: a bar twice as long is a ratio squared.

    Columns of `rows`: label, detail (below or beside it, "" for none), start and end (positive numbers in `unit`),
    words (the ratio, as text), look ("filled", "outlined" or "total"; their family's colour, or grey) and family. With
    `joined` the wide page leads from a bar's end down to the next that begins there, or to a total that ends there, so
    that the factors of a product are a staircase.
    """
    draw = partial(draw_spans, rows=rows, unit=unit, joined=joined, digits=digits)
    return Drawing(name, title, subtitle, caption, draw, rows)
