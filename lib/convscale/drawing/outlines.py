"""Networks as silhouettes: the image as a square, and below it every block as a bar as wide as it has channels."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import NARROW, SMALL, width_of, wrap
from .pen import Pen
from .svg import Mark

if TYPE_CHECKING:
    import pandas as pd

GAP = {True: 10, False: 18}  # px between two networks, on the narrow page and on the wide one
IMAGE = {True: 0.95, False: 0.6}  # of a column's width: the largest image
HEAD = 34  # px: two lines for a network's name


def draw_shapes(width: int, parts: pd.DataFrame, family: str) -> str:
    narrow, names = width == NARROW, list(dict.fromkeys(parts["network"]))
    gap = GAP[narrow]
    pitch = (width + gap) / len(names)
    column = pitch - gap
    images, blocks = parts[parts["kind"] == "image"], parts[parts["kind"] == "block"]
    most = {"image": float(images["size"].max()), "block": float(blocks["size"].max())}
    layer = 4.0 if narrow else 5.0
    tall = column * IMAGE[narrow]
    top = HEAD + tall + 12
    pen = Pen(width, top + layer * int(blocks.groupby("network")["size"].count().max()) + 22)
    said = []
    for k, name in enumerate(names):
        middle = k * pitch + column / 2
        mine = parts[parts["network"] == name]
        colour = family if k == len(names) - 1 else "soft"
        for i, line in enumerate(wrap(name, column, SMALL, not narrow)[:2]):
            pen.text(middle, 12 + 15 * i, line, colour, SMALL, bold=not narrow, anchor="middle")
        px = float(mine.loc[mine["kind"] == "image", "size"].iloc[0])
        side = tall * px / most["image"]
        low = HEAD + tall
        square = pen.box(pen.page, middle - side / 2, low - side, side, side, "none-tint", "rule")
        pen.mark(Mark(f"{name}: images of {px:g} px"), square)
        if width_of(f"{px:g}", SMALL) < side - 4:
            pen.small(middle, low - side / 2 + 4, f"{px:g}", "ink", anchor="middle")
        bars = mine[mine["kind"] == "block"]
        for i, row in enumerate(bars.itertuples()):
            half = max(column / 2 * row.size / most["block"], 1)
            bar = pen.box(pen.page, middle - half, top + layer * i, 2 * half, layer - 1.2, colour)
            pen.mark(Mark(f"{name}, block {i + 1}: {row.size:g} channels"), bar)
        pen.small(middle, top + layer * len(bars) + 14, f"{len(bars)} blocks", anchor="middle")
        widest = float(bars["size"].max())
        said.append(f"{name}: images of {px:g} px, {len(bars)} blocks, at most {widest:g} channels")
    return pen.svg("Silhouettes of networks. " + ". ".join(said) + ".")


def shapes(
    parts: pd.DataFrame, *, name: str, title: str, subtitle: str = "", caption: str = "", family: str = "v1"
) -> Drawing:
    """Networks side by side, the last in the colour of `family`.

    Columns of `parts`, in order: network, kind ("image", once a network, or "block"), size (px of the image, or
    channels of the block). Images share one scale, blocks another.
    """
    return Drawing(name, title, subtitle, caption, partial(draw_shapes, parts=parts, family=family), parts)
