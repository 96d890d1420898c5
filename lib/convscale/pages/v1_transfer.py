"""V1 §5.3: Tables 5 and 6 with what follows from them, and the commands that fine-tune on the eight data sets."""

from html import escape
from typing import NamedTuple

import pandas as pd

from ..drawing import Drawing, series
from ..evidence import judge
from ..evidence.claims import claim_of
from ..evidence.judging import evidence_for
from ..evidence.paper import paper_table, show_paper_table
from ..records import Store, published
from .block import Block
from .tables import BookTable
from .words import signed

TABLE, SETS_TABLE = "v1:5", "v1:6"
SIDES = {"public": "best public network", "reported": "best reported network"}
KINDS = {SIDES["public"]: ("v1", "disc"), SIDES["reported"]: ("soft", "triangle")}
ORDER = 10  # "an order of magnitude" (V1 abstract, §5.3)
NAMES = {  # of the paper's data sets here
    "CIFAR-10": "cifar10",
    "CIFAR-100": "cifar100",
    "Birdsnap": "birdsnap",
    "Stanford Cars": "cars",
    "Flowers": "flowers",
    "FGVC Aircraft": "aircraft",
    "Oxford-IIIT Pets": "pets",
    "Food-101": "food101",
}
BATCH, EPOCHS = 256, 100  # ours: neither is stated
RATE = 0.256 / 4 * BATCH / 4096  # a quarter of ImageNet's (tensorflow/tpu #476), by the linear rule


class Pair(NamedTuple):
    """One comparison of Table 5: the data set, which of SIDES, both networks and accuracies (%), and the printed ratio
    of parameters (None where there is none)."""

    data: str
    side: str
    theirs: str
    ours: str
    their_top1: float
    our_top1: float
    ratio: float | None


def pairs() -> list[Pair]:
    """The sixteen comparisons, data set after data set."""
    cells = paper_table(TABLE).set_index(["row", "column"])
    found = []
    for data in NAMES:
        for side in SIDES:
            theirs, ours = (cells.loc[(data, f"{side} {who} accuracy")] for who in ("baseline", "ours"))
            key = (data, f"{side} params ratio")
            ratio = float(cells.loc[key, "value"]) if key in cells.index else None
            first, second = (text["note"].partition(" (")[0] for text in (theirs, ours))
            found.append(Pair(data, side, first, second, float(theirs["value"]), float(ours["value"]), ratio))
    return found


def lead(pair: Pair) -> float:
    """Points by which EfficientNet is ahead in print."""
    return round(pair.our_top1 - pair.their_top1, 1)


def tally(side: str) -> str:
    """ "ahead on 3 of 8 data sets and level on 2"."""
    leads = [lead(pair) for pair in pairs() if pair.side == side]
    ahead, level = sum(value > 0 for value in leads), sum(value == 0 for value in leads)
    return f"ahead on {ahead} of {len(leads)} data sets and level on {level}"


def mark(pair: Pair, value: float, said: str) -> dict:
    return {"label": pair.data, "value": value, "kind": SIDES[pair.side], "said": said, "hollow": False}


def leads_figure(*, name: str, caption: str) -> Drawing:
    """Points by which EfficientNet is ahead of the best public and of the best reported network."""
    marks = []
    for pair in pairs():
        gap = lead(pair)
        said = f"{pair.data}: {pair.ours} {pair.our_top1:.1f} %, {pair.theirs} {pair.their_top1:.1f} %"
        marks.append(mark(pair, gap, said))
    for one in marks:
        gaps = [other["value"] for other in marks if other["label"] == one["label"]]
        one["detail"] = ", ".join(signed(gap) for gap in gaps)
    return series(
        pd.DataFrame(marks),
        kinds=KINDS,
        name=name,
        title=f"Against public networks EfficientNet is {tally('public')}",
        subtitle=f"As printed in the paper's Table 5. Against the best reported: {tally('reported')}",
        unit="lead of EfficientNet, points",
        reference=(0.0, "level", True),
        caption=caption,
    )


def ratios_figure(*, name: str, caption: str) -> Drawing:
    """How many times the parameters of EfficientNet the other network has, as printed."""
    shown = [pair for pair in pairs() if pair.ratio is not None]
    marks = []
    for pair in shown:
        said = f"{pair.data}: {pair.theirs} has {pair.ratio:g} times the parameters of {pair.ours} in print"
        networks = " and ".join(other.ours.replace("EfficientNet-", "") for other in shown if other.data == pair.data)
        marks.append(mark(pair, float(pair.ratio or 0), said) | {"detail": f"of {networks}"})
    reached = sum(value["value"] >= ORDER for value in marks)
    return series(
        pd.DataFrame(marks),
        kinds=KINDS,
        name=name,
        title=f"In {reached} of {len(marks)} comparisons the other network has ten times the parameters",
        subtitle="Printed ratios of the paper's Table 5, logarithmic axis",
        unit="parameters, times EfficientNet's",
        reference=(ORDER, "an order of magnitude", True),
        caption=caption,
        log=True,
    )


def table5(*, name: str, caption: str, fold: str = "") -> BookTable:
    """The sixteen comparisons as printed."""
    rows = [
        [
            pair.data if pair.side == "public" else "",
            SIDES[pair.side],
            f"{pair.theirs}, {pair.their_top1:.1f}",
            f"{pair.ours.replace('EfficientNet-', '')}, {pair.our_top1:.1f}",
            signed(lead(pair)),
            "" if pair.ratio is None else f"{pair.ratio:g}x",
        ]
        for pair in pairs()
    ]
    heads = ["data set", "against", "it, %", "EfficientNet, %", "lead", "parameters"]
    return BookTable(pd.DataFrame(rows, columns=heads), name, caption, fold=fold)


def table6(*, name: str, caption: str) -> BookTable:
    """The data sets, by their names here, with their sizes as printed."""
    printed, rows = show_paper_table(SETS_TABLE), []
    for data, ours in NAMES.items():
        sizes = [f"{int(printed.loc[data, column]):,}" for column in ("train size", "test size", "classes")]
        rows.append([data, f"`{ours}`", *sizes])
    heads = ["data set", "here", "training", "test", "classes"]
    return BookTable(pd.DataFrame(rows, columns=heads), name, caption)


def commands(side: str) -> list[str]:
    """The command that fine-tunes the network of Table 5 on each data set, by what the author said of it."""
    found = []
    for pair in pairs():
        if pair.side == side:
            network = pair.ours.lower()
            found.append(
                f"convscale train --model {network} --data {NAMES[pair.data]} --schedule v1-{network[-2:]}:paper "
                f"--weights timm:tf_efficientnet_{network[-2:]}.aa_in1k --batch-size {BATCH} --epochs {EPOCHS} "
                f"--learning-rate {RATE:g}"
            )
    return found


def recipe(side: str) -> Block:
    """The commands as lines to copy."""
    text = "\n".join(commands(side))
    return Block(
        f'<div class="highlight-none notranslate"><div class="highlight"><pre>{escape(text)}</pre></div></div>', text
    )


def answer(store: Store | None = None) -> str:
    """The answer of §5.3, from print and from what the published runs say of larger networks."""
    claim = claim_of("v1-figure6-larger-transfers")
    found = judge(claim, evidence_for(claim, store or published()))
    known = {"not run": "is not decided here yet", "same direction": "was seen here", "reproduced": "was seen here"}
    return (
        f"In print, EfficientNet is {tally('public')}, against the best public networks. "
        f"That a larger network of the family transfers better {known.get(found.shown_word, 'was not seen here')}."
    )
