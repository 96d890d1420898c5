"""Every number that can be counted, against the paper's: a mark each, in a lane for each family."""

from __future__ import annotations

from functools import partial
from math import copysign, log1p
from typing import TYPE_CHECKING

from .display import Drawing
from .glyphs import FAMILIES
from .ink import LABEL, NARROW, SHAPE_OF, SMALL, WIDE, number, width_of
from .pen import Pen
from .room import Room, about, box_of

if TYPE_CHECKING:
    import pandas as pd

TICKS = (1, 5, 20, 50)  # % on either side of equal
TOP = 46  # px: the two kinds of mark, and the names of both sides
LEAST = 112  # px, height of a lane: heading, marks and labels above and below them
NEAR = 0.05  # %: what is closer to equal may stand beside the line, for lack of height
SIDES = (
    ("\u2190 the network has less than printed", "more than printed \u2192"),
    ("\u2190 less than printed", "more \u2192"),
)


def bent(deviation: float) -> float:
    """A deviation in % on an axis that is linear near 0 and logarithmic far from it."""
    return copysign(log1p(abs(deviation)), deviation)


def packed(places: list[float], near: list[bool], step: float) -> list[tuple[float, float]]:
    """Marks at `places` px, moved up and down until none is closer than `step` to another; always the same.

    Those that are `near` equal may move one step aside first.
    """
    done: dict[int, tuple[float, float]] = {}
    grid: dict[tuple[int, int], list[tuple[float, float]]] = {}  # of cells as wide as a step
    for i in sorted(range(len(places)), key=lambda i: (not near[i], places[i])):
        for k in range(4 * len(places) + 1):
            up, aside = divmod(k, 3) if near[i] else (k, 0)
            x = places[i] + (0, -step, step)[aside]
            y = (up + 1) // 2 * (step if up % 2 else -step)
            cell = int(x // step), int(y // step)
            around = [grid.get((cell[0] + a, cell[1] + b), []) for a in (-1, 0, 1) for b in (-1, 0, 1)]
            if all((x - u) ** 2 + (y - v) ** 2 >= step**2 - 1e-6 for marks in around for u, v in marks):
                done[i] = x, y
                grid.setdefault(cell, []).append((x, y))
                break
    return [done[i] for i in range(len(places))]


def titles(rows: pd.DataFrame) -> list[str]:
    return [
        f"{FAMILIES[row.family]}, {row.label}: printed {row.printed}, counted {row.counted} "
        f"({number(row.deviation, 1, True)} %), {'agrees' if row.agrees else 'differs'}"
        for row in rows.itertuples()
    ]


def note_marks(pen: Pen, room: Room, rows: pd.DataFrame, places: list[tuple[float, float]], middle: float) -> None:
    """Words at the marks that have a note, where there is room, with a line between."""
    order = sorted(range(len(rows)), key=lambda i: -abs(rows["deviation"].iloc[i]))
    for i in (i for i in order if rows["note"].iloc[i]):
        (x, y), text = places[i], rows["note"].iloc[i]
        heights = [middle + dy for dy in (-18, 25, -32, 39, -46, 53)]
        spots = [
            (x + shift, height, anchor)
            for height in heights
            for shift, anchor in ((-2, "start"), (2, "end"), (0, "middle"))
        ]
        if spot := room.first(spots, text):
            above = spot[1] < y
            ends = (spot[1] + 3, y - 5) if above else (y + 5, spot[1] - 11)
            if ends[0] < ends[1]:
                pen.line(pen.page, [x, x], list(ends), "rule")
            pen.small(spot[0], spot[1], text, anchor=spot[2])


def heading(pen: Pen, room: Room, narrow: bool, zero: float) -> None:
    """The two kinds of mark, and the names of both sides."""
    left = 0.0
    for word, shape, colour in (("agrees", "disc", "yes"), ("differs", "square", "no")):
        pen.points(pen.page, [left + 5], [9], shape, 4, colour)
        pen.small(left + 14, 13, word)
        left += 14 + width_of(word, SMALL) + 12
    less, more = SIDES[narrow]
    pen.small(zero - 8, TOP - 10, less, anchor="end")
    pen.small(zero + 8, TOP - 10, more)


def draw_strip(width: int, rows: pd.DataFrame, label: str) -> str:
    narrow = width == NARROW
    half, lanes = (2.7, []) if narrow else (3.2, [])
    step, margin = 2 * half + 0.8, 10
    reach = max(bent(value) for value in [*rows["deviation"].abs(), 2.0])
    zero = width / 2

    def across(deviation: float) -> float:
        return zero + bent(deviation) / reach * (zero - margin)

    top = float(TOP)
    for family in (name for name in FAMILIES if name in set(rows["family"])):
        lane = rows[rows["family"] == family]
        near = list(lane["deviation"].abs() < NEAR)
        marks = packed([across(value) for value in lane["deviation"]], near, step)
        height = max(LEAST, 2 * max(abs(y) for _, y in marks) + 2 * half + 20)
        lanes.append((family, lane, marks, top, height))
        top += height
    pen, room = Pen(width, top + 24), Room(width, top)
    heading(pen, room, narrow, zero)
    last = width_of("equal", SMALL) / 2 + 6  # px from the middle where the next tick may begin
    for tick in (tick for tick in TICKS if bent(tick) <= reach):
        edge = width_of(f"+{tick} %", SMALL) / 2
        if across(tick) - edge < zero + last:
            continue
        last = across(tick) - zero + edge + 6
        for value in (-tick, tick):
            pen.line(pen.page, [across(value)] * 2, [TOP, top], "line")
            x = min(max(across(value), edge), width - edge)
            pen.small(x, top + 17, f"{number(value, 0, True)} %", anchor="middle")
    for *_, under, _ in lanes[1:]:
        pen.line(pen.page, [0, width], [under, under], "line")
    pen.line(pen.page, [zero, zero], [TOP, top], "ink")
    pen.small(zero, top + 17, "equal", anchor="middle")
    for family, lane, marks, start, height in lanes:
        middle = start + height / 2
        count = f"{int(lane['agrees'].sum())} of {len(lane)} agree"
        pen.points(pen.page, [5], [start + 16], SHAPE_OF[family], 4.5, family)
        pen.text(15, start + 21, FAMILIES[family], family, bold=True)
        pen.small(15, start + 37, count)
        room.taken += [box_of(0, start + 21, FAMILIES[family] + "  ", "start", LABEL, True)]
        room.taken += [box_of(0, start + 37, count + "   ", "start")]
        places = [(x, middle + y) for x, y in marks]
        room.taken += [about(x, y, half + 1) for x, y in places] + [(zero - 1, start, zero + 1, start + height)]
        said = titles(lane)
        for agrees, shape, colour in ((True, "disc", "yes"), (False, "square", "no")):
            chosen = [i for i, value in enumerate(lane["agrees"]) if bool(value) is agrees]
            if chosen:
                xs, ys = zip(*(places[i] for i in chosen), strict=True)
                size = half if agrees else half - 0.2
                pen.points(pen.page, xs, ys, shape, size, colour, [said[i] for i in chosen])
        note_marks(pen, room, lane, places, middle)
    return pen.svg(label)


def strip(
    numbers: pd.DataFrame, *, name: str, title: str, subtitle: str = "", caption: str = "", page: int = WIDE
) -> Drawing:
    """Numbers that can be counted, each against the printed one, in a lane for each family.

    Columns of `numbers`: family ("v1", "rs" or "v2"), label, printed and counted (as they are to be read), deviation
    (counted against printed, in %), agrees (to the printed digit), and note: words at the mark, or "". A note without
    room is left to the mark's title. `page` is the width of the wide drawing in px.
    """
    agree, count = int(numbers["agrees"].sum()), len(numbers)
    most = numbers.loc[~numbers["agrees"], "deviation"].abs().max() if agree < count else 0.0
    label = f"{count} printed numbers against what was counted. {agree} agree to the printed digit"
    label += f"; {count - agree} do not, by up to {most:.0f} percent." if agree < count else "."
    draw = partial(draw_strip, rows=numbers, label=label)
    return Drawing(name, title, subtitle, caption, draw, numbers, page=page)
