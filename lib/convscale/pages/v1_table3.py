"""V1 Table 3: MobileNets and ResNet-50 scaled in one dimension and in all, as printed and as counted."""

from collections.abc import Iterator
from math import nan
from typing import NamedTuple

import pandas as pd

from ..drawing import Drawing, dots, series
from ..evidence.claims import claim_of
from ..evidence.counts import COMPOUND, counts_of
from ..evidence.entries import Entry
from ..evidence.judge_exact import decide
from . import compared
from .papers import differing
from .tables import BookTable
from .words import signed

TABLE = "v1:3"
CLAIMS = tuple(f"v1-table3-flops-{network}" for network in ("mobilenetv1", "mobilenetv2", "resnet"))
ASSUMED = {"MobileNetV2 compound scale": "mobilenetv2", "ResNet-50 compound scale": "resnet-50"}  # row B36
NOT_PRINTED = "B36"
NETWORKS = ("MobileNetV1", "MobileNetV2", "ResNet-50")
ALL_THREE = "all three"
KINDS = {
    "depth": ("soft", "square"),
    "width": ("soft", "triangle"),
    "image size": ("soft", "diamond"),
    ALL_THREE: ("v1", "disc"),
}
WORDS = (("resolution", "image size"), ("depth", "depth"), ("width", "width"), ("compound", ALL_THREE))


class Row(NamedTuple):
    """A row of the table: its network, what is scaled ("" for the baseline), top-1 (%) and billions of FLOPs as
    printed; ours, whether it agrees (None where no factors are printed), deviation (%) and cause."""

    network: str
    scaled: str
    top1: float
    printed: str
    ours: float
    agrees: bool | None
    off: float
    cause: str


def rows() -> Iterator[Row]:
    """The fourteen rows in their order."""
    found = pd.concat([decide(claim_of(id)) for id in CLAIMS]).set_index("row")
    for row, cells in compared.printed(TABLE).to_dict("index").items():
        network = next(name for name in NETWORKS if name in row)
        words = "" if row.startswith("Baseline") else next(words for key, words in WORDS if key in row)
        about = (network, words, float(cells["top-1"]), cells["FLOPs"])
        if row in ASSUMED:
            ours = counts_of(Entry(ASSUMED[row], changes=COMPOUND)).multiply_adds / 1e9
            yield Row(*about, ours, None, nan, NOT_PRINTED)
        else:
            of_row = found.loc[row]
            agrees = of_row["verdict"] == "reproduced"
            yield Row(*about, of_row["ours"], agrees, nan if agrees else of_row["deviation"], of_row["cause"])


def gains_figure(*, name: str, caption: str) -> Drawing:
    """Printed top-1 of each scaled network less that of its baseline."""
    marks, best = [], 0
    for network in NETWORKS:
        of_network = [row for row in rows() if row.network == network]
        base, scaled = of_network[0], of_network[1:]
        costs = {row.scaled: row.printed for row in scaled}
        others = [float(text) for words, text in costs.items() if words != ALL_THREE]
        best += max(scaled, key=lambda row: row.top1).scaled == ALL_THREE
        more = [signed(100 * (float(costs[ALL_THREE]) / cost - 1), 0) for cost in (max(others), min(others))]
        detail = " to ".join(dict.fromkeys(more)) + " %"
        for row in scaled:
            gain = round(row.top1 - base.top1, 1)
            said = f"{network} scaled in {row.scaled}: +{gain} points, {row.printed} billion multiply-adds in print"
            mark = {
                "label": network,
                "detail": detail,
                "value": gain,
                "kind": row.scaled,
                "said": said,
                "hollow": False,
            }
            marks.append(mark)
    return series(
        pd.DataFrame(marks),
        kinds=KINDS,
        name=name,
        title=f"In print, scaling all three gains most for {best} of {len(NETWORKS)} networks, and costs most",
        subtitle="ImageNet top-1, the paper's Table 3. At the right: multiply-adds of all three over the others'",
        unit="gain over the baseline, points",
        reference=(0.0, "baseline", False),
        caption=caption,
    )


def costs_figure(*, name: str, caption: str) -> Drawing:
    """Multiply-adds of all fourteen rows, as printed and as counted."""
    found = list(rows())
    judged = [row for row in found if row.agrees is not None]
    points = [
        {
            "label": row.scaled or "baseline",
            "group": row.network,
            "paper": float(row.printed),
            "ours": row.ours,
            "family": "v1",
            "agrees": row.agrees,
        }
        for row in found
    ]
    return dots(
        pd.DataFrame(points),
        name=name,
        title=f"{sum(bool(row.agrees) for row in judged)} of {len(judged)} multiply-adds agree with the print",
        subtitle="Logarithmic axis; by dimension that is scaled",
        unit="multiply-adds, billions",
        caption=caption,
        log=True,
        digits=2,
    )


def table(*, name: str, caption: str, fold: str = "") -> BookTable:
    """The fourteen rows with both numbers."""
    lines = [
        [
            row.network if not row.scaled else "",
            row.scaled or "baseline",
            f"{row.top1:.1f}",
            row.printed,
            f"{row.ours:.{len(row.printed.partition('.')[2]) + 1}f}",
            differing(row.off, row.cause) if row.agrees is not None else f"{{disc}}`{row.cause}`",
        ]
        for row in rows()
    ]
    heads = ["network", "scaled", "top-1, paper", "FLOPs B, paper", "ours", "off by"]
    return BookTable(pd.DataFrame(lines, columns=heads), name, caption, fold=fold)


def answer() -> str:
    """The answer of §5.1, from the printed and the counted numbers."""
    found = list(rows())
    leads = [r.top1 - s.top1 for r in found for s in found if r.network == s.network and compound_against(r, s)]
    judged = [row for row in found if row.agrees is not None]
    return (
        f"In print, yes: by {min(leads):.1f} to {max(leads):.1f} points over each single dimension. "
        f"Not trained here yet. Of {len(judged)} counted multiply-adds {sum(bool(row.agrees) for row in judged)} agree."
    )


def compound_against(row: Row, other: Row) -> bool:
    return row.scaled == ALL_THREE and other.scaled not in ("", ALL_THREE)
