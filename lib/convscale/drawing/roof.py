"""How fast parts of a network compute, below the two ceilings of a device: its memory and its arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import LABEL, NARROW, SHAPE_OF
from .pen import Pen
from .plane import Plane, beside, frame, span
from .room import Room, about, along
from .svg import Mark
from .training import LEFT

if TYPE_CHECKING:
    import pandas as pd

HEIGHT = {True: 320, False: 360}  # px of the panel, on the narrow page and on the wide one


@dataclass(frozen=True)
class Roof:
    """Ceilings of a device: `peak` in the unit of y, `bandwidth` in that unit for each unit of x."""

    peak: float
    bandwidth: float

    @property
    def ridge(self) -> float:
        """From where on arithmetic and not memory is the limit."""
        return self.peak / self.bandwidth

    def at(self, x: float) -> float:
        return min(self.peak, self.bandwidth * x)


def said_of(row, roof: Roof, plane: Plane) -> str:
    share = 100 * row.y / roof.at(row.x)
    return f"{row.series}, {row.label}: {plane.x} {row.x:.3g}, {plane.y} {row.y:.3g}, {share:.0f} % of the ceiling"


def draw_roofline(width: int, points: pd.DataFrame, roof: Roof, plane: Plane) -> str:
    height = HEIGHT[width == NARROW]
    pen, left = Pen(width, height + 62), LEFT + 6
    xs, ys = span([*points["x"], roof.ridge / 2], True), span([*points["y"], roof.peak], True)
    panel = pen.panel(left, 22, width - left - 4, height, xs, ys, log="xy")
    frame(pen, panel, plane)
    room = Room(width, height + 22)
    low = max(xs[0], ys[0] / roof.bandwidth)
    line = pen.line(panel, [low, roof.ridge, xs[1]], [roof.at(low), roof.peak, roof.peak], "rule", 2)
    pen.mark(Mark(f"ceilings: {plane.y} {roof.peak:.3g}, from {roof.ridge:.3g} {plane.x} on"), line)
    corners = [pen.place(panel, x, roof.at(x)) for x in (low, roof.ridge, xs[1])]
    room.taken += along(corners[0], corners[1]) + along(corners[1], corners[2])
    for _, pair in points.groupby("label", sort=False):
        if len(pair) == 2:
            pen.line(panel, list(pair["x"]), list(pair["y"]), "rule", 1, (2, 3))
    said = [said_of(row, roof, plane) for row in points.itertuples()]
    for _, members in points.assign(said=said).groupby("series", sort=False):
        family = members["family"].iloc[0]
        pen.points(panel, list(members["x"]), list(members["y"]), SHAPE_OF[family], 5, family, members["said"].tolist())
        room.taken += [about(*pen.place(panel, row.x, row.y), 6) for row in members.itertuples()]
    names = [
        ((corners[0][0] + corners[1][0]) / 2, (corners[0][1] + corners[1][1]) / 2, "memory is the limit"),
        (corners[2][0], corners[2][1] - 2, "arithmetic is the limit"),
    ]
    for x, y, word in names:
        spots = [(x - 8, y - d, "end") for d in (8, 20, 34)] + [(x + 12, y + d, "start") for d in (6, 18, 30)]
        if spot := room.first(spots, word):
            pen.small(spot[0], spot[1], word, anchor=spot[2])
    for series, members in points.groupby("series", sort=False):
        best = members.sort_values("y", ascending=False)
        spots = [spot for row in best.itertuples() for spot in beside(*pen.place(panel, row.x, row.y))]
        if spot := room.first(spots, str(series), LABEL, bold=True):
            pen.text(spot[0], spot[1], str(series), members["family"].iloc[0], bold=True, anchor=spot[2])
    for row in points.itertuples():
        if spot := room.first(beside(*pen.place(panel, row.x, row.y)), row.short):
            pen.small(spot[0], spot[1], row.short, row.family, anchor=spot[2])
    return pen.svg(f"Roofline, {plane.y} over {plane.x}. " + ". ".join(said) + ".")


def roofline(
    points: pd.DataFrame,
    *,
    name: str,
    title: str,
    x: str,
    y: str,
    peak: float,
    bandwidth: float,
    subtitle: str = "",
    caption: str = "",
) -> Drawing:
    """Speeds over arithmetic intensity, both axes logarithmic, below a device's ceilings.

    Columns of `points`: label (two points of one label are joined), short (what stands at a point), series (its name),
    x and y, family ("v1", "rs" or "v2", the colour and marker of the series). `x` and `y` name the axes with units;
    `peak` is the greatest y of the device, `bandwidth` the y that it reaches for each unit of x where memory limits it.
    """
    if peak <= 0 or bandwidth <= 0:
        raise ValueError(f"ceilings of {peak:g} and {bandwidth:g}: both must be above 0")
    draw = partial(draw_roofline, points=points, roof=Roof(peak, bandwidth), plane=Plane(x, y, "xy", False, False))
    return Drawing(
        name, title, subtitle, caption, draw, points.assign(ceiling=points["x"].map(Roof(peak, bandwidth).at))
    )
