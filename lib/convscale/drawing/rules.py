"""Rulers below one another that share an axis: where a value of the first lies on each of the others."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import LABEL, number, width_of
from .pen import Pen
from .room import Room, about

if TYPE_CHECKING:
    import pandas as pd

Ticks = Mapping[str, list[tuple[float, str]]]  # ruler -> its ticks: place on the axis, and what is written there
PITCH = 74  # px from ruler to ruler
HEAD = 24  # px: the axis's own ruler


def draw_rulers(
    width: int, marks: pd.DataFrame, ticks: Ticks, axis: str, ends: tuple[float, float], family: str
) -> str:
    names = list(ticks)
    left = 8.0
    pen = Pen(width, HEAD + 26 + PITCH * len(names))
    panel = pen.panel(left, 0, width - left - 14, pen.height, ends, (pen.height, 0))
    bottom = HEAD + 8 + PITCH * len(names)
    pen.small(0, 12, axis, "ink")
    for value in range(int(ends[0]), int(ends[1]) + 1):
        x, _ = pen.place(panel, value, 0)
        pen.line(panel, [value, value], [HEAD + 14, bottom], "line")
        pen.small(x, HEAD + 8, f"{value}", "ink", anchor="middle")
    said = []
    for k, name in enumerate(names):
        y = HEAD + 58 + PITCH * k
        pen.text(0, y - 24, name, bold=True)
        pen.line(panel, ends, [y, y], "soft", 1.4)
        room = Room(width, pen.height, [about(x, y, 3) for x in range(0, width, 5)])
        room.taken.append((0, y - 38, width_of(name, LABEL, True) + 6, y - 20))
        for place, text in ticks[name]:
            x, _ = pen.place(panel, place, y)
            pen.line(panel, [place, place], [y, y + 5], "soft", 1.2)
            if room.first([(x, y + 18, "middle")], text):
                pen.small(x, y + 18, text, anchor="middle")
        mine = marks[marks["ruler"] == name]
        titles = [f"{row.label}: {row.value}, that of {axis} = {number(row.x, 2)}" for row in mine.itertuples()]
        pen.points(panel, list(mine["x"]), [y] * len(mine), "disc", 4, family, titles)
        for row in mine.itertuples():
            x, _ = pen.place(panel, row.x, y)
            if room.first([(x, y - 8, "middle"), (x + 4, y - 8, "start"), (x - 4, y - 8, "end")], row.label):
                pen.small(x, y - 8, row.label, family, anchor="middle")
        said.append(f"{name}: " + ", ".join(titles))
        said.append(", ".join(f"{text} at {place:.2f}" for place, text in ticks[name]))
    return pen.svg(f"Rulers over {axis}. " + ". ".join(said) + ".")


def rulers(
    marks: pd.DataFrame,
    *,
    name: str,
    title: str,
    ticks: Ticks,
    axis: str,
    ends: tuple[float, float],
    subtitle: str = "",
    caption: str = "",
    family: str = "v1",
) -> Drawing:
    """What belongs to any value of `axis`, read straight down: a ruler for each name of `ticks`, all over one axis.

    Columns of `marks`: ruler, x (place on the axis), label (at the mark), value (in words, on hover). A ruler's `ticks`
    are places on the axis and their numbers as text; those without room have no number.
    """
    draw = partial(draw_rulers, marks=marks, ticks=ticks, axis=axis, ends=ends, family=family)
    return Drawing(name, title, subtitle, caption, draw, marks)
