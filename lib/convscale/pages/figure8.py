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
    more = [100 * (found["compound"] / found[single] - 1) for single in ("depth alone", "width alone", "size alone")]
    return min(more), max(more)


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
