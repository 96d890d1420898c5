"""Networks in a plane, such as accuracy over multiply-adds, in the colours and markers of their families."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from .display import Drawing
from .glyphs import FAMILIES
from .ink import LABEL, NARROW, SHAPE_OF, decimals, number, ticks
from .pen import Pen
from .room import Room, about, along
from .svg import Mark
from .training import LEFT, limits

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

HEIGHT = {True: 300, False: 340}  # px of the panel, on the narrow page and on the wide one
CROWD = 1.6  # px, half a mark of many that nobody looks at one by one
OTHER = ("soft", "disc")  # of networks of no family of ours


@dataclass(frozen=True)
class Plane:
    """Names of both axes, which are logarithmic ("x", "y", "xy" or ""), and what is drawn between the points."""

    x: str
    y: str
    log: str
    joined: bool
    pareto: bool


def look(family: str) -> tuple[str, str]:
    return (family, SHAPE_OF[family]) if family in SHAPE_OF else OTHER


def round_numbers(low: float, high: float, log: bool, most: int = 5) -> list[float]:
    """Ticks; on a logarithmic axis 1, 2 and 5 of each power of ten, or fewer where there is no room. Where it is too
    short for three of them they are evenly apart."""
    if not log:
        return ticks(low, high, most)
    for mantissas in ((1, 2, 5), (1, 3), (1,)):
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        found = [m * 10.0**p for p in powers for m in mantissas if low <= m * 10.0**p <= high]
        if len(found) < 3:
            break
        if len(found) <= most + 1:
            return found
    if high < 10 * low:
        return ticks(low, high, most)
    return found[:: -(-len(found) // most)]


def span(values: list[float], log: bool) -> tuple[float, float]:
    if not log:
        return limits(values, 0.08)
    low, high = limits([math.log10(value) for value in values], 0.08)
    return 10**low, 10**high


def frame(pen: Pen, panel: Axes, plane: Plane) -> None:
    """Grid, ticks and the names of the axes."""
    (left, right), (low, high) = panel.get_xlim(), panel.get_ylim()
    marks = round_numbers(low, high, "y" in plane.log)
    for value in marks:
        pen.line(panel, [left, right], [value, value], "line")
        x, y = pen.place(panel, left, value)
        pen.small(x - 6, y + 4, number(value, decimals([value] if "y" in plane.log else marks)), anchor="end")
    marks = round_numbers(left, right, "x" in plane.log)
    for value in marks:
        pen.line(panel, [value, value], [low, high], "line")
        x, y = pen.place(panel, value, low)
        text = number(value, decimals([value] if "x" in plane.log else marks))
        pen.small(min(x, pen.width - 12), y + 16, text, anchor="middle")
    x, y = pen.place(panel, math.sqrt(left * right) if "x" in plane.log else (left + right) / 2, low)
    pen.small(0, 12, plane.y)
    pen.small(x, y + 34, plane.x, anchor="middle")


def frontier(points: pd.DataFrame) -> pd.DataFrame:
    """Points that none beats: with at most their x and at least their y."""
    best = points.sort_values(["x", "y"], ascending=[True, False], kind="stable")
    return best[best["y"] > best["y"].cummax().shift(fill_value=-math.inf)]


def said_of(row, plane: Plane) -> str:
    """A point in words."""
    family = f"{FAMILIES[row.family]}, " if row.family in FAMILIES else ""
    printed = f"; printed {row.printed_x:g} and {row.printed_y:g}" if math.isfinite(row.printed_x) else ""
    return f"{family}{row.label}: {plane.x} {row.x:g}, {plane.y} {row.y:g}{printed}"


def beside(x: float, y: float) -> list[tuple[float, float, str]]:
    """Places for words about a point, the near ones first."""
    return [
        (x + dx, y + dy, anchor)
        for far in (0, 8, 18)
        for dx, dy, anchor in (
            (8 + far, 4, "start"), (-8 - far, 4, "end"), (0, -9 - far, "middle"), (0, 18 + far, "middle"),
            (6, -7 - far, "start"), (-6, -7 - far, "end"), (6, 15 + far, "start"), (-6, 15 + far, "end"),
        )
    ]  # fmt: skip


def name_points(pen: Pen, panel: Axes, room: Room, points: pd.DataFrame, crowded: bool) -> None:
    """Each family's name at the uppermost of its points that has room for it, then the points' own names; over a crowd
    of other points they have a ground."""
    for family, members in points.groupby("family", sort=False):
        if (name := FAMILIES.get(str(family))) is None:
            continue
        best = members.sort_values("y", ascending=False, kind="stable")
        spots = [spot for row in best.itertuples() for spot in beside(*pen.place(panel, row.x, row.y))]
        if spot := room.first(spots, name, LABEL, bold=True):
            if crowded:
                pen.over(room.taken[-1])
            pen.text(spot[0], spot[1], name, str(family), bold=True, anchor=spot[2])
    for row in points.itertuples():
        if row.label and (spot := room.first(beside(*pen.place(panel, row.x, row.y)), row.label)):
            if crowded:
                pen.over(room.taken[-1])
            pen.small(spot[0], spot[1], row.label, look(row.family)[0], anchor=spot[2])


def name_frontier(pen: Pen, panel: Axes, room: Room, best: pd.DataFrame) -> None:
    """Words at the dashed line, beside the middle of one of its pieces."""
    places = [pen.place(panel, row.x, row.y) for row in best.itertuples()]
    spots = [spot for (x, y), (u, v) in pairwise(places) for spot in beside((x + u) / 2, (y + v) / 2)]
    if spot := room.first(spots, "Pareto front"):
        pen.small(spot[0], spot[1], "Pareto front", anchor=spot[2])


def draw_scatter(width: int, points: pd.DataFrame, plane: Plane) -> str:
    height = HEIGHT[width == NARROW]
    pen = Pen(width, height + 62)
    left = LEFT + 6
    xs, ys = ([*points[a], *points[f"printed_{a}"].dropna()] for a in "xy")
    edges = span(xs, "x" in plane.log), span(ys, "y" in plane.log)
    panel = pen.panel(left, 22, width - left - 4, height, *edges, log=plane.log)
    frame(pen, panel, plane)
    room = Room(width, height + 22, [(0, 0, left - 4, height + 22)])  # the numbers at the axis
    crowd, points = points[points["crowd"]], points[~points["crowd"]]
    if len(crowd):
        pen.points(panel, list(crowd["x"]), list(crowd["y"]), "disc", CROWD, "rule")
    if plane.pareto:
        best = frontier(points)
        names = ", ".join(best["label"])
        line = pen.line(panel, list(best["x"]), list(best["y"]), "rule", 1.5, (3, 3))
        pen.mark(Mark(f"no network has more at less: {names}"), line)
    for family, members in points.groupby("family", sort=False):
        colour, shape = look(str(family))
        for group, those in members.groupby("line", sort=False) if plane.joined else ():
            if not group or len(those) < 2:
                continue
            line = pen.line(panel, list(those["x"]), list(those["y"]), colour, 1.6)
            places = [pen.place(panel, row.x, row.y) for row in those.itertuples()]
            room.taken += [box for ends in pairwise(places) for box in along(*ends)]
            pen.mark(Mark(f"{FAMILIES.get(str(group), group)}: {' to '.join(those['label'].iloc[[0, -1]])}"), line)
        said = [said_of(row, plane) for row in members.itertuples()]
        for row, sentence in zip(members.itertuples(), said, strict=True):
            if math.isfinite(row.printed_x):
                line = pen.line(panel, [row.printed_x, row.x], [row.printed_y, row.y], colour, 1.2)
                pen.mark(Mark(sentence), line)
                pen.points(
                    panel,
                    [row.printed_x],
                    [row.printed_y],
                    "diamond",
                    5,
                    colour,
                    [f"{sentence} (the paper's)"],
                    hollow=1.4,
                )
                room.taken.append(about(*pen.place(panel, row.printed_x, row.printed_y), 6))
        pen.points(panel, list(members["x"]), list(members["y"]), shape, 4.5, colour, said)
        room.taken += [about(*pen.place(panel, row.x, row.y), 5) for row in members.itertuples()]
    name_points(pen, panel, room, points, crowded=len(crowd) > 0)
    if plane.pareto:
        name_frontier(pen, panel, room, best)
    words = [said_of(row, plane) for row in points.itertuples()]
    words += [f"{len(crowd):,} others"] if len(crowd) else []
    return pen.svg(f"{plane.y} over {plane.x}. " + ". ".join(words) + ".")


def scatter(
    points: pd.DataFrame,
    *,
    name: str,
    title: str,
    x: str,
    y: str,
    subtitle: str = "",
    caption: str = "",
    log: str = "",
    joined: bool = False,
    pareto: bool = False,
) -> Drawing:
    """Networks in a plane. `x` and `y` name the axes with their units; `log` says which are logarithmic ("x", "xy").

    Columns of `points`: label, x, y, family ("v1", "rs", "v2", or "" for others), and where they are there printed_x
    and printed_y: the paper's own values, a hollow diamond with a line to ours; and crowd: true for many small marks
    without words. `joined` draws a line through each family in the order of its rows, or through those that share a
    name in a column `line`, where it is there ("": none); `pareto` draws one through the networks that none beats
    (less x, more y).
    """
    shown = points.assign(**{n: points.get(n, math.nan) for n in ("printed_x", "printed_y")})
    shown["line"] = points.get("line", points["family"])
    shown["crowd"] = points.get("crowd", False)
    draw = partial(draw_scatter, points=shown, plane=Plane(x, y, log, joined, pareto))
    return Drawing(name, title, subtitle, caption, draw, points)
