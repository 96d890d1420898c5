"""V2 §5.2: what ImageNet-21k gains and costs, by the paper's Table 7."""

import pandas as pd

from ..drawing import Drawing, scatter
from ..evidence.judge_printed import cell
from ..recipes import preset
from .tables import BookTable

SIZES = ("S", "M", "L", "XL")
VIT = "ViT-L/16 (21k)"
ALONE = "ILSVRC2012 alone"
MORE = " (21k)"
EPOCHS = 350  # of ILSVRC2012, V2 §5.1


def row_of(size: str, more: bool) -> str:
    return f"EfficientNetV2-{size}{MORE if more else ''}"


def points() -> pd.DataFrame:
    """Hours of training (x) and top-1 (y) as printed: without ImageNet-21k, with it, and ViT-L/16 with it."""
    named = [(row_of(size, False), size, ALONE) for size in SIZES[:3]]
    named += [(row_of(size, True), f"{size}, 21k", "v2") for size in SIZES]
    named += [(VIT, "ViT-L/16, 21k", "ViT")]
    rows = [(label, *(float(cell("v2:7", row, c)) for c in ("train-time", "top-1")), f) for row, label, f in named]
    return pd.DataFrame(rows, columns=["label", "x", "y", "family"])


def hours(*, name: str, caption: str) -> Drawing:
    """Accuracy over hours of training, with and without ImageNet-21k."""
    shown = points().set_index("label")[["x", "y"]]
    gained = shown.loc["M, 21k"] - shown.loc["L"]
    return scatter(
        points(),
        name=name,
        title=f"M with 21k is {gained['y']:.1f} points above L without, in {-gained['x']:.0f} hours less",
        subtitle="ImageNet top-1 over hours on 32 TPU cores, as printed in the paper's Table 7",
        x="hours of training, logarithmic",
        y="top-1, %",
        caption=caption,
        log="x",
        joined=True,
    )


def costs(*, name: str, caption: str) -> BookTable:
    """What ImageNet-21k gains and costs each size."""
    rows = []
    for size in SIZES[:3]:
        (top1, more_top1), (time, more_time) = (
            [float(cell("v2:7", row_of(size, more), column)) for more in (False, True)]
            for column in ("top-1", "train-time")
        )
        rows.append([f"V2-{size}", f"{top1:.1f}", f"{more_top1:.1f}", f"{more_top1 - top1:+.1f}"])
        rows[-1] += [f"{time:g}", f"{more_time:g}", f"{more_time / time:.2f}\u00d7"]
    heads = ["network", "top-1, %", "with 21k, %", "gain, points", "hours", "with 21k, h", "cost"]
    return BookTable(pd.DataFrame(rows, columns=heads), name, caption)


def passes(epochs: int) -> float:
    """Images that training on ImageNet-21k for so many epochs looks at, over those of training on ILSVRC2012."""
    more, alone = preset("v2-21k:paper").images, preset("v2-s:paper").images
    return epochs * more / (EPOCHS * alone)


def label_memory(images: int, classes: int, labels: int) -> tuple[float, float]:
    """GB of the labels of so many images, as rows of 4 bytes a class, and as `datasets.SeveralLabels` keeps them."""
    return 4 * images * classes / 1e9, (8 * images + 4 * labels) / 1e9
