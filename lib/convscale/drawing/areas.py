"""What a budget leaves: panels side by side, each with the region below several limits."""

from __future__ import annotations

import math
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import NARROW, SMALL, decimals, number, ticks, width_of
from .pen import Pen
from .room import Room, about, along
from .svg import Mark
from .training import DASHES, LEFT

if TYPE_CHECKING:
    import pandas as pd

HEIGHT, GUTTER = 190, 26  # px: of a panel, and between two
FAR = 20  # px from a point to its words, from which on a line joins both
MARGIN = 0.06  # of the horizontal axis, left of its first value, so that a point there is seen whole


def draw_regions(
    width: int, limits: pd.DataFrame, points: pd.DataFrame, x: str, y: str, edges: tuple[float, float], family: str
) -> str:
    panels, names = list(dict.fromkeys(limits["panel"])), list(dict.fromkeys(limits["limit"]))
    columns = 1 if width == NARROW else len(panels)
    legend = 20.0 * (len(names) if width == NARROW else 1)
    pitch, row = (width - 6 + GUTTER) / columns, HEIGHT + 62  # 6 px for half of the last number
    pen = Pen(width, legend + row * -(-len(panels) // columns) + 8)
    left = 0.0
    for i, name in enumerate(names):  # what each line is, once above all panels
        across, under = (0.0, 13 + 20.0 * i) if width == NARROW else (left, 13.0)
        pen.line(pen.page, [across, across + 24], [under - 4, under - 4], "ink" if i == 0 else "soft", 1.8, DASHES[i])
        pen.small(across + 30, under, name)
        left += 30 + width_of(name, SMALL) + 18
    first, last = float(limits["x"].min()), float(limits["x"].max())
    ends = first - MARGIN * (last - first), last
    low, high = edges
    said = []
    for k, panel_name in enumerate(panels):
        start, top = k % columns * pitch, legend + k // columns * row
        box = pen.panel(start + LEFT, top + 24, pitch - GUTTER - LEFT, HEIGHT, ends, (low, high))
        pen.small(start, top + 16, y)
        pen.text(start + LEFT + 8, top + 16, panel_name, bold=True)
        mine = limits[limits["panel"] == panel_name]
        wide = mine.pivot(index="x", columns="limit", values="y")[names].clip(low, high)
        xs, least = list(wide.index), list(wide.min(axis=1))
        area = pen.area(box, xs, [low] * len(xs), least, family, 0.16)
        pen.mark(Mark(f"{panel_name}: within all limits"), area)
        marks = ticks(low, high, 4)
        for value in marks:
            pen.line(box, ends, [value, value], "line")
            pen.small(
                start + LEFT - 6, pen.place(box, ends[0], value)[1] + 4, number(value, decimals(marks)), anchor="end"
            )
        lines_px: list = []
        for i, name in enumerate(names):
            allowed = wide[name] > low  # the line ends where nothing is allowed any more
            ending = wide[name].where(allowed | allowed.shift(fill_value=False))
            line = pen.line(box, xs, list(ending), "ink" if i == 0 else "soft", 1.8, DASHES[i])
            first, last = wide[name].iloc[0], wide[name].iloc[-1]
            places = [pen.place(box, u, v) for u, v in ending.dropna().items()]
            lines_px += [part for ends_px in pairwise(places) for part in along(*ends_px)]
            pen.mark(
                Mark(f"{panel_name}, {name}: {y} up to {first:.2f} at {x} {xs[0]:g}, {last:.2f} at {xs[-1]:g}"), line
            )
        marks = ticks(*ends, 4)
        for value in marks:
            across, _ = pen.place(box, value, low)
            pen.small(across, top + HEIGHT + 42, number(value, decimals(marks)), anchor="middle")
        pen.small(start + LEFT + (pitch - GUTTER - LEFT) / 2, top + HEIGHT + 58, x, anchor="middle")
        here = points[points["panel"] == panel_name]
        titles = [f"{row.label}: {row.about}" for row in here.itertuples()]
        if len(here):
            pen.points(box, list(here["x"]), list(here["y"]), "disc", 4.5, family, titles)
        room = Room(start + pitch - 2, top + 24 + HEIGHT, lines_px)
        room.taken.append((0, top, start + LEFT, top + 24 + HEIGHT))
        room.taken += [about(*pen.place(box, r.x, r.y), 5) for r in here.itertuples()]
        for r in here.itertuples():
            u, v = pen.place(box, r.x, r.y)
            spots = [(u + 8 + k, v + 4 + m, "start") for k in (0, 12, 24) for m in (-10, 0, 10, 22)]
            spots += [(u - 8, v + 4 + m, "end") for m in (-10, 0, 10, 22)]
            spots += [(u + 8 + 20 * k, v - 16 * k, "start") for k in range(1, 7)]
            spots += [(u + 6, v - 6 * k, "end") for k in range(2, 16)]
            across, under, anchor = room.first(spots, r.label) or (u - 8, v + 4, "end")  # a word over a line is better
            pen.small(across, under, r.label, family, anchor=anchor)
            if math.dist((across, under), (u, v + 4)) > FAR:
                pen.line(pen.page, [u, across - 3 if anchor == "start" else u], [v, under - 2], family, 1)
        said += titles
    return pen.svg(
        f"{y} over {x} within limits ({', '.join(names)}), for {', '.join(panels)}. " + ". ".join(said) + "."
    )


def regions(
    limits: pd.DataFrame,
    points: pd.DataFrame,
    *,
    name: str,
    title: str,
    x: str,
    y: str,
    edges: tuple[float, float],
    subtitle: str = "",
    caption: str = "",
    family: str = "v1",
) -> Drawing:
    """Where every limit is kept, as a shaded region of each panel, and points that lie inside or outside of it.

    Columns of `limits`, for every panel, limit and x one row: panel, limit (its name), x, y (the largest value that the
    limit allows there). Columns of `points`: panel, x, y, label, about (on hover). `y` is a short name, as it stands in
    the corner; `edges` are the ends of its axis.
    """
    draw = partial(draw_regions, limits=limits, points=points, x=x, y=y, edges=edges, family=family)
    return Drawing(name, title, subtitle, caption, draw, limits)
