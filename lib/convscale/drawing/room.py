"""Where on a page there is still room for words: boxes that are taken, and the first free place beside a point."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from .ink import SMALL, width_of

Box = tuple[float, float, float, float]  # left, top, right, bottom in px


def box_of(x: float, y: float, text: str, anchor: str, size: float = SMALL, bold: bool = False) -> Box:
    """The box of `text` with its baseline at `y`, with a px of air."""
    width = width_of(text, size, bold)
    left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * width
    return left - 1, y - 0.8 * size - 1, left + width + 1, y + 0.25 * size + 1


def about(x: float, y: float, half: float) -> Box:
    """The box of a mark."""
    return x - half, y - half, x + half, y + half


def along(start: tuple[float, float], end: tuple[float, float], step: float = 6) -> list[Box]:
    """Boxes that cover a straight line."""
    count = max(1, round(math.dist(start, end) / step))
    shares = [i / count for i in range(count + 1)]
    (x, y), (u, v) = start, end
    return [about(x + (u - x) * share, y + (v - y) * share, 2) for share in shares]


@dataclass
class Room:
    """A page of `width` x `height` px and what is taken of it."""

    width: float
    height: float
    taken: list[Box] = field(default_factory=list)

    def free(self, box: Box) -> bool:
        left, top, right, bottom = box
        if left < 0 or top < 0 or right > self.width or bottom > self.height:
            return False
        return all(right <= b[0] or left >= b[2] or bottom <= b[1] or top >= b[3] for b in self.taken)

    def first(self, places: Iterable[tuple[float, float, str]], text: str, size: float = SMALL, bold: bool = False):
        """The first of `places` (x, baseline, anchor) where `text` fits; it is taken then. None where there is none."""
        for x, y, anchor in places:
            if self.free(box := box_of(x, y, text, anchor, size, bold)):
                self.taken.append(box)
                return x, y, anchor
        return None
