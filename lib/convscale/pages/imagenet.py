"""V2 Table 7 as a whole: its 36 networks with what they print, what is counted here, and what can be seen of them."""

from functools import cache
from html import escape
from typing import NamedTuple

import pandas as pd

from ..drawing import Drawing, scatter
from ..drawing.plane import frontier
from ..measure.paper_tables import COMPARISONS
from ..records import published
from . import compared
from .block import Block
from .tables import BookTable

TABLE = "v2:7"
LEAST = 81.0  # % of top-1 from which figures begin: only ViT-B/32 and ViT-B/16 lie below, by more than 6 points
SHARED = " (21k)"  # a network pretrained on ImageNet-21k has the parameters and FLOPs of the same one without
CLAIMS = {  # our counts of a column
    "params": ("v2-table7-params", "v2-table7-params-others"),
    "FLOPs": ("v2-table7-flops", "v2-table7-flops-others"),
}


class Cost(NamedTuple):
    """A column of the table as an axis of a figure: its name, its unit, and what it is in a title."""

    name: str
    unit: str
    short: str


COSTS = {
    "params": Cost("parameters", "millions", "by parameters"),
    "FLOPs": Cost("multiply-adds", "billions", "by multiply-adds"),
    "infer-time": Cost("inference of 16 images on a V100", "ms", "by inference time"),
    "train-time": Cost("training on 32 TPU cores", "hours", "by training time"),
}


@cache
def printed() -> pd.DataFrame:
    """The table as printed, a row a network, in its order: top-1 and COSTS as text ("" where it has none)."""
    return compared.printed(TABLE)


@cache
def counted() -> pd.DataFrame:
    """The rows of the counted claims, by network: for params and FLOPs ours, deviation (%), verdict and cause."""
    return compared.counted(CLAIMS)


def entry(row: str) -> str | None:
    """The row of `counted` that a row of the table shares its network with; None where neither we nor timm have it."""
    return next((name for name in (row, row.removesuffix(SHARED)) if name in counted().index), None)


def family(row: str) -> str:
    """ "v1", "v2", or "" for those of others."""
    return "v2" if row.startswith("EfficientNetV2") else "v1" if row.startswith("EfficientNet-B") else ""


def line(row: str) -> str:
    """What joins networks of several sizes in a figure, "" for those that stand alone."""
    for start in ("EfficientNetV2", "EfficientNet-B", "RegNetY", "ResNeSt", "TResNet", "NFNet", "T2T-ViT"):
        if row.startswith(start):
            return start.removesuffix("-B") + (SHARED if row.endswith(SHARED) else "")
    return ""


def label(row: str) -> str:
    """A name in a figure: "B7", "V2-S (21k)", "NFNet-F0", "DeiT-B"."""
    short = row.replace("EfficientNetV2", "V2").replace("EfficientNet-B", "B")
    return short.replace("-hybrid", "").replace(" (ViT+reg)", "")


def points(x: str, y: str = "top-1") -> pd.DataFrame:
    """The networks that have both numbers, as `drawing.scatter` takes them: V2's first, then V1's, then all others.

    Left out are those of less top-1 than LEAST. Where we count, x is our count, and the printed number stands beside it
    if the two differ.
    """
    rows = []
    for row, cells in printed().to_dict("index").items():
        if not (cells[x] and cells[y]) or float(cells["top-1"]) < LEAST:
            continue
        point = {"label": label(row), "x": float(cells[x]), "y": float(cells[y]), "family": family(row)}
        point |= {"line": line(row), "printed_x": float("nan"), "printed_y": float("nan")}
        if x in CLAIMS and (name := entry(row)) and pd.notna(ours := counted().loc[name, f"ours {x}"]):
            if counted().loc[name, f"verdict {x}"] != "reproduced":
                point |= {"printed_x": point["x"], "printed_y": point["y"]}
            point["x"] = round(ours, 3)
        rows.append(point)
    found = pd.DataFrame(rows)
    return found.iloc[found["family"].map(["v2", "v1", ""].index).argsort(kind="stable")].reset_index(drop=True)


def best(x: str) -> list[str]:
    """Of the networks that saw ImageNet alone, the names of those that none beats: at most their `x`, as much top-1."""
    found = points(x)
    return list(frontier(found[~found["label"].str.endswith(SHARED)])["label"])


def finding(x: str) -> str:
    """What a figure over `x` shows: how many of the `best` are EfficientNetV2."""
    names = best(x)
    ours = sum(name.startswith("V2") for name in names)
    return f"Of the {len(names)} best {COSTS[x].short} on ImageNet alone, {ours} are EfficientNetV2"


def figure(x: str, *, name: str, caption: str) -> Drawing:
    """Printed top-1 over a cost of `COSTS`."""
    cost = COSTS[x]
    source = "counted here, hollow where another number is printed" if x in CLAIMS else "as printed"
    return scatter(
        points(x),
        name=name,
        title=finding(x),
        subtitle=f"ImageNet top-1 as the paper's Table 7 prints it; {cost.name} {source}, logarithmic axis",
        x=f"{cost.name}, {cost.unit}",
        y="top-1, %",
        caption=caption,
        log="x",
        joined=True,
    )


def rank_correlation(x: str, y: str) -> float:
    """Spearman's, over the networks that have both numbers."""
    both = points(x, y)
    return float(both["x"].rank().corr(both["y"].rank()))


def speeds(*, name: str, caption: str) -> Drawing:
    """Training time over inference time, of the networks for which both are printed."""
    shown = points("infer-time", "train-time")
    train, infer = COSTS["train-time"], COSTS["infer-time"]
    return scatter(
        shown,
        name=name,
        title="What is fast in inference is fast in training",
        subtitle=f"{len(shown)} networks of the paper's Table 7, rank correlation "
        f"{rank_correlation('infer-time', 'train-time'):.2f}; logarithmic axes",
        x=f"{infer.name}, {infer.unit}",
        y=f"{train.name}, {train.unit}",
        caption=caption,
        log="xy",
        joined=True,
    )


def table(*, name: str, caption: str, fold: str) -> BookTable:
    """The whole of Table 7, our counts beside it."""
    frame = compared.compared(TABLE, CLAIMS, ("top-1", *COSTS), entry)
    return BookTable(frame, name, caption, fold=fold, wide=True)


def tally() -> str:
    """How much of the table can be counted, in a sentence."""
    with_network = [row for row in printed().index if entry(row)]
    without = ", ".join(row for row in printed().index if not entry(row))
    return (
        f"{len(with_network)} of the {len(printed())} rows have a network here or in timm. These have none: {without}."
    )


def answer() -> str:
    """The answer of §5.1: how many of the best networks are EfficientNetV2, by each cost."""
    parts = []
    for x in ("train-time", "infer-time", "params", "FLOPs"):
        names = best(x)
        parts.append(f"{sum(name.startswith('V2') for name in names)} of the {len(names)} best {COSTS[x].short}")
    return f"By the paper's accuracies on ImageNet alone, EfficientNetV2 are {', '.join(parts[:-1])} and {parts[-1]}."


def latency_plan() -> Block:
    """What `convscale measure v2:7` times, in words, and what is published of it."""
    (plan,) = (comparison for comparison in COMPARISONS if comparison.table == TABLE)
    records = len(list(published().measurements(TABLE)))
    reasons: dict[str, list[str]] = {}
    for row, why in plan.left_out.items():
        reasons.setdefault("the same network without pretraining" if row.endswith(SHARED) else why, []).append(row)
    left_out = "; ".join(f"{', '.join(rows)} ({why})" for why, rows in reasons.items())
    text = (
        f"It times {len(plan.rows)} networks in turn, {plan.batch} images at once in {plan.precision}. Left out: "
        f"{left_out}. Measurements published so far: {records or 'none'}."
    )
    return Block(f'<p class="sf-note">{escape(text)}</p>', text)
