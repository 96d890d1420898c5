"""Pictures of one line of text: an interval, a claim beside it, the rows of a counted claim. No matplotlib."""

import math
from html import escape

from .glyphs import COLOURS, STATES
from .ink import var
from .svg import point, short, tag


def scale(values: list[float], width: float, margin: float):
    """From value to px such that all finite `values` lie at least `margin` px inside `width`."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite), max(finite)
    unit = (width - 2 * margin) / ((high - low) or 1.0)
    return lambda value: min(max(margin + (value - low) * unit, margin), width - margin)


def picture(width: int, height: int, title: str, inside: str) -> str:
    head = {"class": "sf-mini", "viewBox": f"0 0 {width} {height}", "width": str(width), "height": str(height)}
    if title:
        return tag("svg", head | {"role": "img"}, f"<title>{escape(title, quote=False)}</title>{inside}")
    return tag("svg", head | {"aria-hidden": "true"}, inside)


def line(x1: float, x2: float, y1: float, y2: float, colour: str, width: float = 1.0) -> str:
    place = {"x1": short(x1), "x2": short(x2), "y1": short(y1), "y2": short(y2)}
    return tag("line", place | {"stroke": var(colour), "stroke-width": f"{width:g}"})


def dot(x: float, y: float, shape: str, half: float, colour: str, hollow: bool = False) -> str:
    name, form = point(shape, x, y, half)
    style = {"fill": "none", "stroke": var(colour), "stroke-width": "1.4"} if hollow else {"fill": var(colour)}
    return tag(name, form | style)


def interval(
    mean: float, low: float, high: float, verdict: str, *, reference: float = 0.0, title: str = "", width: int = 150
) -> str:
    """Mean and interval against `reference`, in the colour of `verdict`, 18 px high.

    Without a `title` it is decoration: the numbers stand beside it. Bounds that are not finite leave the dot alone.
    """
    x, colour = scale([mean, low, high, reference], width, 6), COLOURS[STATES[verdict]]
    inside = line(x(reference), x(reference), 1, 17, "ink")
    if math.isfinite(low) and math.isfinite(high):
        inside += line(x(low), x(high), 9, 9, colour, 2)
    return picture(width, 18, title, inside + dot(x(mean), 9, "disc", 4.5, colour))


def mini(
    *,
    title: str,
    verdict: str = "not run",
    mean: float | None = None,
    low: float = math.nan,
    high: float = math.nan,
    paper: float | None = None,
    family: str = "v2",
    better: str = "higher",
    reference: float = 0.0,
    width: int = 132,
) -> str:
    """A claim in one line of a list, 22 px high: the claimed side shaded, and `reference` as a line.

    The paper's value is a hollow diamond in its family's colour, ours a dot with its interval. Without a mean a dashed
    line stands for ours.
    """
    values = [value for value in (mean, low, high, paper) if value is not None and math.isfinite(value)]
    reach = max([abs(value - reference) for value in values] or [1.0]) or 1.0
    x = scale([*values, reference - 0.25 * reach, reference + 0.25 * reach], width, 7)
    zero, colour = x(reference), COLOURS[STATES[verdict]]
    left, right = (zero, float(width)) if better == "higher" else (0.0, zero)
    place = {"x": short(left), "y": "1", "width": short(right - left), "height": "20"}
    inside = tag("rect", place | {"fill": var("yes-tint")}) + line(zero, zero, 1, 21, "ink")
    if mean is None:
        dashes = {"x1": "3", "x2": short(width - 3), "y1": "11", "y2": "11", "stroke": var("rule")}
        inside += tag("line", dashes | {"stroke-width": "1.5", "stroke-dasharray": "3 4"})
    if math.isfinite(low) and math.isfinite(high):
        inside += line(x(low), x(high), 11, 11, colour, 2)
    if mean is not None:
        inside += dot(x(mean), 11, "disc", 4.5, colour)
    if paper is not None:  # above ours, so that it is seen where both agree
        inside += dot(x(paper), 11, "diamond", 5.5, family, hollow=True)
    return picture(width, 22, title, inside)


def boxes(differs: list[bool], *, title: str, width: int = 132) -> str:
    """The rows of a counted claim, a box each, 22 px high: filled where the row differs from the paper."""
    rows = min(3, math.ceil(len(differs) * 9 / width))
    columns = math.ceil(len(differs) / rows)
    pitch = min(9.0, width / columns, 22 / rows)
    side, inside = pitch - 2, ""
    for i, differing in enumerate(differs):
        x, y = i % columns * pitch + 1, 11 + (i // columns - rows / 2) * pitch + 1
        place = {"x": short(x), "y": short(y), "width": short(side), "height": short(side)}
        ink = {"fill": var("no")} if differing else {"fill": "none", "stroke": var("rule")}
        inside += tag("rect", place | ink)
    return picture(width, 22, title, inside)
