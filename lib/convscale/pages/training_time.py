"""How long the networks of V2 Table 7 train: against each other, and against the work that training is."""

import pandas as pd

from ..drawing import Drawing, scatter, spans
from ..evidence.claims import claim_of
from ..evidence.counts import counts_of
from ..evidence.entries import Entry, entry_of
from ..evidence.judge_exact import decide
from ..evidence.judge_printed import cell, computed
from ..evidence.judging import TRAINING_PASSES
from ..models.tables import table
from ..recipes import preset
from .imagenet import family, label, printed
from .tables import BookTable

RIVALS = "v2-figure1-training"  # who is compared with whom
CORES, HOUR = 32, 3600  # of the paper's hours; seconds
TRAININGS = {f"EfficientNet-B{i}": f"v1-b{i}:paper" for i in range(3, 8)}
TRAININGS |= {f"EfficientNetV2-{size.upper()}": f"v2-{size}:paper" for size in "sml"}


def hours(row: str) -> float:
    return float(printed().loc[row, "train-time"])


def rivals() -> pd.DataFrame:
    """Each earlier network and the EfficientNetV2 that it is compared with, as `drawing.spans` takes them.

    Outlined are those whose ratio, as far as the printed digits tell it, lies below the least that the paper claims.
    """
    claim, rows = claim_of(RIVALS), []
    least = float(claim["published"]["smallest"])
    for (row, (_, ours)), (low, high) in zip(claim["pairs"].items(), computed(claim).values(), strict=True):
        ratio = hours(row) / hours(ours)
        rows.append(
            {
                "label": f"{label(row)}, {printed().loc[row, 'top-1']}",
                "detail": f"{label(ours)}, {printed().loc[ours, 'top-1']}",
                "start": hours(row),
                "end": hours(ours),
                "words": f"{ratio:.1f}\u00d7",
                "look": "filled" if high >= least else "outlined",
                "family": "v2",
                "ratio": ratio,
                "low": float(low),
                "high": float(high),
            }
        )
    return pd.DataFrame(rows).sort_values("ratio", ascending=False, ignore_index=True)


def against_rivals(*, name: str, caption: str) -> Drawing:
    """Hours of training of each earlier network, and of the fastest EfficientNetV2 with as much accuracy."""
    shown, claim = rivals(), claim_of(RIVALS)
    good = int((shown["look"] == "filled").sum())
    return spans(
        shown,
        name=name,
        title=f"V2 trains {claim['published']['smallest']} times faster or more than {good} of {len(shown)} networks",
        subtitle="Hours on 32 TPU cores as printed: on the left the EfficientNetV2, on the right the other network",
        unit="hours, logarithmic",
        caption=caption,
        digits=1,
    )


def work() -> pd.DataFrame:
    """What training is for the networks whose schedule the papers state: row, hours, work and rate.

    `work` is in 10^18 multiply-adds: those of an image, three passes a step (forward, and backward for features and for
    weights), every image of every epoch. Sizes other than the network's own count by their area. `rate` is in 10^12
    multiply-adds a second of one core.
    """
    rows = []
    for row, name in TRAININGS.items():
        training = preset(name)
        network = table(training.model)
        sizes = [stage.image_size for stage in training.schedule.stages]
        area = sum(size**2 for size in sizes) / len(sizes) / network.eval_size**2
        one = counts_of(Entry(training.model)).multiply_adds * area
        total = TRAINING_PASSES * one * training.images * training.epochs
        rate = total / (hours(row) * HOUR * CORES)
        rows.append({"row": row, "hours": hours(row), "sizes": sizes, "work": total / 1e18, "rate": rate / 1e12})
    return pd.DataFrame(rows)


def ends(rates: pd.Series) -> str:
    return f"{rates.min():.1f} to {rates.max():.1f}"


def against_work(*, name: str, caption: str) -> Drawing:
    """Hours over the multiply-adds of a training, logarithmic: below a line is faster for the same work."""
    found = work()
    shown = pd.DataFrame(
        {
            "label": found["row"].map(label),
            "x": found["work"].round(2),
            "y": found["hours"],
            "family": found["row"].map(family),
        }
    )
    old, new = (found.loc[shown["family"] == key, "rate"] for key in ("v1", "v2"))
    return scatter(
        shown,
        name=name,
        title=f"A TPU core did {ends(new)} trillion multiply-adds a second for V2, {ends(old)} for V1",
        subtitle="Printed hours over counted work, both logarithmic; each line joins one family",
        x="multiply-adds of the whole training, 10¹⁸",
        y="hours on 32 TPU cores",
        caption=caption,
        log="xy",
        joined=True,
    )


def work_table(*, name: str, caption: str, fold: str) -> BookTable:
    """The numbers of `against_work`."""
    found = work()
    frame = pd.DataFrame(
        {
            "network": found["row"],
            "training sizes, px": [", ".join(map(str, sizes)) for sizes in found["sizes"]],
            "multiply-adds, 10¹⁸": found["work"].map("{:.1f}".format),
            "hours, paper": [printed().loc[row, "train-time"] for row in found["row"]],
            "10¹² a core-second": found["rate"].map("{:.1f}".format),
        }
    )
    return BookTable(frame, name, caption, fold=fold)


def rival_table(*, name: str, caption: str, fold: str) -> BookTable:
    """The numbers of `against_rivals`."""
    found = rivals()
    frame = pd.DataFrame(
        {
            "network, top-1": found["label"],
            "hours": found["start"].map("{:g}".format),
            "EfficientNetV2, top-1": found["detail"],
            "hours ": found["end"].map("{:g}".format),
            "times faster": found["ratio"].map("{:.1f}".format),
            "range": [f"{row.low:.1f} to {row.high:.1f}" for row in found.itertuples()],
        }
    )
    return BookTable(frame, name, caption, fold=fold)


def answer() -> str:
    """The answer of §1: what the paper's tables say of the two numbers that its abstract opens with."""
    (xl,) = computed(claim_of("v2-abstract-training")).values()
    found = rivals()
    good = int((found["look"] == "filled").sum())
    (smaller,) = decide(claim_of("v2-figure1-smaller"))["ours"]
    return (
        f"By its own table the network of 87.3 % trains {float(sum(xl)) / 2:.1f} times faster than ViT, not 5 to 11. "
        f"At equal accuracy, 5 times or more holds against {good} of {len(found)} networks. S is {smaller:.1f} times "
        "smaller than ResNet-RS-350, where 6.8 are claimed."
    )


FIGURE_1B = {  # row of the figure -> the network it must mean, by accuracy and parameters, and our entry
    "EfficientNet": ("EfficientNet-B6", "efficientnet-b6"),
    "ResNet-RS": ("ResNet-RS-350 at 256 px", "resnet-rs-350"),
    "DeiT/ViT": ("DeiT-B at 384 px", "timm:deit_base_patch16_384@384"),
    "EfficientNetV2 (ours)": ("EfficientNetV2-S", "efficientnetv2-s"),
}


def figure1b(*, name: str, caption: str) -> BookTable:
    """Figure 1b as printed, with our counts."""
    rows = [
        [
            row,
            network,
            cell("v2:figure1b", row, "top-1"),
            cell("v2:figure1b", row, "params"),
            f"{counts_of(entry_of(written)).params / 1e6:.1f}",
        ]
        for row, (network, written) in FIGURE_1B.items()
    ]
    return BookTable(
        pd.DataFrame(rows, columns=["in the figure", "network", "top-1, %", "params, M", "ours"]), name, caption
    )
