"""V2 §6.2, Table 12: what progressive learning saves under four readings of the training sizes, which the paper does
not print."""

from dataclasses import dataclass

import pandas as pd

from ..drawing import Drawing, dots
from ..evidence.judge_printed import cell
from ..evidence.statistics import rounding
from ..models import table
from ..recipes import progressive
from .tables import BookTable

STAGES, FIRST = 4, 128  # V2 §5.1, Table 6
B7 = "EfficientNet-B7, §6.1"


@dataclass(frozen=True)
class Reading:
    """How the sizes of the four stages follow from the size of inference: its `share` is the last, cut to `step` px."""

    label: str
    ramp: str  # of `recipes.progressive`
    share: float
    step: int

    def sizes(self, inference: int) -> tuple[int, ...]:
        """px of each stage."""
        last = int(self.share * inference) // self.step * self.step
        return tuple(s.image_size for s in progressive(STAGES, (FIRST, last), (0, 0), (0, 0), (0, 0), ramp=self.ramp))

    def speedup(self, inference: int) -> float:
        """Pixels of training at the size of inference throughout, over those of the stages: each stage has a quarter
        of the epochs. A convolution's multiply-adds grow as its pixels do."""
        return STAGES * inference**2 / sum(size**2 for size in self.sizes(inference))


# The paper's Algorithm 1, or the release's sizes (automl main.py); up to inference's size, or to 0.8 of it in
# multiples of 16 px, as the release trains EfficientNets (automl effnetv2_configs.py).
READINGS = (
    Reading("Algorithm 1, to the size of inference", "paper", 1, 1),
    Reading("Algorithm 1, to 0.8 of it", "paper", 0.8, 16),
    Reading("The release's ramp, to the size of inference", "release", 1, 1),
    Reading("The release's ramp, to 0.8 of it", "release", 0.8, 16),
)
NETWORKS = {  # row of Table 12 -> px of inference: in its caption, or the EfficientNet's own
    "ResNet50 (224)": 224,
    "ResNet50 (380)": 380,
    "ResNet152 (380)": 380,
    "EfficientNet-B4": table("efficientnet-b4").eval_size,
    "EfficientNet-B5": table("efficientnet-b5").eval_size,
    B7: table("efficientnet-b7").eval_size,
}
HOURS = ("baseline train-time", "progressive train-time")  # columns of Table 12


def hours(network: str) -> tuple[str, str]:
    """Hours of training as printed, without and with progressive learning. B7's are those of Tables 7 and 10."""
    if network == B7:
        return cell("v2:7", "EfficientNet-B7", "train-time"), cell("v2:10", "V1-B7", "train-time")
    before, after = (cell("v2:12", network, column) for column in HOURS)
    return before, after


def speedups() -> pd.DataFrame:
    """One row a network and reading: network, reading, paper (ratio of the printed hours), low and high (of all hours
    that print so), pixels (the reading's ratio) and fits (whether it lies between)."""
    rows = []
    for reading in READINGS:
        for network, size in NETWORKS.items():
            before, after = (rounding(text) for text in hours(network))
            low, high = float(before[0] / after[1]), float(before[1] / after[0])
            paper, pixels = float(sum(before) / sum(after)), reading.speedup(size)
            rows.append([network, reading.label, paper, low, high, pixels, low <= pixels <= high])
    return pd.DataFrame(rows, columns=["network", "reading", "paper", "low", "high", "pixels", "fits"])


def finding() -> str:
    """The answer of §6.2 that needs no run: what the paper's Table 12 prints."""
    rows = [row for row in NETWORKS if row != B7]
    faster = [float(before) / float(after) for before, after in map(hours, rows)]
    gains = [
        float(cell("v2:12", row, "progressive top-1")) - float(cell("v2:12", row, "baseline top-1")) for row in rows
    ]
    better = sum(gain > 0 for gain in gains)
    return (
        f"In the paper {better} of {len(rows)} networks gain, {min(gains):.1f} to {max(gains):.1f} points, and train "
        f"{min(faster):.1f} to {max(faster):.1f} times faster."
    )


def readings(*, name: str, caption: str) -> Drawing:
    """Printed speed-ups against those that each reading's pixels give."""
    found = speedups()
    most = int(found.groupby("reading")["fits"].sum().max())
    rows = found.rename(columns={"network": "label", "pixels": "ours", "reading": "group"})
    return dots(
        rows[["label", "group", "paper", "ours"]].assign(family="v2").round(2),
        name=name,
        title=f"No reading of the sizes gives more than {most} of {len(NETWORKS)} printed speed-ups",
        subtitle="How many times faster progressive learning trains: hours as printed, pixels by four readings",
        unit="times faster",
        caption=caption,
        digits=2,
        heads=("hours", "pixels"),
    )


def table12(*, name: str, caption: str) -> BookTable:
    """The paper's Table 12, with what follows from it."""
    rows = []
    for network in list(NETWORKS)[:-1]:
        before, after = (cell("v2:12", network, f"{kind} top-1") for kind in ("baseline", "progressive"))
        low, high = hours(network)
        gain, faster = f"{float(after) - float(before):+.1f}", f"{float(low) / float(high):.2f}"
        rows.append([network, before, after, gain, low, high, faster])
    heads = ["network", "top-1, %", "progressive, %", "gain, points", "hours", "progressive, h", "times faster"]
    return BookTable(pd.DataFrame(rows, columns=heads), name, caption)


def sizes_table(*, name: str, caption: str, fold: str) -> BookTable:
    """Sizes of the stages under each reading, in px."""
    shown = {"224 px": 224, "380 px": 380, "B5, 456 px": NETWORKS["EfficientNet-B5"]}
    rows = [[r.label, *(", ".join(map(str, r.sizes(px))) for px in shown.values())] for r in READINGS]
    return BookTable(pd.DataFrame(rows, columns=["reading", *shown]), name, caption, fold=fold)
