"""EfficientNet Table 7 and Figure 8: accuracy as printed over multiply-adds as printed and as counted."""

import pandas as pd

from ..drawing import Drawing, scatter
from ..evidence import show_paper_table
from ..evidence.claims import claim_of
from ..evidence.judge_exact import decide

LABELS = {
    "Baseline model (EfficientNet-B0)": "B0",
    "Scale model by depth (d=4)": "depth alone",
    "Scale model by width (w=2)": "width alone",
    "Scale model by resolution (r=2)": "size alone",
    "Compound Scale (d=1.4, w=1.2, r=1.3)": "compound",
}
SINGLE = ("depth alone", "width alone", "size alone")


def rows() -> pd.DataFrame:
    """label, top1 (printed, %), printed and counted multiply-adds in billions."""
    table = show_paper_table("v1:7").rename(columns=lambda head: head.split(" (")[0])
    counted = decide(claim_of("v1-table7-flops")).set_index("row")
    return pd.DataFrame(
        {
            "label": LABELS.values(),
            "top1": [float(table.loc[row, "top-1"]) for row in LABELS],
            "printed": [float(counted.loc[row, "printed"]) for row in LABELS],
            "counted": [counted.loc[row, "ours"] for row in LABELS],
        }
    )


def spends_more() -> tuple[float, float]:
    """By how many % compound scaling takes more multiply-adds than one dimension alone, counted: least and most."""
    found = rows().set_index("label")["counted"]
    more = [100 * (found["compound"] / found[single] - 1) for single in SINGLE]
    return min(more), max(more)


def single_top1() -> tuple[float, float]:
    """The least and the greatest printed top-1 (%) of B0 scaled in one dimension."""
    found = rows().set_index("label").loc[list(SINGLE), "top1"]
    return found.min(), found.max()


def in_print() -> str:
    """What Table 7 prints of its question."""
    least, most = single_top1()
    compound = rows().set_index("label").loc["compound", "top1"]
    return (
        f"In the paper's table B0 reaches {compound} % by compound scaling, {least} to {most} % by one dimension alone."
    )


def figure8(*, name: str, caption: str) -> Drawing:
    """The paper's Figure 8 at the points of its Table 7."""
    found, (least, most) = rows(), spends_more()
    points = pd.DataFrame(
        {
            "label": found["label"],
            "x": found["counted"],
            "y": found["top1"],
            "printed_x": found["printed"],
            "printed_y": found["top1"],
            "family": ["v1" if label == "compound" else "" for label in found["label"]],
        }
    )
    return scatter(
        points,
        name=name,
        title=f"Printed costs are level; counted, compound scaling takes {least:.0f} to {most:.0f} % more",
        subtitle="Top-1 as printed in the paper's Table 7. Hollow: multiply-adds as printed; filled: as counted here",
        x="multiply-adds, billions",
        y="ImageNet top-1, %",
        caption=caption,
    )


def one_dimension() -> str:
    """What Table 7 prints of the question of §3.2: four times the cost in one dimension."""
    least, most = single_top1()
    base = rows().set_index("label").loc["B0", "top1"]
    return (
        f"In print about four times the cost in one dimension gains {least - base:.1f} to {most - base:.1f} points. "
        "What twice the cost gains is not printed."
    )
