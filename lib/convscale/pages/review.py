"""What the rivals of EfficientNet-B6 in V2 Table 1 cost over it: what the table compares, and what it leaves out."""

import pandas as pd

from ..drawing import Drawing, dots
from ..evidence.claims import claim_of
from ..evidence.judge_exact import decide
from ..evidence.judge_printed import cell

BASE = "EfficientNet-B6"
COUNTED = {"parameters": ("v2-table1-params", "params"), "multiply-adds": ("v2-table1-flops", "FLOPs")}
# Rival -> what is timed -> table, its row there, column. V2 Table 1 prints no time.
TIMED = {
    "ResNet-RS-420": {
        "training step, V100": ("rs:2", "ResNet-RS-420 @320", "V100 latency"),
        "training step, TPUv3": ("rs:2", "ResNet-RS-420 @320", "TPUv3 latency"),
    },
    "NFNet-F1": {
        "inference, V100": ("v2:7", "NFNet-F1", "infer-time"),
        "training, TPUv3": ("v2:7", "NFNet-F1", "train-time"),
    },
}


def relative_costs() -> pd.DataFrame:
    """One line a rival and cost, as `drawing.dots` takes them: in times of EfficientNet-B6, printed and counted."""
    lines = []
    for rival, times in TIMED.items():
        for words, (claim, column) in COUNTED.items():
            ours = decide(claim_of(claim)).set_index("row")["ours"]
            printed = float(cell("v2:1", rival, column)) / float(cell("v2:1", BASE, column))
            lines.append((words, printed, ours[rival] / ours[BASE], rival))
        for words, (table, row, column) in times.items():
            printed = float(cell(table, row, column)) / float(cell(table, BASE, column))
            lines.append((words, printed, float("nan"), rival))
    return pd.DataFrame(lines, columns=["label", "paper", "ours", "group"]).assign(family="v2")


def ranges() -> tuple[str, str]:
    """Least and most that the rivals have of its size, and of its time, as printed: "1.9 to 4.5"."""
    rows = relative_costs()
    counted = rows["label"].isin(COUNTED)
    size, time = (
        f"{chosen.min():.1f} to {chosen.max():.1f}" for chosen in (rows["paper"][counted], rows["paper"][~counted])
    )
    return size, time


def finding() -> str:
    """The answer of §3.1."""
    size, time = ranges()
    return (
        f"It is small: the rivals of EfficientNet-B6 have {size} times its parameters and multiply-adds. "
        f"That leaves out time: they take {time} times as long."
    )


def costs_over_b6(label: str, caption: str) -> Drawing:
    """The same as a figure, with its finding from the printed numbers."""
    size, time = ranges()
    return dots(
        relative_costs(),
        name=f"fig-{label}-costs",
        title=f"Its rivals have {size} times its size and {time} times its time",
        subtitle="ResNet-RS-420 and NFNet-F1 in times of EfficientNet-B6",
        unit="times EfficientNet-B6",
        caption=caption,
        log=True,
        digits=2,
    )
