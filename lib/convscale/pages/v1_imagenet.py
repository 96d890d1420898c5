"""V1 Table 2 as a whole: 24 networks as printed and as counted here, and their ratios."""

from functools import cache
from math import nan

import pandas as pd
from numpy import exp, log

from ..drawing import Drawing, scatter, series
from ..drawing.plane import frontier
from . import compared
from .tables import BookTable

TABLE = "v1:2"
CLAIMS = {  # our counts of a column
    "params": ("v1-table2-params", "v1-table2-params-others"),
    "FLOPs": ("v1-table2-flops", "v1-table2-flops-others"),
}
COSTS = {"params": ("parameters", "millions", "Figure 1"), "FLOPs": ("multiply-adds", "billions", "Figure 5")}
OURS = "EfficientNet-B"
ORDER = 10  # "an order of magnitude" (V1 Table 2's caption, §5.2, §7)


@cache
def printed() -> pd.DataFrame:
    """The table as printed, a row a network, in its order; "" where it has no number."""
    return compared.printed(TABLE)


@cache
def counted() -> pd.DataFrame:
    """The rows of the counted claims, by network: for params and FLOPs ours, deviation (%), verdict and cause."""
    return compared.counted(CLAIMS)


def same(row: str) -> str | None:
    """The row itself where its network is public and counted, else None."""
    return row if row in counted().index else None


def not_public() -> list[str]:
    """The networks of the table that nobody can build."""
    return [row for row in printed().index if same(row) is None]


def points(x: str) -> pd.DataFrame:
    """Printed top-1 (y) over a cost, as `drawing.scatter` takes it: EfficientNet first.

    x is our count where there is one, with the printed number beside it if the two differ; else the printed number.
    Networks whose cost is not printed are left out.
    """
    rows = []
    for row, cells in printed().to_dict("index").items():
        if not cells[x]:
            continue
        ours = row.startswith(OURS)
        point = {"label": row.replace(OURS, "B"), "x": float(cells[x]), "y": float(cells["top-1"])}
        point |= {"family": "v1" if ours else "", "line": "EfficientNet" if ours else ""}
        point |= {"printed_x": nan, "printed_y": nan}
        if name := same(row):
            if counted().loc[name, f"verdict {x}"] != "reproduced":
                point |= {"printed_x": point["x"], "printed_y": point["y"]}
            point["x"] = round(counted().loc[name, f"ours {x}"], 3)
        rows.append(point)
    found = pd.DataFrame(rows)
    return found.iloc[(found["family"] != "v1").argsort(kind="stable")].reset_index(drop=True)


def finding(x: str) -> str:
    """What a figure over `x` shows: how many of the networks that none beats are EfficientNets."""
    best = frontier(points(x))
    ours = int((best["family"] == "v1").sum())
    of = f"All {len(best)}" if ours == len(best) else f"{ours} of the {len(best)}"
    return f"{of} best by {COSTS[x][0]} are EfficientNets"


def figure(x: str, *, name: str) -> Drawing:
    """Printed top-1 over parameters or multiply-adds, the paper's Figure 1 or 5."""
    words, unit, number = COSTS[x]
    shown = [row for row in not_public() if printed().loc[row, x]]
    caption = (
        f"Compare the paper's {number}. Accuracies are printed, {words} counted here; hollow where another number is "
        f"printed. These networks are not public and stand as printed: {', '.join(shown)}."
    )
    return scatter(
        points(x),
        name=name,
        title=finding(x),
        subtitle=f"ImageNet top-1 as the paper's Table 2 prints it; {words} on a logarithmic axis",
        x=f"{words}, {unit}",
        y="top-1, %",
        caption=caption,
        log="x",
        joined=True,
    )


@cache
def ratios() -> pd.DataFrame:
    """How many times the cost of the EfficientNet of its group a network has: for each column as printed, and as ours
    where both are counted (NaN elsewhere). Index: the network; `to` is the EfficientNet."""
    rows, leader = {}, ""
    for row, cells in printed().to_dict("index").items():
        if row.startswith(OURS):
            leader = row
            continue
        found: dict[str, object] = {"to": leader}
        for x in COSTS:
            text = cells[f"{x} ratio"]
            found[f"printed {x}"] = float(text) if text else nan
            ours = counted()[f"ours {x}"]
            found[f"ours {x}"] = ours[row] / ours[leader] if same(row) else nan
        rows[row] = found
    return pd.DataFrame.from_dict(rows, orient="index")


def reached(x: str, counts: bool) -> tuple[int, int]:
    """How many of the ratios of a column reach an order of magnitude, and how many there are: as printed, or with
    `counts` ours where both networks are counted."""
    values = ratios()[f"printed {x}"].dropna()
    if counts:
        values = ratios()[f"ours {x}"].reindex(values.index).fillna(values)
    return int((values >= ORDER).sum()), len(values)


def mean(x: str) -> float:
    """The geometric mean of a column's printed ratios."""
    return float(exp(log(ratios()[f"printed {x}"].dropna().astype(float)).mean()))


def order_of_magnitude() -> str:
    """How many of the ratios reach ten, counted where they can be, in a sentence."""
    (params, of_params), (flops, of_flops) = (reached(x, counts=True) for x in ("params", "FLOPs"))
    return (
        f"{params} of {of_params} networks have ten times the parameters of their EfficientNet, "
        f"{flops} of {of_flops} ten times the multiply-adds"
    )


def ratio_figure(*, name: str, caption: str) -> Drawing:
    """Ratios of each network to its EfficientNet, on one axis: counted where both are public, else as printed."""
    rows = []
    for row, cells in ratios().to_dict("index").items():
        shown = []
        for column, (words, *_) in COSTS.items():
            if pd.isna(stated := cells[f"printed {column}"]):
                continue
            ours = cells[f"ours {column}"]
            value = stated if pd.isna(ours) else ours
            counts = "not counted" if pd.isna(ours) else f"counted {ours:.1f}"
            said = f"{row}: {stated:g} times the {words} of {cells['to']} in print, {counts}"
            shown.append({"label": row, "value": value, "kind": words, "said": said, "hollow": pd.isna(ours)})
        detail = cells["to"].replace("EfficientNet-", "over ")
        rows += [point | {"detail": detail} for point in shown]
    return series(
        pd.DataFrame(rows),
        kinds={"parameters": ("soft", "disc"), "multiply-adds": ("v1", "triangle")},
        name=name,
        title=order_of_magnitude(),
        subtitle="Times the EfficientNet of similar accuracy; filled: counted, hollow: the paper's Table 2",
        unit="times the EfficientNet's",
        reference=(ORDER, "an order of magnitude", True),
        caption=f"{caption} The printed ratios are {mean('params'):.1f} and {mean('FLOPs'):.1f} in the geometric mean.",
    )


def table(*, name: str, fold: str = "") -> BookTable:
    """The whole of Table 2, our counts beside it."""
    frame = compared.compared(TABLE, CLAIMS, ("top-1", *COSTS), same)
    caption = "The paper's Table 2 beside our counts. Bold: it does not round to the printed number."
    return BookTable(frame, name, caption, fold=fold, wide=True)


def answer() -> str:
    """The answer of §5.2, in two sentences."""
    best, stated = finding("params"), reached("FLOPs", counts=False)[0]
    return (
        f"By the paper's accuracies, {best[0].lower()}{best[1:]}. But {order_of_magnitude()} "
        f"by our counts, {stated} as printed."
    )
