"""Training over time: accuracy of several arms with the difference of two, and what each arm's schedule does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from .display import Drawing
from .glyphs import COLOURS, STATES
from .ink import LABEL, SMALL, decimals, number, spread, ticks, width_of, wrap
from .pen import Pen
from .svg import Mark

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LEVEL = 0.95  # of every band, as of every interval of the book
DASHES: tuple[tuple | None, ...] = (None, (7, 4), (2, 3.5), (9, 3, 2, 3), (4, 2), (1, 5))  # of the arms, in px
SWATCH = 18  # px of line before a label, so that its dashes tell which it is
MOST_LABEL = 0.44  # of the page's width goes to labels at most, so that the lines keep the larger part
GAP = 16  # px from label to label
LEFT = 36  # px for the numbers at the vertical axis
UPPER, LOWER = 178, 84  # px, heights of the panels of accuracy and of the difference


@dataclass(frozen=True)
class Curve:
    """Means over seeds at `xs`, and the band about them where there are at least two seeds."""

    label: str
    xs: list[float]
    means: list[float]
    lows: list[float]
    highs: list[float]
    seeds: int


@dataclass(frozen=True)
class Curves:
    """All that a figure of training curves shows; `at` is a place where the difference is judged, and its word."""

    arms: list[Curve]
    difference: Curve | None
    family: str
    labels: tuple[str, str, str]  # of the values, of the difference, of the horizontal axis
    spans: list[tuple[float, float, str]]
    at: tuple[float, str] | None


def band(table: pd.DataFrame, label: str) -> Curve:
    """A curve of `table`, one row an x and one column a seed; its band is the t interval of the mean."""
    from scipy.special import stdtrit  # scipy.stats has it too, and takes three times as long to import

    table = table.dropna()
    means, seeds = table.mean(axis=1), table.shape[1]
    half = stdtrit(seeds - 1, (1 + LEVEL) / 2) * table.std(axis=1) / seeds**0.5 if seeds > 1 else means * 0
    return Curve(label, list(table.index), list(means), list(means - half), list(means + half), seeds)


def tables(data: pd.DataFrame, arms: dict[str, str], x: str, metric: str) -> dict[str, pd.DataFrame]:
    """Values of each arm that has any, one row an x and one column a seed."""
    found = {arm: data[data["arm"] == arm].pivot(index=x, columns="seed", values=metric) for arm in arms}
    return {arm: table for arm, table in found.items() if len(table)}


def draw_curve(
    pen: Pen, panel: Axes, curve: Curve, colour: str, dash: tuple | None, title: str, banded: bool = True
) -> None:
    thick = 2.6 if dash is None else 1.8
    if len(curve.xs) == 1:  # a line needs two
        return pen.points(panel, curve.xs, curve.means, "disc", 4, colour, [title])
    artists = [pen.line(panel, curve.xs, curve.means, colour, thick, dash)]
    if banded and curve.seeds > 1:
        artists.insert(0, pen.area(panel, curve.xs, curve.lows, curve.highs, colour, 0.16))
    return pen.mark(Mark(title), *artists)


def limits(values: list[float], share: float = 0.06) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = share * (high - low) or 1.0
    return low - margin, high + margin


def grid(pen: Pen, panel: Axes, most: int, sign: bool = False, zero: bool = False) -> None:
    """Horizontal hairlines with their numbers; `zero` draws that one in ink."""
    low, high = panel.get_ylim()
    ends, marks = panel.get_xlim(), ticks(low, high, most)
    left, _ = pen.place(panel, ends[0], low)
    for value in marks:
        pen.line(panel, ends, [value, value], "ink" if zero and value == 0 else "line")
        pen.small(left - 6, pen.place(panel, 0, value)[1] + 4, number(value, decimals(marks), sign), anchor="end")


def cut(labels: list[str], width: float) -> list[list[str]]:
    """Labels in lines that fit beside a panel on a page of `width`; a model's name may break after a hyphen."""
    room = MOST_LABEL * width - SWATCH - 10
    return [wrap(label, room, LABEL if i == 0 else SMALL, i == 0) for i, label in enumerate(labels)]


def room_for(labels: list[list[str]]) -> float:
    """How wide the column of labels is, with the pieces of line before them."""
    return SWATCH + 10 + max(width_of(line, bold=i == 0) for i, lines in enumerate(labels) for line in lines)


def name_lines(
    pen: Pen, x: float, wanted: list[float], labels: list[list[str]], family: str, top: float, end: float
) -> None:
    """Labels to the right of the lines' ends, each behind a piece of its line."""
    gap = GAP * max(map(len, labels))
    for i, (y, lines) in enumerate(zip(spread(wanted, gap, top, end), labels, strict=True)):
        colour = family if i == 0 else "soft"
        pen.line(pen.page, [x, x + SWATCH - 4], [y, y], colour, 2.6 if i == 0 else 1.8, DASHES[i])
        for k, line in enumerate(lines):
            pen.text(x + SWATCH, y + 4 + 14 * k, line, colour, LABEL if i == 0 else SMALL, bold=i == 0)


def judged(pen: Pen, panel: Axes, figure: Curves) -> str:
    """The interval of the difference at `figure.at`, in its verdict's colour, and its words."""
    curve, (at, word) = figure.difference, figure.at or (0.0, "")
    i = min(range(len(curve.xs)), key=lambda k: abs(curve.xs[k] - at))  # type: ignore[union-attr]
    x, mean, low, high = (values[i] for values in (curve.xs, curve.means, curve.lows, curve.highs))
    said = f"at {figure.labels[2]} {x:g}: {number(mean, 1, True)} \u00b1 {high - mean:.1f}"
    colour = COLOURS[STATES[word]]
    pen.mark(Mark(f"{said}, {word}"), pen.line(panel, [x, x], [low, high], colour, 2))
    pen.points(panel, [x], [mean], "disc", 4.5, colour, [f"{said}, {word}"])
    across, under = pen.place(panel, x, min(curve.lows))
    after = across + 9 + width_of(said, SMALL) < pen.width
    pen.small(across + (9 if after else -9), under + 3, said, colour, anchor="start" if after else "end")
    return f"{said}, {word}"


def draw_curves(width: int, figure: Curves) -> str:
    arms, difference = figure.arms, figure.difference
    labels = cut([arm.label for arm in arms], width)
    right = width - room_for(labels)
    top, bottom = 22.0, 22.0 + UPPER
    heads = wrap(figure.labels[1], width, SMALL)
    below = bottom + (18 if figure.spans else 0) + (24 + 16 * len(heads) if difference else 0)
    end = below + (LOWER if difference else 0)
    pen = Pen(width, end + 38)
    xs = [x for arm in arms for x in arm.xs]
    shown = [value for arm in arms for values in (arm.means, arm.lows, arm.highs) for value in values]
    first, last = (min(xs), max(xs)) if min(xs) < max(xs) else (min(xs) - 1, max(xs) + 1)
    first = min([first, *(start for start, _, _ in figure.spans)])
    panel = pen.panel(LEFT, top, right - LEFT, UPPER, (first, last), limits(shown))
    pen.small(0, 12, figure.labels[0])
    grid(pen, panel, 5)
    for start, stop, label in figure.spans:
        left, _ = pen.place(panel, max(start, first), 0)
        across, _ = pen.place(panel, min(stop, last), 0)
        pen.small((left + across) / 2, bottom + 14, label, anchor="middle")
        if stop < last:
            pen.line(panel, [stop, stop], panel.get_ylim(), "line", 1, (2, 3))
    said = [
        f"{arm.label}: {number(arm.means[-1])} at {figure.labels[2]} {arm.xs[-1]:g}, mean of {arm.seeds} seeds"
        for arm in arms
    ]
    for i in reversed(range(len(arms))):  # the arm in question lies on top
        banded = i == 0 or difference is None
        draw_curve(pen, panel, arms[i], figure.family if i == 0 else "soft", DASHES[i], said[i], banded)
    wanted = [pen.place(panel, arm.xs[-1], arm.means[-1])[1] for arm in arms]
    name_lines(pen, right + 7, wanted, labels, figure.family, top + 2, bottom - 2)
    if difference:
        for i, line in enumerate(heads):
            pen.small(0, below - 8 - 16 * (len(heads) - 1 - i), line)
        lower = pen.panel(
            LEFT, below, right - LEFT, LOWER, (first, last), limits([*difference.lows, *difference.highs, 0])
        )
        grid(pen, lower, 4, sign=True, zero=True)
        for stop in (stop for _, stop, _ in figure.spans if stop < last):
            pen.line(lower, [stop, stop], lower.get_ylim(), "line", 1, (2, 3))
        said.append(f"{figure.labels[1]}: {number(difference.means[-1], 1, True)} at the end")
        draw_curve(pen, lower, difference, figure.family, None, said[-1])
        if figure.at:
            said.append(judged(pen, lower, figure))
    marks = ticks(first, last)
    for value in marks:
        across, _ = pen.place(panel, value, 0)
        pen.small(across, end + 16, number(value, decimals(marks)), anchor="middle")
    pen.small((LEFT + right) / 2, end + 34, figure.labels[2], anchor="middle")
    return pen.svg(f"Training curves, {figure.labels[0]}. " + ". ".join(said) + ".")


def curves(
    data: pd.DataFrame,
    *,
    name: str,
    title: str,
    arms: dict[str, str],
    subtitle: str = "",
    caption: str = "",
    family: str = "v2",
    x: str = "epoch",
    metric: str = "test_top1",
    unit: str = "Test top-1, %",
    against: str = "",
    spans: list[tuple[float, float, str]] | None = None,
    at: tuple[float, str] | None = None,
) -> Drawing:
    """Training curves: means over seeds, with the 95 % t interval as a band.

    `data` has columns arm, seed, `x` and `metric`. `arms` maps the arms to draw to their labels; the first is the one
    in question and has the family's colour, the others are grey with dashes of their own. With an arm `against`, a
    lower panel shows the first minus that one, paired by seed; bands of the others are left out then. `spans` are
    stretches of x with a name, such as image sizes; `at` is an x where the difference was judged, and its verdict.
    Raises ValueError where no arm has data, and for more than six arms, which nobody tells apart.
    """
    import pandas as pd

    found = tables(data, arms, x, metric)
    if not found or len(found) > len(DASHES):
        raise ValueError(f"{len(found)} of the arms {', '.join(arms)} have data: 1 to {len(DASHES)} can be drawn")
    drawn = [band(table, arms[arm]) for arm, table in found.items()]
    first = next(iter(found))
    paired = against in found and against != first
    head = f"{arms[first]} minus {arms[against]}, points, with {100 * LEVEL:g} % interval" if paired else ""
    head = head[:1].upper() + head[1:]
    difference = band(found[first] - found[against], head) if paired else None
    figure = Curves(drawn, difference, family, (unit, head, x.replace("_", " ")), spans or [], at)
    rows = [
        {"line": curve.label, x: place, "mean": mean, "low": low, "high": high, "seeds": curve.seeds}
        for curve in [*drawn, *([difference] if difference else [])]
        for place, mean, low, high in zip(curve.xs, curve.means, curve.lows, curve.highs, strict=True)
    ]
    return Drawing(name, title, subtitle, caption, partial(draw_curves, figure=figure), pd.DataFrame(rows))
