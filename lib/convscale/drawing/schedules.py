"""What each arm does over the epochs: image size and regularization as steps, one small panel each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from .display import Drawing
from .ink import NARROW, decimals, number, ticks
from .pen import Pen
from .svg import Mark
from .training import DASHES, LEFT, grid, limits, name_lines, room_for

if TYPE_CHECKING:
    import pandas as pd

HEIGHT = 84  # px of a panel
GUTTER = 24  # px between two columns
MOST_SAID = 8  # values of a line that are told one by one
PANELS = {
    "image_size": "Image size, px",
    "randaugment": "RandAugment, magnitude",
    "mixup": "Mixup, alpha",
    "dropout": "Dropout, rate",
}


@dataclass(frozen=True)
class Held:
    """A line that holds each stage's value until the next, and the arms that follow it."""

    xs: list[float]
    ys: list[float]
    label: str


def lines_of(stages: pd.DataFrame, column: str, arms: dict[str, str]) -> list[Held]:
    """One line an arm; arms that do the same share one, and its label."""
    found: dict[str, Held] = {}
    for arm, label in arms.items():
        rows = stages[stages["arm"] == arm]
        xs = [*map(float, rows["start"]), float(rows["end"].iloc[-1])]
        ys = [*map(float, rows[column]), float(rows[column].iloc[-1])]
        names = [found[str((xs, ys))].label] if str((xs, ys)) in found else []
        found[str((xs, ys))] = Held(xs, ys, ", ".join([*names, label]))
    if len(found) == 1 < len(arms):
        return [replace(line, label="all arms") for line in found.values()]
    return list(found.values())


def values_of(line: Held) -> str:
    """The values of a line in words: each in its order, or of very many both ends and the largest."""
    each = [f"{y:g}" for y in dict.fromkeys(line.ys)]
    return ", ".join(each) if len(each) <= MOST_SAID else f"from {each[0]} over {max(line.ys):g} to {line.ys[-1]:g}"


def draw_steps(width: int, stages: pd.DataFrame, arms: dict[str, str], family: str, panels: dict[str, str]) -> str:
    columns = 1 if width == NARROW else 2
    pitch, row = (width + GUTTER) / columns, HEIGHT + 48
    pen = Pen(width, row * -(-len(panels) // columns) + 24)
    ends = float(stages["start"].min()), float(stages["end"].max())
    found = {column: lines_of(stages, column, arms) for column in panels}
    room = max(room_for([[line.label] for line in lines]) for lines in found.values())
    said = []
    for k, (column, lines) in enumerate(found.items()):
        left, top = k % columns * pitch, k // columns * row
        right = left + pitch - GUTTER - room
        pen.small(left, top + 12, panels[column])
        span = limits([float(value) for value in stages[column]], 0.1)
        panel = pen.panel(left + LEFT, top + 22, right - left - LEFT, HEIGHT, ends, span)
        grid(pen, panel, 3)
        words = [f"{panels[column]}, {line.label}: {values_of(line)}" for line in lines]
        for i in reversed(range(len(lines))):  # the arm in question lies on top
            colour, thick = (family, 2.6) if i == 0 else ("soft", 1.8)
            line = pen.line(panel, lines[i].xs, lines[i].ys, colour, thick, DASHES[i], steps=True)
            pen.mark(Mark(words[i]), line)
        wanted = [pen.place(panel, ends[1], line.ys[-1])[1] for line in lines]
        name_lines(pen, right + 7, wanted, [[line.label] for line in lines], family, top + 20, top + 24 + HEIGHT)
        said += words
        if k >= len(panels) - columns:
            marks = ticks(*ends, 4)
            for value in marks:
                across, _ = pen.place(panel, value, span[0])
                pen.small(across, top + HEIGHT + 40, number(value, decimals(marks)), anchor="middle")
            pen.small((left + LEFT + right) / 2, top + HEIGHT + 58, "epoch", anchor="middle")
    return pen.svg("Schedules over epochs. " + ". ".join(said) + ".")


def steps(
    stages: pd.DataFrame,
    *,
    name: str,
    title: str,
    arms: dict[str, str],
    subtitle: str = "",
    caption: str = "",
    family: str = "v2",
    panels: dict[str, str] | None = None,
) -> Drawing:
    """Size and regularization over epochs, a panel each, with a line of steps for each arm.

    `stages` has columns arm, start and end (epochs), and one for each of `panels`, which maps a column to its heading
    (image_size, randaugment, mixup, dropout if none are given). `arms` maps arms to labels, the one in question first.
    """
    panels = panels or PANELS
    shown = stages[stages["arm"].isin(list(arms))]
    draw = partial(draw_steps, stages=shown, arms=arms, family=family, panels=panels)
    return Drawing(name, title, subtitle, caption, draw, shown[["arm", "start", "end", *panels]].reset_index(drop=True))
