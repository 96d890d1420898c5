"""A page of pixels to draw on with matplotlib. Places are in px from the upper left corner; a panel has own units."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from itertools import count
from typing import TYPE_CHECKING, Any

from .ink import COLOURS, LABEL, NARROW, SMALL
from .svg import Mark, book_svg

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

POINTS_PER_INCH = 72  # matplotlib's SVG counts points: at this resolution one is one px of ours
ANCHORS = {"start": "left", "middle": "center", "end": "right"}


def own_style() -> AbstractContextManager:
    """The context in which drawings are made: matplotlib's own defaults, whatever a matplotlibrc here says."""
    import matplotlib.style

    return matplotlib.style.context("default")


class Pen:
    """Draws in the order of its calls. `page` is a panel over the whole page, in px."""

    def __init__(self, width: float, height: float):
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        self.figure = Figure(figsize=(width / POINTS_PER_INCH, height / POINTS_PER_INCH), dpi=POINTS_PER_INCH)
        self.figure.patch.set_visible(False)
        self.marks: dict[str, Mark] = {}
        self.order = count()
        self.page = self.panel(0, 0, width, height, (0, width), (height, 0))
        self.page.set_zorder(1)

    def panel(self, left: float, top: float, width: float, height: float, x: tuple, y: tuple, log: str = "") -> Axes:
        """Axes at a place in px, without frame or ticks, with limits `x` and `y`; `log` names those that are: "xy"."""
        box = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        axes = self.figure.add_axes(box)
        axes.set_axis_off()
        axes.set(xscale="log" if "x" in log else "linear", yscale="log" if "y" in log else "linear", xlim=x, ylim=y)
        return axes

    def place(self, panel: Axes, x: float, y: float) -> tuple[float, float]:
        """Where a point of `panel` lies on the page, in px."""
        across, up = panel.transData.transform((x, y))
        return float(across), float(self.height - up)

    def mark(self, mark: Mark, *artists: Artist) -> None:
        """Give `artists` one id, under which the SVG finds `mark`."""
        name = f"mark{len(self.marks)}"
        self.marks[name] = mark
        for artist in artists:
            artist.set_gid(name)

    def text(self, x: float, y: float, text: str, colour: str = "ink", size: float = LABEL, **more: Any) -> None:
        """Text on the page with its baseline at `y`. `anchor` is start, middle or end, `bold` makes it so."""
        self.page.text(
            x,
            y,
            text,
            color=COLOURS[colour],
            fontsize=size,
            fontweight="bold" if more.get("bold") else "normal",
            ha=ANCHORS[more.get("anchor", "start")],
            va="baseline",
            zorder=next(self.order),
            parse_math=False,
        )

    def over(self, box: tuple[float, float, float, float]) -> None:
        """Dim what is drawn in a box of the page: left, top, right, bottom in px. Words over many points need it."""
        left, top, right, bottom = box
        self.box(self.page, left, top, right - left, bottom - top, fill="bg", opacity=0.8)

    def small(self, x: float, y: float, text: str, colour: str = "soft", **more: Any) -> None:
        self.text(x, y, text, colour, SMALL, **more)

    def line(
        self, panel: Axes, xs, ys, colour: str, width: float = 1, dash: tuple | None = None, steps: bool = False
    ) -> Artist:
        """A line in the units of `panel`; `dash` in px, on and off by turns; `steps` holds each value to the next."""
        (line,) = panel.plot(
            xs,
            ys,
            color=COLOURS[colour],
            linewidth=width,
            linestyle=(0, tuple(part / width for part in dash)) if dash else "solid",
            drawstyle="steps-post" if steps else "default",
            solid_capstyle="butt",
            clip_on=False,
            zorder=next(self.order),
        )
        return line

    def area(self, panel: Axes, xs: list, low: list, high: list, colour: str, opacity: float = 1.0) -> Artist:
        """What lies between two curves."""
        from matplotlib.patches import Polygon

        corners = [*zip(xs, low, strict=True), *zip(reversed(xs), reversed(high), strict=True)]
        area = Polygon(corners, facecolor=COLOURS[colour], alpha=opacity, clip_on=False, zorder=next(self.order))
        return panel.add_patch(area)

    def box(
        self, panel: Axes, x: float, y: float, width: float, height: float, fill: str = "", edge: str = "", **more: Any
    ) -> Artist:
        """A rectangle; `dash` as for lines, `opacity` of its ground."""
        from matplotlib.patches import Rectangle

        box = Rectangle(
            (x, y),
            width,
            height,
            facecolor=COLOURS[fill] if fill else "none",
            edgecolor=COLOURS[edge] if edge else "none",
            linewidth=1 if edge else 0,
            linestyle=(0, more["dash"]) if more.get("dash") else "solid",
            alpha=more.get("opacity"),
            clip_on=False,
            zorder=next(self.order),
        )
        return panel.add_patch(box)

    def points(
        self, panel: Axes, xs, ys, shape: str, half: float, colour: str, titles: list[str] | None = None, hollow=0.0
    ) -> None:
        """Markers of `half` px, with a title each; `hollow` is the width of an outline without ground.

        Shapes: disc, square, triangle, diamond, and the glyphs of verdicts by their names.
        """
        (points,) = panel.plot(
            xs,
            ys,
            linestyle="none",
            marker="o",  # any: the shape is put in its place afterwards
            markerfacecolor="none" if hollow else COLOURS[colour],
            markeredgecolor=COLOURS[colour] if hollow else "none",
            markeredgewidth=hollow,
            clip_on=False,
            zorder=next(self.order),
        )
        self.mark(Mark(titles=tuple(titles or ()), shape=shape, size=half), points)

    def svg(self, label: str) -> str:
        """The drawing, the same bytes each time. `label` says in words what it shows."""
        import matplotlib as mpl

        out = io.StringIO()
        with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "convscale", "path.simplify": False}):
            self.figure.savefig(out, format="svg", metadata={"Date": None})
        return book_svg(out.getvalue(), self.marks, label, "wide" if self.width > NARROW else "narrow")
