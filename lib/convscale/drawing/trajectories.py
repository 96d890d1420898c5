"""Named lines over a field of points, such as what three ways of growing cost, in a grid of networks."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from math import dist
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import LABEL, NARROW
from .pen import Pen
from .plane import HEIGHT, Plane, beside, frame, span
from .room import Room, about, along, box_of
from .svg import Mark
from .training import DASHES, LEFT, SWATCH

if TYPE_CHECKING:
    import pandas as pd

FAR = (0, 10, 22, 36, 52, 70, 90)  # px that a name may lie away from its line
PIECE = "mi"  # letters as wide as a piece of line before a name, which is `SWATCH` px
LEADER = 26  # px from which on a hairline leads back to it
LATE = 0.2  # px that a name is worth off its line for each px that it is nearer to the line's end
SHAPES = ("square", "disc", "triangle", "diamond")  # of the lines' points, in their order
MANY = 40  # points of a field from which on they are small
MOST_MARKED = 12  # points of a line; one of more is drawn without its points


def said_of(row, plane: Plane) -> str:
    """A point in words."""
    return f"{row.line}, {row.label}: {plane.x} {row.x:.4g}, {plane.y} {row.y:.4g}"


def around(x: float, y: float) -> list[tuple[float, float, str]]:
    """Places for the name of a line about one of its points, the near ones first."""
    ways = [(side, up) for side in (1, -1, 0) for up in (0, -1, 1) if side or up]
    anchors = {1: "start", -1: "end", 0: "middle"}
    drop = {0: 4, -1: -8, 1: 17}  # px from the point to the baseline
    return [(x + (7 + far) * side, y + drop[up] + far * up, anchors[side]) for far in FAR for side, up in ways]


def name_line(
    pen: Pen, rooms: list[Room], places: list[tuple[float, float]], text: str, colour: str, dash: tuple | None
) -> None:
    """The name of a line behind a piece of it, near one of `places`, its points from the last one on, or farther off
    with a hairline between."""
    spots = sorted(
        (max(abs(spot[0] - x), abs(spot[1] - y)) + LATE * dist((x, y), places[0]), spot, (x, y))
        for x, y in places
        for spot in around(x, y)
    )
    for room in rooms:
        padded = f"{PIECE}{text}"
        if (found := room.first([spot for _, spot, _ in spots], padded, LABEL, bold=True)) is None:
            continue
        x, y = next(place for _, spot, place in spots if spot == found)
        if dist((x, y), found[:2]) > LEADER:
            pen.line(pen.page, [found[0], x], [found[1] + (4 if found[1] < y else -10), y], "rule", 0.8)
        for other in (other for other in rooms if other is not room):
            other.taken.append(room.taken[-1])
        start = box_of(found[0], found[1], padded, found[2], LABEL, True)[0] + 1
        pen.line(pen.page, [start, start + SWATCH - 4], [found[1] - 4] * 2, colour, 2, dash)
        return pen.text(start + SWATCH, found[1], text, colour, bold=True)
    return None


def draw_paths(width: int, lines: pd.DataFrame, field: pd.DataFrame, plane: Plane) -> str:
    height = HEIGHT[width == NARROW]
    pen = Pen(width, height + 62)
    left = LEFT + 10
    xs, ys = ([*lines[axis], *field[axis]] for axis in "xy")
    panel = pen.panel(
        left, 22, width - left - 4, height, span(xs, "x" in plane.log), span(ys, "y" in plane.log), plane.log
    )
    frame(pen, panel, plane)
    if len(field):
        titles = [f"{row.label}: {plane.x} {row.x:.4g}, {plane.y} {row.y:.4g}" for row in field.itertuples()]
        half = 2.2 if len(field) > MANY else 4
        pen.points(panel, list(field["x"]), list(field["y"]), "disc", half, "rule", titles)
    clear, crowded = Room(width, height + 22), Room(width, height + 22)
    for room in (clear, crowded):
        room.taken.append((0, 0, left, height + 22))  # the numbers at the axis
    clear.taken += [about(*pen.place(panel, row.x, row.y), 3) for row in field.itertuples()]
    groups, said = list(lines.groupby("line", sort=False)), []
    for i, (name, members) in enumerate(groups):
        colour, marked = members["family"].iloc[0] or "soft", 2 < len(members) <= MOST_MARKED
        ends = [f"{members['label'].iloc[k]} {members['y'].iloc[k]:.4g}" for k in (0, -1)]
        said.append(f"{name}: {plane.y} from {' to '.join(ends)}")
        width_px = 2.4 if DASHES[i] is None else 1.8
        pen.mark(Mark(said[-1]), pen.line(panel, list(members["x"]), list(members["y"]), colour, width_px, DASHES[i]))
        places = [pen.place(panel, row.x, row.y) for row in members.itertuples()]
        boxes = [box for piece in pairwise(places) for box in along(*piece)]
        if marked:
            titles = [said_of(row, plane) for row in members.itertuples()]
            pen.points(panel, list(members["x"]), list(members["y"]), SHAPES[i % 4], 4, colour, titles)
            boxes += [about(x, y, 5) for x, y in places]
        for room in (clear, crowded):
            room.taken += boxes
    for i, (name, members) in enumerate(groups):
        places = [pen.place(panel, row.x, row.y) for row in members.iloc[::-1].itertuples()]
        name_line(pen, [clear, crowded], places, str(name), members["family"].iloc[0] or "soft", DASHES[i])
    for _, members in groups:
        for row in members.itertuples():
            spots = beside(*pen.place(panel, row.x, row.y))
            if row.label and len(members) <= MOST_MARKED and (spot := crowded.first(spots, row.label)):
                if len(field) > MANY:
                    pen.over(crowded.taken[-1])
                pen.small(spot[0], spot[1], row.label, row.family or "soft", anchor=spot[2])
    return pen.svg(f"{plane.y} over {plane.x}. " + ". ".join(said) + ".")


def paths(
    lines: pd.DataFrame,
    *,
    name: str,
    title: str,
    x: str,
    y: str,
    subtitle: str = "",
    caption: str = "",
    log: str = "",
    field: pd.DataFrame | None = None,
) -> Drawing:
    """Lines with names, each with its own dashes and marks, over grey points where a `field` is given.

    Columns of `lines`, in the order in which they are joined: line (its name), label (of the point, or ""), x, y, and
    family ("v1", "rs", "v2", or "" for a grey line). Columns of `field`: label, x, y. `x` and `y` name the axes with
    their units; `log` says which are logarithmic. At most six lines, which is as many as there are dashes.
    """
    import pandas as pd

    if (count := lines["line"].nunique()) > len(DASHES):
        raise ValueError(f"{count} lines: at most {len(DASHES)} can be told apart")
    behind = pd.DataFrame(columns=["label", "x", "y"]) if field is None else field
    draw = partial(draw_paths, lines=lines, field=behind, plane=Plane(x, y, log, True, False))
    parts = [lines, behind.assign(line="", family="")] if len(behind) else [lines]
    return Drawing(name, title, subtitle, caption, draw, pd.concat(parts, ignore_index=True))
