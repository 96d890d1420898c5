"""Shares of three in a triangle: each corner is all of one, the middle a third of each."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import SMALL, width_of
from .pen import Pen
from .room import Room, about

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 430  # px, a side on the wide page
SQRT3 = math.sqrt(3)


def draw_triangle(width: int, points: pd.DataFrame, corners: tuple[str, str, str], family: str) -> str:
    side = min(LARGEST, width - 24)
    left, top = (width - side) / 2, 26.0
    tall = side * SQRT3 / 2
    pen = Pen(width, top + tall + 46)
    page = pen.page

    def place(a: float, b: float, c: float) -> tuple[float, float]:
        """Of shares of the lower left, the lower right and the upper corner."""
        return left + side * (b + c / 2), top + tall * (1 - c)

    ends = [place(1, 0, 0), place(0, 1, 0), place(0, 0, 1)]
    for part in (0.25, 0.5, 0.75):
        for one, two in (
            ((part, 1 - part, 0), (part, 0, 1 - part)),
            ((1 - part, part, 0), (0, part, 1 - part)),
            ((1 - part, 0, part), (0, 1 - part, part)),
        ):
            (x, y), (u, v) = place(*one), place(*two)
            pen.line(page, [x, u], [y, v], "line")
    pen.line(page, [x for x, _ in [*ends, ends[0]]], [y for _, y in [*ends, ends[0]]], "rule", 1.2)
    pen.text(ends[0][0] - 4, ends[0][1] + 18, corners[0], bold=True)
    pen.text(ends[1][0] + 4, ends[1][1] + 18, corners[1], bold=True, anchor="end")
    pen.text(ends[2][0], ends[2][1] - 10, corners[2], bold=True, anchor="middle")
    room = Room(width, pen.height)
    room.taken += [(x - 70, y + 4, x + 70, y + 24) for x, y in ends[:2]] + [(ends[2][0] - 70, 0, ends[2][0] + 70, 22)]
    rows = list(points.itertuples())
    at = [place(row.a, row.b, row.c) for row in rows]
    words = []
    for row in rows:
        parts = zip((row.a, row.b, row.c), corners, strict=True)
        words.append(f"{row.about}: {', '.join(f'{100 * share:.0f} % {corner}' for share, corner in parts)}")
    for kind, shape, half, colour, hollow in (
        ("far", "disc", 2.6, "rule", 1.1),
        ("near", "disc", 2.8, "soft", 0.0),
        ("paper", "diamond", 7, family, 2.0),
        ("other", "square", 4, family, 0.0),
    ):
        chosen = [i for i, row in enumerate(rows) if row.kind == kind]
        if chosen:
            xs, ys = zip(*(at[i] for i in chosen), strict=True)
            pen.points(page, list(xs), list(ys), shape, half, colour, [words[i] for i in chosen], hollow=hollow)
    room.taken += [about(x, y, 7 if row.label else 3) for (x, y), row in zip(at, rows, strict=True)]
    for (x, y), row in zip(at, rows, strict=True):
        if not row.label:
            continue
        across = width_of(row.label, SMALL)
        spots = [(x + 10, y + 4, "start"), (x - 10, y + 4, "end"), (x, y - 12, "middle"), (x, y + 22, "middle")]
        outside = [(min(left + side * 0.80, width - across), top + 20 + 16 * i, "start") for i in range(6)]
        if spot := room.first([*spots, *outside], row.label):
            if spot not in spots:
                end = spot[0] - 4 if spot[0] > x else spot[0] + across + 4
                pen.line(page, [x, end], [y, spot[1] - 4], family, 1)
            pen.small(spot[0], spot[1], row.label, family, anchor=spot[2])
    said = [text for text, row in zip(words, rows, strict=True) if row.label]
    return pen.svg(f"Shares of {', '.join(corners)}: {len(rows)} points. " + ". ".join(said) + ".")


def triangle(
    points: pd.DataFrame,
    *,
    name: str,
    title: str,
    corners: tuple[str, str, str],
    subtitle: str = "",
    caption: str = "",
    family: str = "v1",
) -> Drawing:
    """Points by their shares of three: lower left, lower right, upper corner.

    Columns of `points`: a, b, c (shares, which add up to 1), about (in words, on hover), kind ("far": a hollow ring;
    "near": a dot; "paper": a hollow diamond, "other": a square, both in the colour of `family`), label ("" for none).
    """
    draw = partial(draw_triangle, points=points, corners=corners, family=family)
    return Drawing(name, title, subtitle, caption, draw, points)
