"""Dot plot: what the paper prints and what we have, one network a row."""

from __future__ import annotations

import math
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import LABEL, NARROW, SMALL, decimals, number, width_of, wrap
from .pen import Pen
from .plane import look, round_numbers, span
from .svg import Mark

if TYPE_CHECKING:
    import pandas as pd

LEADING = 16  # px from line to line
ROW = 26  # px, least height of a row
HEAD = 22  # px: names of the columns of numbers


def colour_of(row) -> str:
    """Of our mark: the family's, or, where the row says whether both agree, that of the verdict."""
    return look(row.family)[0] if row.agrees is None else "yes" if row.agrees else "no"


def sentence(row, heads: tuple[str, str]) -> str:
    known = "not run" if not math.isfinite(row.ours) else f"{heads[1]} {row.ours_shown}"
    agrees = "" if row.agrees is None else ", agrees" if row.agrees else ", differs"
    return f"{row.label}: {heads[0]} {row.paper_shown or 'no number'}, {known}{agrees}"


def draw_dots(width: int, rows: pd.DataFrame, unit: str, log: bool, heads: tuple[str, str]) -> str:
    narrow = width == NARROW
    shown = list(rows.itertuples())
    number_room = [
        max(width_of(text, SMALL) for text in (head, *rows[column])) + 12
        for head, column in zip(heads, ("paper_shown", "ours_shown"), strict=True)
    ]
    words = SMALL if narrow else LABEL
    left = min(max(width_of(row.label, words) for row in shown) + 14, 0.38 * width)
    right = width - sum(number_room) - (6 if narrow else 14)
    texts = [wrap(row.label, left - 10, words) for row in shown]
    y, middles, groups = float(HEAD), [], []
    for name, members in groupby(range(len(shown)), key=lambda i: shown[i].group):
        if name:
            groups.append((y + 18, name))
            y += 28
        for i in members:
            height = max(ROW, LEADING * len(texts[i]) + 8)
            middles.append(y + height / 2)
            y += height
    values = [value for column in ("paper", "ours") for value in rows[column] if math.isfinite(value)]
    pen = Pen(width, y + 40)
    panel = pen.panel(left, 0, right - left, y + 40, span(values, log), (y + 40, 0), log="x" if log else "")
    low, high = panel.get_xlim()
    marks = round_numbers(low, high, log, 3 if narrow else 5)
    for value in marks:
        pen.line(panel, [value, value], [HEAD, y], "line")
        text = number(value, decimals([value] if log else marks))
        pen.small(pen.place(panel, value, 0)[0], y + 16, text, anchor="middle")
    for head, x in zip(heads, (width - number_room[1], width), strict=True):
        pen.small(x, 12, head, anchor="end")
    for under, name in groups:
        pen.small(0, under, name)
        pen.line(pen.page, [0, width], [under + 6, under + 6], "line")
    for row, middle, lines in zip(shown, middles, texts, strict=True):
        top = middle + 4.5 - LEADING * (len(lines) - 1) / 2
        for k, line in enumerate(lines):
            pen.text(0, top + LEADING * k, line, size=words)
        said, both = sentence(row, heads), math.isfinite(row.ours) and math.isfinite(row.paper)
        if both:
            pen.mark(Mark(said), pen.line(panel, [row.paper, row.ours], [middle, middle], colour_of(row), 1.5))
        if not math.isfinite(row.ours):
            pen.mark(Mark(said), pen.line(panel, [low, high], [middle, middle], "rule", 1.5, (3, 4)))
        else:
            shape = look(row.family)[1] if row.agrees is None else "disc" if row.agrees else "square"
            pen.points(panel, [row.ours], [middle], shape, 4.5, colour_of(row), [said])
        if math.isfinite(row.paper):
            pen.points(panel, [row.paper], [middle], "diamond", 6, look(row.family)[0], [said], hollow=1.4)
        pen.small(width - number_room[1], middle + 4.5, row.paper_shown, anchor="end")
        ours = row.ours_shown if math.isfinite(row.ours) else "not run"
        pen.small(width, middle + 4.5, ours, "ink" if math.isfinite(row.ours) else "none", anchor="end")
    pen.small((left + right) / 2, y + 34, unit, anchor="middle")
    return pen.svg(f"{unit}, {' and '.join(heads)}. " + ". ".join(sentence(row, heads) for row in shown) + ".")


def dots(
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    unit: str,
    subtitle: str = "",
    caption: str = "",
    log: bool = False,
    digits: int = 1,
    heads: tuple[str, str] = ("paper", "ours"),
) -> Drawing:
    """One network a row: the paper's value as a hollow diamond, ours as its family's marker, with a line between.

    Columns of `rows`: label, paper and ours (numbers; NaN: no number, not run), family ("v1", "rs", "v2", or "" for
    others), and where they are there: group (a heading over neighbours that share it) and agrees (where both are known,
    ours is then a disc or a square in the colour of the verdict; None: nothing is judged). `unit` names the axis,
    `digits` are the decimals of the numbers beside it, `heads` what the two numbers are.
    """

    def shown(value: float) -> str:
        return number(value, digits) if math.isfinite(value) else ""

    both = rows["paper"].notna() & rows["ours"].notna()
    full = rows.assign(
        group=rows.get("group", ""),
        agrees=rows["agrees"].astype(object).where(both, None) if "agrees" in rows else None,
        paper_shown=rows["paper"].map(shown),
        ours_shown=rows["ours"].map(lambda value: shown(value) or "not run"),
    )
    draw = partial(draw_dots, rows=full, unit=unit, log=log, heads=heads)
    return Drawing(name, title, subtitle, caption, draw, rows)
