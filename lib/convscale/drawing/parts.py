"""What each part of a whole has of several quantities: one bar of 100 % for each quantity."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import SMALL, number, width_of
from .pen import Pen
from .svg import Mark

if TYPE_CHECKING:
    import pandas as pd

BAR, PITCH, TOP = 34, 66, 26  # px: height of a bar, from one to the next, and above the first
LEAST = 0.05  # %: a smaller share is said as "less than" in the words of a mark


def said_of(row) -> str:
    share = f"{number(row.share)} %" if row.share >= LEAST else f"less than {2 * LEAST:g} %"
    return f"{row.bar}, {row.part}: {share}"


def draw_shares(width: int, rows: pd.DataFrame, group: tuple[str, str], family: str) -> str:
    bars = list(dict.fromkeys(rows["bar"]))
    pen = Pen(width, TOP + PITCH * len(bars))
    left = 0.0
    for word, fill in zip(group, (family, "bg"), strict=True):
        pen.box(pen.page, left + 0.5, 2.5, 18, 12, fill, family)
        pen.small(left + 26, 13, word)
        left += 26 + width_of(word, SMALL) + 16
    for k, bar in enumerate(bars):
        y, start = TOP + PITCH * k, 0.0
        members = rows[rows["bar"] == bar]
        pen.text(0, y + 16, bar, bold=True)
        first = float(members.loc[members["first"], "share"].sum())
        pen.small(width, y + 16, f"{group[0]}: {number(first, 1 if first < 10 else 0)} %", anchor="end")
        total = float(members["share"].sum())
        for row in members.itertuples():
            end = start + row.share / total * (width - 2)
            fill, ink = (family, "bg") if row.first else ("bg", family)
            box = pen.box(pen.page, 1 + start + 0.75, y + 24, max(end - start - 1.5, 0.1), BAR, fill, family)
            pen.mark(Mark(said_of(row)), box)
            share = f"{number(row.share, 0)} %"
            lines = [row.short, share] if width_of(share, SMALL) <= end - start - 4 else [row.short]
            if width_of(row.short, SMALL) <= end - start - 4:
                for i, line in enumerate(lines):
                    middle = y + 24 + BAR / 2 + 4.5 + 14 * (i - (len(lines) - 1) / 2)
                    pen.small(1 + (start + end) / 2, middle, line, ink, anchor="middle")
            start = end
    return pen.svg("Shares of a whole. " + ". ".join(said_of(row) for row in rows.itertuples()) + ".")


def shares(
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    group: tuple[str, str],
    family: str,
    subtitle: str = "",
    caption: str = "",
) -> Drawing:
    """Parts of a whole by several quantities, a bar of 100 % each, in the order of `rows`.

    Columns of `rows`: bar (the quantity), part (in words), short (what stands in its field), share (%), first (whether
    it belongs to the first `group`, which is filled and summed up beside the bar; the others are outlined).
    """
    return Drawing(name, title, subtitle, caption, partial(draw_shares, rows=rows, group=group, family=family), rows)
