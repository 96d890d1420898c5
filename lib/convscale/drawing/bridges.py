"""A waterfall: from a first number to a last one in steps, each drawn from where the one before it ended."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import LABEL, NARROW, SMALL, decimals, number, ticks, width_of
from .pen import Pen
from .svg import Mark
from .training import limits

if TYPE_CHECKING:
    import pandas as pd

BAR, PITCH = 14, 27  # px: height of a step, and from one to the next
HEAD = 30  # px above the first row of a group, for its name
VALUE = 46  # px for the number at the right


def draw_waterfall(width: int, rows: pd.DataFrame, unit: str, digits: int, family: str) -> str:
    narrow = width == NARROW
    size = SMALL if narrow else LABEL
    column = max(width_of(label, size, bold=True) for label in rows["label"]) + 10
    left, right = column, width - VALUE
    shown = list(rows.itertuples())
    tops: list[float] = []
    heads: list[tuple[float, str]] = []
    y = 4.0
    for before, row in zip(["", *(row.group for row in shown)], shown, strict=False):
        if row.group and before != row.group:
            heads.append((y + 18, row.group))
            y += HEAD
        tops.append(y)
        y += PITCH
    pen = Pen(width, y + 42)
    edges = limits([*rows["start"], *rows["end"]], 0.04)
    panel = pen.panel(left, 0, right - left, pen.height, edges, (pen.height, 0))
    marks = ticks(*edges, 4 if narrow else 6)
    for mark in marks:
        pen.line(panel, [mark, mark], [0, y], "line")
        pen.small(pen.place(panel, mark, 0)[0], y + 18, number(mark, decimals(marks)), anchor="middle")
    pen.small((left + right) / 2, y + 36, unit, anchor="middle")
    for under, group in heads:
        pen.small(0, under, group)
        pen.line(pen.page, [0, width], [under + 6, under + 6], "line")
    for (row, top), (_, below) in pairwise(zip(shown, tops, strict=True)):
        pen.line(panel, [row.end, row.end], [top + (PITCH + BAR) / 2, below + (PITCH - BAR) / 2], "rule", 1.2)
    said = []
    for row, top in zip(shown, tops, strict=True):
        middle, change = top + PITCH / 2, row.end - row.start
        total = change == 0
        value = number(row.end, digits) if total else number(change, digits, sign=True)
        said.append(f"{row.label}: {value}" + ("" if total else f", to {number(row.end, digits)}"))
        pen.text(0, middle + 4.5, row.label, size=size, bold=total)
        pen.text(width, middle + 4.5, value, "ink" if change >= 0 else family, bold=True, anchor="end")
        if total:
            pen.points(panel, [row.end], [middle], "diamond", 6, family, [said[-1]], hollow=1.6)
            continue
        fill = family if change > 0 else "bg"
        box = pen.box(panel, min(row.start, row.end), middle - BAR / 2, abs(change), BAR, fill, family)
        pen.mark(Mark(said[-1]), box)
    return pen.svg(f"Waterfall, {unit}. " + ". ".join(said) + ".")


def waterfall(
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    unit: str,
    family: str,
    subtitle: str = "",
    caption: str = "",
    digits: int = 1,
) -> Drawing:
    """Steps from a first number to a last one, a row each: filled where a step gains, outlined where it loses.

    Columns of `rows`: label, group (a heading over neighbours that share it, or ""), start and end; where both are the
    same, the row is a number and no step, drawn as the paper's hollow diamond. `family` is "v1", "rs" or "v2".
    """
    draw = partial(draw_waterfall, rows=rows, unit=unit, digits=digits, family=family)
    return Drawing(name, title, subtitle, caption, draw, rows)
