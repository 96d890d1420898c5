"""Lines over one axis: a quantity that changes with another, one line a rule, each named at its end."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import NARROW, SHAPE_OF, SMALL, decimals, number, width_of
from .pen import Pen
from .plane import round_numbers, span
from .room import Room, along
from .svg import Mark
from .training import DASHES, LEFT, cut, name_lines, room_for

if TYPE_CHECKING:
    import pandas as pd

HEIGHT = {True: 250, False: 280}  # px of the panel, on the narrow page and on the wide one


@dataclass(frozen=True)
class Axes:
    """Names of both axes, which of them are logarithmic, and a value of y to compare with, with its word."""

    x: str
    y: str
    log: str
    at: tuple[float, str] | None


def said_of(row, axes: Axes) -> str:
    label = f" ({row.label})" if row.label else ""
    return f"{row.line}{label}: {axes.x} {row.x:g}, {axes.y} {row.y:.3g}"


def draw_lines(width: int, points: pd.DataFrame, axes: Axes, family: str) -> str:
    narrow, names = width == NARROW, list(dict.fromkeys(points["line"]))
    labels = cut(names, width)
    height, right = HEIGHT[narrow], width - room_for(labels)
    pen = Pen(width, height + 64)
    values = [*points["y"], *([axes.at[0]] if axes.at else [])]
    edges = span(list(points["x"]), "x" in axes.log), span(values, "y" in axes.log)
    panel = pen.panel(LEFT, 22, right - LEFT, height, *edges, log=axes.log)
    pen.small(0, 12, axes.y)
    marks = round_numbers(*edges[1], "y" in axes.log, 5)
    for value in marks:
        pen.line(panel, edges[0], [value, value], "line")
        digits = decimals([value] if "y" in axes.log else marks)
        pen.small(LEFT - 6, pen.place(panel, edges[0][0], value)[1] + 4, number(value, digits), anchor="end")
    marks = round_numbers(*edges[0], "x" in axes.log, 4 if narrow else 8)
    for value in marks:
        across, _ = pen.place(panel, value, edges[1][0])
        digits = decimals([value] if "x" in axes.log else marks)
        pen.small(across, height + 40, number(value, digits), anchor="middle")
    pen.small((LEFT + right) / 2, height + 58, axes.x, anchor="middle")
    room = Room(right, height + 22, [(0, 0, LEFT, height + 22)])
    if axes.at:
        value, word = axes.at
        pen.mark(Mark(f"{word}: {value:g}"), pen.line(panel, edges[0], [value, value], "ink"))
    said, wanted = [], []
    for i, name in enumerate(names):
        rows = points[points["line"] == name]
        colour, thick = (family, 2.6) if i == 0 else ("soft", 1.8)
        line = pen.line(panel, list(rows["x"]), list(rows["y"]), colour, thick, DASHES[i])
        words = [said_of(row, axes) for row in rows.itertuples()]
        pen.mark(Mark(f"{words[0]}; {words[-1]}"), line)
        marked = rows[rows["label"] != ""]
        shape = SHAPE_OF[family] if i == 0 else "disc"
        titles = [said_of(row, axes) for row in marked.itertuples()]
        pen.points(panel, list(marked["x"]), list(marked["y"]), shape, 4 if i == 0 else 3, colour, titles)
        places = [pen.place(panel, row.x, row.y) for row in rows.itertuples()]
        room.taken += [box for ends in pairwise(places) for box in along(*ends)]
        wanted.append(places[-1][1])
        said += words
    for row in points[(points["label"] != "") & (points["line"] == names[0])].itertuples():
        x, y = pen.place(panel, row.x, row.y)
        spots = [(x, y - 9, "middle"), (x, y + 18, "middle"), (x + 8, y - 6, "start"), (x - 8, y - 6, "end")]
        spots += [(x + 2, y + 22, "start"), (x + 2, y - 14, "start")]
        if spot := room.first(spots, row.label):
            pen.small(spot[0], spot[1], row.label, family, anchor=spot[2])
    if axes.at:
        x, y = pen.place(panel, edges[0][0], axes.at[0])
        far = right - width_of(axes.at[1], SMALL)
        spots = [(left, under, "start") for under in (y - 5, y + 14) for left in (x + 4, (x + far) / 2, far)]
        if spot := room.first(spots, axes.at[1]):
            pen.small(spot[0], spot[1], axes.at[1], "ink")
    name_lines(pen, right + 7, wanted, labels, family, 26, 18 + height)
    return pen.svg(f"{axes.y} over {axes.x}. " + ". ".join(said) + ".")


def lines(
    points: pd.DataFrame,
    *,
    name: str,
    title: str,
    x: str,
    y: str,
    subtitle: str = "",
    caption: str = "",
    family: str = "v1",
    log: str = "",
    at: tuple[float, str] | None = None,
) -> Drawing:
    """One line for each name in `line`, the first in the colour of `family`, the others grey with dashes of their own.

    Columns of `points`: line, x, y, and where it is there label: a mark at that point, with the words beside it on the
    first line. `x` and `y` name the axes with their units; `log` says which are logarithmic. `at` is a value of y that
    the lines are compared with, and its word. Raises ValueError for more lines than there are dashes.
    """
    if points["line"].nunique() > len(DASHES):
        raise ValueError(f"{points['line'].nunique()} lines: at most {len(DASHES)} can be told apart")
    shown = points.assign(label=points.get("label", "")).fillna({"label": ""})
    assert all(math.isfinite(value) for value in [*shown["x"], *shown["y"]])
    return Drawing(
        name,
        title,
        subtitle,
        caption,
        partial(draw_lines, points=shown, axes=Axes(x, y, log, at), family=family),
        points,
    )
