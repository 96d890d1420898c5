"""Networks as pictures: their stages as bars, and what a block is made of."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import NARROW, SMALL, number, width_of
from .pen import Pen
from .svg import Mark

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BAR, PITCH = 40, 78  # px: height of a bar, and from one to the next
BOX, STEP = 26, 46  # px: height of a layer of a block, and from one to the next
LEAST = 0.55  # of a block's greatest width, for a layer of no channels: the words must fit


def kind_of(operator: str) -> str:
    """ "fused", "mbconv", or "plain" for convolutions, pooling and the classifier."""
    lower = operator.lower()
    return "fused" if lower.startswith("fused") else "mbconv" if lower.startswith("mbconv") else "plain"


def fitting(lines: list[str], width: float) -> list[str]:
    """Those of `lines` that fit into `width` px."""
    return [line for line in lines if width_of(line, SMALL) <= width - 4]


def segment(pen: Pen, panel: Axes, left: float, right: float, y: float, kind: str, family: str, title: str) -> None:
    """One stage: filled where its blocks are fused, outlined where they are not, grey where it is a plain layer."""
    fill, edge = {"fused": (family, family), "mbconv": ("bg", family), "plain": ("none-tint", "rule")}[kind]
    gap = (panel.get_xlim()[1]) / pen.width  # a px on either side, so that two filled stages are two
    pen.mark(Mark(title), pen.box(panel, left + gap, y, max(right - left - 2 * gap, 0), BAR, fill, edge))


def draw_stages(width: int, stages: pd.DataFrame, unit: str, digits: int) -> str:
    networks = list(dict.fromkeys(stages["network"]))
    kinds = [kind for kind in ("fused", "mbconv") if kind in {kind_of(name) for name in stages["operator"]}]
    top = 26.0 if len(kinds) > 1 else 0.0
    pen = Pen(width, top + PITCH * len(networks))
    most = float(stages.groupby("network")["width"].sum().max())
    panel = pen.panel(1, 0, width - 2, pen.height, (0, most), (pen.height, 0))
    unit_px = (width - 2) / most
    left = 0.0
    for kind, word in (("fused", "Fused-MBConv"), ("mbconv", "MBConv")) if len(kinds) > 1 else ():
        edge = "soft"
        pen.box(pen.page, left + 0.5, 2.5, 18, 12, edge if kind == "fused" else "bg", edge)
        pen.small(left + 26, 13, word)
        left += 26 + width_of(word, SMALL) + 16
    said = []
    for k, network in enumerate(networks):
        rows = stages[stages["network"] == network]
        y = top + PITCH * k
        total = f"{number(float(rows['width'].sum()), digits)} {unit}"
        pen.text(0, y + 16, network, bold=True)
        pen.small(width, y + 16, total, anchor="end")
        start, words = 0.0, []
        for row in rows.itertuples():
            stage = f"{row.operator}, {row.channels:g} channels, {row.layers:g} layers"
            words.append(stage)
            title = f"{network}, {stage}: {number(row.width, digits)} {unit}"
            end, kind = start + row.width, kind_of(row.operator)
            colour = row.family or "soft"
            segment(pen, panel, start, end, y + 24, kind, colour, title)
            short = [row.operator, f"{row.channels:g} ch \u00d7 {row.layers:g}"]
            lines = fitting(short, row.width * unit_px) or fitting([f"{row.channels:g}"], row.width * unit_px)
            ink = {"fused": "bg", "mbconv": colour, "plain": "ink"}[kind]
            middle = 1 + (start + end) / 2 * unit_px
            for i, line in enumerate(lines):
                pen.small(middle, y + 24 + BAR / 2 + 4.5 + 15 * (i - (len(lines) - 1) / 2), line, ink, anchor="middle")
            start = end
        said.append(f"{network}, {total}: {'; '.join(words)}")
    return pen.svg("Stages of networks. " + ". ".join(said) + ".")


def stages_bars(
    stages: pd.DataFrame,
    *,
    name: str,
    title: str,
    unit: str,
    subtitle: str = "",
    caption: str = "",
    digits: int = 0,
) -> Drawing:
    """Networks as bars, one below the other, all on one scale; each stage is a segment.

    Columns of `stages`, one row a stage, in order: network, operator ("MBConv4 k3"), channels, layers, width (how much
    of `unit` it has: layers, or millions of parameters), family ("v1", "rs", "v2", or "" for others; its colour). A
    segment is filled if its operator is fused, outlined if it is an MBConv, grey otherwise; it carries the words for
    which it has room.
    """
    draw = partial(draw_stages, stages=stages, unit=unit, digits=digits)
    return Drawing(name, title, subtitle, caption, draw, stages)


def arrow(pen: Pen, xs: list[float], ys: list[float]) -> None:
    """A line with a head at its end, which points down or to the left."""
    pen.line(pen.page, xs, ys, "rule", 1.2)
    x, y = xs[-1], ys[-1]
    down = ys[-1] > ys[-2]
    head = ([x - 4, x, x + 4], [y - 5, y, y - 5]) if down else ([x + 5, x, x + 5], [y - 4, y, y + 4])
    pen.line(pen.page, *head, "rule", 1.2)


def draw_block(pen: Pen, rows: pd.DataFrame, left: float, width: float, top: float) -> str:
    """One block from its input down to its output."""
    first = rows.iloc[0]
    middle, half = left + (width - 22) / 2, (width - 26) / 2
    most = float(rows["channels"].max())
    pen.text(middle, top + 14, first["block"], bold=True, anchor="middle")
    ys = [top + 52 + STEP * i for i in range(len(rows))]
    end = ys[-1] + STEP - 4
    arrow(pen, [middle, middle], [top + 24, ys[0] - BOX / 2 - 2])
    for y, below in pairwise(ys):
        arrow(pen, [middle, middle], [y + BOX / 2, below - BOX / 2 - 2])
    for y, row in zip(ys, rows.itertuples(), strict=True):
        reach = half * (LEAST + (1 - LEAST) * row.channels / most)
        fill, dash = {"depthwise": ("bg", None), "gate": ("bg", (2, 2))}.get(row.kind, ("none-tint", None))
        box = pen.box(pen.page, middle - reach, y - BOX / 2, 2 * reach, BOX, fill, row.family or "soft", dash=dash)
        pen.mark(Mark(f"{row.block}, {row.label}: {row.channels:g} channels"), box)
        words = row.label if row.kind == "gate" else f"{row.label}, {row.channels:g}"
        pen.small(middle, y + 4.5, words, "ink", anchor="middle")
    if not first["shortcut"]:
        arrow(pen, [middle, middle], [ys[-1] + BOX / 2, end + 8])
    else:
        side = left + width - 6
        pen.line(pen.page, [middle, middle], [ys[-1] + BOX / 2, end - 8], "rule", 1.2)
        arrow(pen, [middle, side, side, middle + 10], [top + 30, top + 30, end, end])
        pen.points(pen.page, [middle], [end], "disc", 8, "soft", [f"{first['block']}: the input is added"], hollow=1.2)
        pen.small(middle, end + 4.2, "+", "ink", anchor="middle")
        arrow(pen, [middle, middle], [end + 8, end + 22])
    layers = ", ".join(f"{row.label} to {row.channels:g} channels" for row in rows.itertuples())
    return f"{first['block']}: {layers}" + (", added to the input" if first["shortcut"] else "")


def draw_blocks(width: int, rows: pd.DataFrame) -> str:
    names = list(dict.fromkeys(rows["block"]))
    columns = min(len(names), 2 if width == NARROW else 4)
    pitch = min(width / columns, 240)
    most = max(int((rows["block"] == name).sum()) for name in names)
    height = 52 + STEP * most + 28
    pen = Pen(width, height * -(-len(names) // columns))
    said = []
    for i, name in enumerate(names):
        block = rows[rows["block"] == name]
        said.append(draw_block(pen, block, i % columns * pitch, pitch, i // columns * height))
    return pen.svg("Block diagram. " + ". ".join(said) + ".")


def blocks(rows: pd.DataFrame, *, name: str, title: str, subtitle: str = "", caption: str = "") -> Drawing:
    """What blocks are made of, side by side, from input to output; a layer is as wide as it has channels.

    Columns of `rows`, one row a layer, in order: block (its name), label ("conv 1x1"), channels (that come out of it),
    kind ("conv", "depthwise", or "gate", whose label stands alone), shortcut (whether the block adds its input), family
    ("v1", "rs", "v2", or "" for others).
    """
    return Drawing(name, title, subtitle, caption, partial(draw_blocks, rows=rows), rows)
