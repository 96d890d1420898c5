"""A space of choices as a grid: what may be chosen for each part of a network, and what two networks chose."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import NARROW, SHAPE_OF, SMALL, width_of
from .pen import Pen

if TYPE_CHECKING:
    import pandas as pd

ROW, GAP, TOP = 24, 12, 44  # px: of an option, between groups, and above the first
RING = 8  # px, of the second network's mark


def said_of(row, names: tuple[str, str]) -> str:
    chose = [name for name, has in zip(names, (row.first, row.second), strict=True) if has]
    return f"{row.part}, {row.group} {row.option}" + (f": {' and '.join(chose)}" if chose else "")


def draw_options(width: int, rows: pd.DataFrame, names: tuple[str, str], family: str) -> str:
    parts = list(dict.fromkeys(rows["part"]))
    options = list(dict.fromkeys(zip(rows["group"], rows["option"], strict=True)))
    groups = list(dict.fromkeys(group for group, _ in options))
    left = max(width_of(option, SMALL) for _, option in options) + 16
    starts, y = {}, TOP
    for group in groups:
        y += 16
        for option in (o for g, o in options if g == group):
            starts[group, option] = y + ROW / 2
            y += ROW
        y += GAP
    pen = Pen(width, y + 22)
    step = (width - left - 4) / len(parts)
    across = {part: left + step * (k + 0.5) for k, part in enumerate(parts)}
    for part, x in across.items():
        pen.small(x, TOP - 12, part.removeprefix("stage ") if width == NARROW else part, anchor="middle")
    if width == NARROW:
        pen.small(0, TOP - 12, "stage")
    for group in groups:
        first = min(place for (g, _), place in starts.items() if g == group)
        pen.line(pen.page, [0, width], [first - ROW / 2 - 18] * 2, "line")
        pen.text(0, first - ROW / 2 - 2, group, bold=True, size=SMALL)
    for (_, option), place in starts.items():
        pen.small(0, place + 4, option)
    plain = rows[rows["text"] == ""]
    for kind, shape, half, colour, hollow in (
        ("option", "disc", 2.4, "rule", 0.0),
        ("second", "disc", RING, "soft", 1.5),
        ("first", SHAPE_OF[family], 5, family, 0.0),
    ):
        chosen = plain if kind == "option" else plain[plain[kind]]
        xs = [across[part] for part in chosen["part"]]
        ys = [starts[group, option] for group, option in zip(chosen["group"], chosen["option"], strict=True)]
        pen.points(pen.page, xs, ys, shape, half, colour, [said_of(r, names) for r in chosen.itertuples()], hollow)
    for row in rows[rows["text"] != ""].itertuples():
        colour = family if row.first else "ink" if row.second else "soft"
        pen.small(across[row.part], starts[row.group, row.option] + 4, row.text, colour, anchor="middle")
    pen.points(pen.page, [6], [y + 6], SHAPE_OF[family], 5, family, [names[0]])
    pen.small(16, y + 10, names[0], family)
    after = 16 + width_of(names[0], SMALL) + 24
    pen.points(pen.page, [after], [y + 6], "disc", RING - 2, "soft", [names[1]], 1.5)
    pen.small(after + 12, y + 10, names[1])
    chosen = rows[rows["first"] | rows["second"]]
    return pen.svg(". ".join(said_of(row, names) for row in chosen.itertuples()) + ".")


def options(
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    names: tuple[str, str],
    subtitle: str = "",
    caption: str = "",
    family: str = "v2",
) -> Drawing:
    """What may be chosen for each part of a network: a dot for every option, marks for what two networks chose.

    Columns of `rows`: part ("stage 3", a column), group ("kernel"), option ("5x5", a row of its group), first and
    second (whether the networks of `names` chose it), text (stands in place of the dot; "": none). The first network is
    in the colour of `family`, the second a ring.
    """
    return Drawing(name, title, subtitle, caption, partial(draw_options, rows=rows, names=names, family=family), rows)
