"""Which networks no other beats, at most as costly and more accurate: as a list and as a picture."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pandas as pd

from ..drawing import Drawing, scatter
from ..drawing.glyphs import FAMILIES
from ..drawing.plane import frontier
from .choices import DEVICES, Choice


class Cost(NamedTuple):
    """What networks are compared by: its name in a sentence, its unit, and its value, None where nobody gives it."""

    words: str
    unit: str
    value: Callable[[Choice], float | None]


def timed(key: str) -> Callable[[Choice], float | None]:
    """The time on a device as a cost."""
    return lambda choice: choice.times.get(key)


COSTS = {
    "multiply-adds": Cost("multiply-adds", "billions", lambda choice: choice.multiply_adds / 1e9),
    "parameters": Cost("parameters", "millions", lambda choice: choice.params / 1e6),
    **{key: Cost(f"time on {device.machine}", device.unit, timed(key)) for key, device in DEVICES.items()},
}


def comparable(choices: Sequence[Choice], cost: str) -> list[Choice]:
    """Those that saw ImageNet alone and whose cost is known."""
    value = COSTS[cost].value
    return [choice for choice in choices if not choice.pretrained and value(choice) is not None]


def plane(choices: Sequence[Choice], cost: str) -> pd.DataFrame:
    """The `comparable` networks as points: label, x (the cost), y (top-1 in %), family. Those that none beats first."""
    shown = comparable(choices, cost)
    points = pd.DataFrame(
        {
            "label": [short(choice) for choice in shown],
            "x": [COSTS[cost].value(choice) for choice in shown],
            "y": [choice.top1 for choice in shown],
            "family": [choice.family for choice in shown],
        }
    )
    best = frontier(points).index
    return points.loc[[*best, *points.index.difference(best)]]  # labels find room in the order of the rows


def front(choices: Sequence[Choice], cost: str) -> list[Choice]:
    """The `comparable` networks for which no other is at least as accurate at no more cost, cheapest first.

    Raises KeyError for a cost that is not in `COSTS`.
    """
    shown = comparable(choices, cost)
    return [shown[i] for i in frontier(plane(choices, cost)).index]


def short(choice: Choice) -> str:
    """A name in a picture: "B0", "V2-S", "152 @224"."""
    size = choice.network.rpartition("-")[2].upper()
    return {"v1": size, "v2": f"V2-{size}", "rs": f"{size} @{choice.image_size}"}[choice.family]


def finding(choices: Sequence[Choice], cost: str) -> str:
    """What a picture shows, in one sentence: the family that is never best, or else the one that mostly is."""
    best = Counter(choice.family for choice in front(choices, cost))
    never = {choice.family for choice in comparable(choices, cost)} - best.keys()
    if len(never) == 1:
        return f"No {FAMILIES[never.pop()]} is among the {best.total()} best by {COSTS[cost].words}"
    family, count = best.most_common(1)[0]
    return f"{count} of the {best.total()} best by {COSTS[cost].words} are {FAMILIES[family]}"


def picture(choices: Sequence[Choice], cost: str, *, name: str, caption: str) -> Drawing:
    """Printed top-1 over a cost, with a line through the networks that none beats."""
    return scatter(
        plane(choices, cost),
        name=name,
        title=finding(choices, cost),
        subtitle="ImageNet top-1 as the papers print it. The dashed line joins the networks that no other beats.",
        x=f"{COSTS[cost].words}, {COSTS[cost].unit}",
        y="top-1, %",
        caption=caption,
        log="x",
        pareto=True,
    )
