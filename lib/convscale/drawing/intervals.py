"""The forest plot: differences with their intervals, one a row, beside what the paper claims."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from .differences import Row, Style, read, table
from .display import Drawing
from .glyphs import STATES
from .ink import NARROW, SMALL, decimals, number, ticks, width_of, wrap
from .pen import Pen
from .svg import Mark

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LEADING = 17  # px from line to line
STRIP = 34  # px, height of a row's own drawing on the narrow page
PLOT, ANSWER = (232, 530), 544  # px: the panel and the column of numbers on the wide page
MOST_SEEDS = 40  # where the slider ends; ours, for more no page here could pay
# A script of the book (figures.js) reads the rows' data and moves the ghosts; without scripts the line is not shown.
SLIDER = (
    '<div class="sf-more sf-js-only"><label>With more seeds? <input type="range" min="{least}" max="{most}" '
    'value="{least}"></label> <output>{least} seeds, as run</output></div>'
)


def limits(rows: list[Row], reference: float) -> tuple[float, float]:
    """From the least to the greatest number, and a little more; where nothing was run, as far on both sides."""
    every = [v for r in rows for v in (r.mean, r.low, r.high, r.paper, *r.seeds) if v is not None and math.isfinite(v)]
    low, high = min([*every, reference]), max([*every, reference])
    if all(row.mean is None for row in rows):
        reach = max(high - reference, reference - low)
        low, high = reference - reach, reference + reach
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def heads(style: Style, zero: float, left: float, right: float) -> Iterator[tuple[float, str, str]]:
    """Names of both sides of the line, where there is room: place, anchor, words."""
    above, below = style.sides if style.better == "higher" else style.sides[::-1]
    places = ((above, zero + 6, "start", right - zero - 6), (below, zero - 6, "end", zero - 6 - left))
    for words, x, anchor, room in places:
        if width_of(words, SMALL) <= room:
            yield x, anchor, words


def data_of(row: Row, style: Style, across: float, zero: float, unit: float, y: float) -> dict[str, str]:
    """What the slider needs to draw the interval of more seeds: statistics, and places in px."""
    if not row.known or len(row.seeds) < 2 or row.mean is None:
        return {}
    centre = sum(row.seeds) / len(row.seeds)
    deviation = math.sqrt(sum((seed - centre) ** 2 for seed in row.seeds) / (len(row.seeds) - 1))
    found = {"m": f"{row.mean - style.reference:.6g}", "sd": f"{deviation:.6g}", "n": str(len(row.seeds))}
    return found | {"x": f"{across:.1f}", "y": f"{y:.1f}", "unit": f"{unit:.4g}", "claim": str(int(bool(row.verdict)))}


def draw_row(pen: Pen, panel: Axes, row: Row, style: Style, y: float) -> None:
    """The marks of a row about height `y`: seeds above, the paper below, interval and mean between."""
    first, last = panel.get_xlim()
    if row.mean is None:
        dashes = pen.line(panel, [first, last], [y, y], "rule", 1.5, (3, 4))
        pen.mark(Mark(style.sentence(row)), dashes)
        return draw_paper(pen, panel, row, style, y)
    titles = [f"{row.label}, one seed: {style.number(seed)}" for seed in row.seeds]
    if row.seeds:
        pen.points(panel, row.seeds, [y - 9] * len(titles), "disc", 2.6, row.colour, titles, hollow=1.1)
    across, _ = pen.place(panel, row.mean, y)
    zero, _ = pen.place(panel, style.reference, y)
    unit = (pen.place(panel, last, y)[0] - pen.place(panel, first, y)[0]) / (last - first)
    if row.known:
        data = data_of(row, style, across, zero, unit, y)
        pen.mark(Mark(style.sentence(row), data=data), pen.line(panel, [row.low, row.high], [y, y], row.colour, 2))
    pen.points(panel, [row.mean], [y], "disc", 5, row.colour, [style.sentence(row)])
    draw_paper(pen, panel, row, style, y + 11)


def draw_paper(pen: Pen, panel: Axes, row: Row, style: Style, y: float) -> None:
    """The paper's own value, where it prints one."""
    if row.paper is not None:
        said = f"{row.label}, the paper: {style.number(row.paper)}"
        pen.points(panel, [row.paper], [y], "diamond", 5, row.family, [said], hollow=1.4)


def draw_words(pen: Pen, row: Row, style: Style, top: float, narrow: bool, lines: tuple[list[str], list[str]]) -> None:
    """Label and detail on the left, numbers and verdict on the right. `lines` are both texts, cut to their width."""
    dead = row.mean is None
    for i, text in enumerate(lines[0]):
        pen.text(0, top + LEADING * i, text, "none" if dead else "ink", bold=bool(row.verdict) and not dead)
    for i, text in enumerate(lines[1]):
        pen.small(0, top + LEADING * (len(lines[0]) + i), text, "none" if dead else "soft")
    word = "Not run" if dead else row.verdict
    under = top if dead else top + LEADING
    left = NARROW - width_of(word, SMALL, dead) - 19 if narrow else ANSWER
    if word:
        glyph = STATES[word.lower()]
        pen.points(pen.page, [left + 6.5], [under - 4.5], glyph, 6.5, row.colour, [word.capitalize()])
        x, anchor = (NARROW, "end") if narrow else (left + 18, "start")
        pen.small(x, under, word, row.colour, bold=dead, anchor=anchor)
    if dead:
        return
    interval = style.interval(row)
    if narrow:
        pen.small(NARROW, top, interval, anchor="end")
        beside = NARROW - (width_of(interval, SMALL) + 10 if interval else 0)
        pen.text(beside, top, style.value(row), row.colour, bold=True, anchor="end")
    else:
        pen.text(ANSWER, top, style.value(row), row.colour, bold=True)
        after = ANSWER + width_of(style.value(row), bold=True) + 10
        pen.small(min(after, pen.width - width_of(interval, SMALL)), top, interval)


def draw(width: int, rows: list[Row], style: Style) -> str:
    narrow = width == NARROW
    left, right = (4, NARROW - 4) if narrow else PLOT
    room = NARROW - 128 if narrow else left - 14
    texts = [
        (
            wrap(row.label, room, bold=bool(row.verdict)),
            wrap(row.detail, NARROW if narrow and row.mean is None else room, SMALL),
        )
        for row in rows
    ]
    # heights: each row's first baseline, and where its marks lie
    y, places, groups = 22.0, [], []
    for name, members in groupby(range(len(rows)), key=lambda i: rows[i].group):
        if name:
            groups.append((y + 20, name))
            y += 32
        for i in members:
            count = max(len(texts[i][0]) + len(texts[i][1]), 2 if rows[i].verdict or rows[i].mean is None else 1)
            top = y + 15
            middle = top + LEADING * (count - 1) + 21 if narrow else top + LEADING * (count - 1) / 2 - 2
            places.append((top, middle))
            y = middle + 23 if narrow else max(top + LEADING * (count - 1) + 11, middle + 21)
    bottom, height = y + 4, y + 44
    pen = Pen(width, height)
    low, high = limits(rows, style.reference)
    panel = pen.panel(left, 0, right - left, height, (low, high), (height, 0))
    spans = (
        [(m - 18, m + 18) for (_, m), row in zip(places, rows, strict=True) if row.mean is not None]
        if narrow
        else [(22, bottom)]
    )
    start, end = (style.reference, high) if style.better == "higher" else (low, style.reference)
    marks = [value for value in ticks(low, high) if not math.isclose(value, style.reference, abs_tol=1e-9)]
    for first, last in spans:
        pen.box(panel, start, first, end - start, last - first, "yes-tint", opacity=0.6)
        for value in marks:
            pen.line(panel, [value, value], [first, last], "line")
    for first, last in spans:
        pen.line(panel, [style.reference] * 2, [first, last], "ink")
    zero, _ = pen.place(panel, style.reference, 0)
    for x, anchor, words in heads(style, zero, 0 if narrow else left - 90, width):
        pen.small(x, 15, words, anchor=anchor)
    for under, name in groups:
        pen.small(0, under, name)
        pen.line(pen.page, [0, width], [under + 7, under + 7], "line")
    for row, (top, middle), lines in zip(rows, places, texts, strict=True):
        draw_row(pen, panel, row, style, middle)
        draw_words(pen, row, style, top, narrow, lines)
    digits = decimals(ticks(low, high))
    for value in [*marks, style.reference]:
        across, _ = pen.place(panel, value, 0)
        text = number(value, digits, style.reference == 0, style.suffix)
        pen.small(min(max(across, 12), width - 14), bottom + 16, text, anchor="middle")
    pen.small((left + right) / 2, bottom + 34, style.unit, anchor="middle")
    return pen.svg(f"Forest plot, {style.unit}. " + ". ".join(style.sentence(row) for row in rows) + ".")


def forest(
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    subtitle: str = "",
    caption: str = "",
    unit: str = "difference in test top-1, points",
    better: str = "higher",
    sides: tuple[str, str] = ("the side the paper claims", "against it"),
    reference: float = 0.0,
    digits: int = 1,
    suffix: str = "",
) -> Drawing:
    """Differences with their intervals, one row each, in the order of `rows`.

    Columns of `rows`: label; and where they are there: detail (below the label), group (a heading over neighbours
    that share it), mean (NaN: not run, drawn dashed in its place), low and high (the interval; NaN: none), seeds (list
    of paired differences, drawn as rings), paper (its own value, a hollow diamond), family ("v1", "rs" or "v2", the
    diamond's colour), verdict (a word of `glyph`, or "" for a control). `better`, "higher" or "lower", is the side of
    `reference` that is shaded; `sides` names it and the other. A slider below shows what more seeds would decide.
    """
    read_rows, style = read(rows), Style(unit, better, sides, reference, digits, suffix)
    counts = [len(row.seeds) for row in read_rows if row.verdict and row.known and len(row.seeds) > 1]
    below = SLIDER.format(least=max(counts), most=MOST_SEEDS) if counts and max(counts) < MOST_SEEDS else ""
    drawn = partial(draw, rows=read_rows, style=style)
    return Drawing(name, title, subtitle, caption, drawn, table(read_rows, style), below)
