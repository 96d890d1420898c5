"""Several numbers a row on one axis, each kind with its own marker: what sources print, or ratios of several costs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import LABEL, NARROW, SMALL, decimals, number, width_of
from .pen import Pen
from .plane import round_numbers, span
from .room import Room
from .svg import Mark

if TYPE_CHECKING:
    import pandas as pd

ROW, LANE = 26, 10  # px: height of a row, and from one mark to another that stands above it
HALF = 4.0  # px of a marker
LEGEND = 20  # px, height of a line of the legend
Kinds = Mapping[str, tuple[str, str]]  # kind of number -> colour and shape of its marker


def lanes(places: list[float], step: float = 2 * HALF + 1) -> list[float]:
    """How far each of the marks at `places` px stands below the middle, in lanes: marks that would touch, closer than
    `step` to a neighbour, stand above each other about the middle."""
    found = [0.0] * len(places)
    group: list[int] = []
    for i in [*sorted(range(len(places)), key=places.__getitem__), None]:
        if i is not None and (not group or places[i] - places[group[-1]] < step):
            group.append(i)
            continue
        for k, member in enumerate(group):
            found[member] = k - (len(group) - 1) / 2
        group = [] if i is None else [i]
    return found


def legend(pen: Pen, kinds: Kinds) -> float:
    """The kinds with their markers, in as many lines as they need; returns where they end."""
    x, y = 0.0, 4.0
    for name, (colour, shape) in kinds.items():
        wide = 16 + width_of(name, SMALL)
        if x and x + wide > pen.width:
            x, y = 0.0, y + LEGEND
        pen.points(pen.page, [x + 5], [y + 5], shape, HALF, colour)
        pen.small(x + 14, y + 9, name)
        x += wide + 12
    return y + LEGEND


def draw_series(
    width: int, rows: pd.DataFrame, kinds: Kinds, unit: str, reference: tuple[float, str, bool] | None, log: bool
) -> str:
    labels = list(dict.fromkeys(rows["label"]))
    details = {label: rows.loc[rows["label"] == label, "detail"].iloc[0] for label in labels}
    words = SMALL if width == NARROW else LABEL
    left = min(max(width_of(label, words) for label in labels) + 14, 0.42 * width)
    right = width - max(width_of(text, SMALL) for text in details.values()) - 10
    values = [*rows["value"], *([reference[0]] if reference else [])]
    limits = span(values, log)
    shown = {kind: look for kind, look in kinds.items() if kind in set(rows["kind"])}
    top = LEGEND * (2 + (sum(28 + width_of(kind, SMALL) for kind in shown) > width))  # legend, and the line's name
    probe = Pen(width, 10)
    panel = probe.panel(left, 0, right - left, 10, limits, (10, 0), log="x" if log else "")
    lane_of = {
        label: lanes([probe.place(panel, value, 0)[0] for value in rows.loc[rows["label"] == label, "value"]])
        for label in labels
    }
    heights = {label: ROW + 2 * LANE * max(lane_of[label]) for label in labels}
    bottom = top + sum(heights.values())
    pen = Pen(width, bottom + 40)
    legend(pen, shown)
    panel = pen.panel(left, 0, right - left, bottom + 40, limits, (bottom + 40, 0), log="x" if log else "")
    if reference and reference[2]:
        pen.box(panel, reference[0], top, limits[1] - reference[0], bottom - top, "yes-tint")
    marks = round_numbers(*limits, log, 4 if width == NARROW else 6)
    for value in marks:
        pen.line(panel, [value, value], [top, bottom], "line")
        text = number(value, decimals([value] if log else marks), sign=not log and limits[0] < 0)
        pen.small(pen.place(panel, value, 0)[0], bottom + 16, text, anchor="middle")
    if reference:
        pen.line(panel, [reference[0]] * 2, [top, bottom], "ink")
        across = pen.place(panel, reference[0], 0)[0]
        (spot,) = [s for s in [Room(width, bottom).first(places(across, top), reference[1])] if s] or [(0, 0, "start")]
        pen.small(spot[0], spot[1], reference[1], "ink", anchor=spot[2])
    y, said = float(top), []
    for label in labels:
        members = rows[rows["label"] == label]
        middle = y + heights[label] / 2
        pen.text(0, middle + 4.5, label, size=words)
        pen.small(width, middle + 4.5, details[label], anchor="end")
        ends = [members["value"].min(), members["value"].max()]
        pen.mark(Mark(f"{label}: {details[label]}"), pen.line(panel, ends, [middle, middle], "rule", 1.2))
        for row, lane in zip(members.itertuples(), lane_of[label], strict=True):
            colour, shape = kinds[row.kind]
            pen.points(
                panel,
                [row.value],
                [middle + LANE * lane],
                shape,
                HALF,
                colour,
                [row.said],
                hollow=1.4 if row.hollow else 0,
            )
        said += list(members["said"])
        y += heights[label]
    pen.small((left + right) / 2, bottom + 34, unit, anchor="middle")
    return pen.svg(f"{unit}. " + ". ".join(said) + ".")


def places(across: float, top: float) -> list[tuple[float, float, str]]:
    """Where the name of the line at `across` px may stand, above it."""
    return [(across, top - 5, anchor) for anchor in ("middle", "end", "start")]


def series(
    rows: pd.DataFrame,
    *,
    kinds: Kinds,
    name: str,
    title: str,
    unit: str,
    reference: tuple[float, str, bool] | None = None,
    subtitle: str = "",
    caption: str = "",
    log: bool = False,
) -> Drawing:
    """Several numbers a row on one axis; marks that would touch stand above each other.

    Columns of `rows`, a row a mark: label (of its line), detail (at the line's end, the same for all its marks), value,
    kind (a key of `kinds`, which says colour and shape), said (the mark in words), hollow (an outline instead). `unit`
    names the axis; `reference` is a line at a value, its name, and whether what lies above it is shaded.
    """
    draw = partial(draw_series, rows=rows, kinds=kinds, unit=unit, reference=reference, log=log)
    return Drawing(name, title, subtitle, caption, draw, rows.drop(columns=["said", "hollow"]))
