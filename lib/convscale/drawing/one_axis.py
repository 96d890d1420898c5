"""Marks on one axis, a lane for each row: several values of a thing, or steps from one value to the next."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import LABEL, NARROW, SHAPE_OF, SMALL, decimals, number, ticks, width_of, wrap
from .pen import Pen
from .plane import OTHER, beside
from .room import Room, about, along, box_of
from .svg import Mark
from .training import limits

if TYPE_CHECKING:
    import pandas as pd

LEADING, EDGE = 16, 12  # px: from line to line of a row's name; left and right of the axis


def look(row) -> tuple[str, str]:
    """Colour and shape: the family's, or grey with a shape of the row's own."""
    return (row.family, SHAPE_OF[row.family]) if row.family else (OTHER[0], row.shape or OTHER[1])


def said_of(row, unit: str, digits: int) -> str:
    start = f" from {number(row.start, digits)}" if math.isfinite(row.start) else ""
    return f"{row.row}, {row.label}:{start} {number(row.value, digits)} {unit}"


def draw_lanes(width: int, rows: pd.DataFrame, unit: str, digits: int, height: int, zero: bool) -> str:
    names = list(dict.fromkeys(rows["row"]))
    words = SMALL if width == NARROW else LABEL
    left = min(max(width_of(name, words) for name in names) + 14, 0.36 * width)
    end = height * len(names) + 6
    pen = Pen(width, end + 40)
    values = [*rows["value"], *rows["start"].dropna(), *([0.0] if zero else [])]
    panel = pen.panel(left + EDGE, 0, width - left - 2 * EDGE, end + 40, limits(values, 0.06), (end + 40, 0))
    room, (low, high) = Room(width, end), panel.get_xlim()
    if zero:
        x = pen.place(panel, 0, 0)[0]
        room.taken.append((x - 1, 0, x + 1, end))
    marks = ticks(low, high, 4 if width == NARROW else 6)
    for value in marks:
        pen.line(panel, [value, value], [0, end], "ink" if zero and value == 0 else "line")
        pen.small(pen.place(panel, value, 0)[0], end + 16, number(value, decimals(marks)), anchor="middle")
    for k, name in enumerate(names):
        middle = height * (k + 0.5)
        lines = wrap(name, left - 8, words)
        for i, line in enumerate(lines):
            baseline = middle + 4.5 + LEADING * (i - (len(lines) - 1) / 2)
            pen.text(0, baseline, line, size=words)
            room.taken.append(box_of(0, baseline, line, "start", words))
        if k:
            pen.line(pen.page, [0, width], [height * k] * 2, "line")
        members = list(rows[rows["row"] == name].itertuples())
        for row in members:
            (colour, shape), said = look(row), said_of(row, unit, digits)
            x = pen.place(panel, row.value, middle)[0]
            if math.isfinite(row.start):
                start = pen.place(panel, row.start, middle)[0]
                pen.mark(Mark(said), pen.line(panel, [row.start, row.value], [middle] * 2, colour, 3))
                room.taken += along((start, middle), (x, middle))
            pen.points(panel, [row.value], [middle], shape, 5, colour, [said])
            room.taken.append(about(x, middle, 6))
        for row in members:
            spots = [
                s for s in beside(pen.place(panel, row.value, middle)[0], middle) if abs(s[1] - middle) < height / 2
            ]
            if spot := room.first(spots, row.label):
                pen.small(spot[0], spot[1], row.label, look(row)[0], anchor=spot[2])
    pen.small((left + width) / 2, end + 34, unit, anchor="middle")
    return pen.svg(f"{unit}. " + ". ".join(said_of(row, unit, digits) for row in rows.itertuples()) + ".")


def lanes(
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    unit: str,
    subtitle: str = "",
    caption: str = "",
    digits: int = 1,
    height: int = 50,
    zero: bool = False,
) -> Drawing:
    """A lane for each row, on one axis that `unit` names.

    Columns of `rows`: row (the lane), label (the words at the mark), value, family ("v1", "rs" or "v2": its colour and
    marker; "" for others, in grey), and where they are there shape ("disc", "square", "triangle", of a grey mark) and
    start (a line leads from there; NaN: none). `height` is that of a lane in px; with `zero` 0 is on the axis, as its
    darkest line.
    """
    shown = rows.assign(start=rows.get("start", math.nan), shape=rows.get("shape", ""))
    draw = partial(draw_lanes, rows=shown, unit=unit, digits=digits, height=height, zero=zero)
    return Drawing(name, title, subtitle, caption, draw, rows)
