"""What a forest plot is given: differences with their intervals, and how all of them are written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .glyphs import COLOURS, STATES
from .ink import number

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Row:
    """One difference. `mean` is None where it was not run; bounds that are not finite are none."""

    label: str
    detail: str = ""
    group: str = ""
    mean: float | None = None
    low: float = math.nan
    high: float = math.nan
    seeds: tuple[float, ...] = ()
    paper: float | None = None
    family: str = "v2"
    verdict: str = ""

    @property
    def known(self) -> bool:
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def colour(self) -> str:
        return "none" if self.mean is None else COLOURS[STATES[self.verdict]] if self.verdict else "soft"


@dataclass(frozen=True)
class Style:
    """What all rows of one forest share."""

    unit: str
    better: str
    sides: tuple[str, str]
    reference: float
    digits: int
    suffix: str

    def number(self, value: float) -> str:
        return number(value, self.digits, self.reference == 0, self.suffix)

    def value(self, row: Row) -> str:
        return "" if row.mean is None else self.number(row.mean)

    def interval(self, row: Row) -> str:
        return f"{self.number(row.low)} to {self.number(row.high)}" if row.known else ""

    def sentence(self, row: Row) -> str:
        """The row in words: "Adaptive beats vanilla, images grow: +1.3 (+0.1 to +2.5), paper +0.8, inconclusive"."""
        name = ", ".join(filter(None, (row.label, row.detail)))
        if row.mean is None:
            return f"{name}: not run"
        interval = f" ({self.interval(row)})" if row.known else ""
        paper = [f"paper {self.number(row.paper)}"] if row.paper is not None else []
        return f"{name}: " + ", ".join([self.value(row) + interval, *paper, *([row.verdict] if row.verdict else [])])


def read(rows: pd.DataFrame) -> list[Row]:
    """Rows of a table; columns that it lacks have their usual values, and NaN is None."""
    names = [name for name in Row.__dataclass_fields__ if name in rows]
    found = []
    for values in rows[names].itertuples(index=False):
        row = dict(zip(names, values, strict=True))
        for name in ("mean", "paper"):
            row[name] = None if row.get(name) is None or math.isnan(row[name]) else float(row[name])
        seeds = row.get("seeds")
        row["seeds"] = () if seeds is None or isinstance(seeds, float) else tuple(float(value) for value in seeds)
        found.append(Row(**row))
    return found


def table(rows: list[Row], style: Style) -> pd.DataFrame:
    """The numbers of the figure, each seed in a column of its own."""
    import pandas as pd

    names = ("group", "label", "detail", "mean", "low", "high", "paper", "verdict")
    most = max((len(row.seeds) for row in rows), default=0)
    lines = []
    for row in rows:
        seeds = {f"difference_{i + 1}": row.seeds[i] if i < len(row.seeds) else None for i in range(most)}
        word = "not run" if row.mean is None else row.verdict
        lines.append({name: getattr(row, name) for name in names} | {"verdict": word, "unit": style.unit} | seeds)
    return pd.DataFrame(lines)
