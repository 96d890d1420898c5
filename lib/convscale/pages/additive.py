"""What the page on ResNet-RS's additive study shows: the paper's steps as a waterfall, as code, and the factorial."""

import pandas as pd

from ..drawing import Drawing, waterfall
from ..evidence.effects import effects
from ..evidence.paper import show_paper_table
from ..evidence.statistics import paired_effect
from ..experiments import get
from ..experiments.differences import replacements
from ..experiments.papers.rs_factorial import DESIGN
from ..experiments.papers.rs_table1l import ROWS
from ..records import frame
from .block import Block
from .results import Results
from .tables import BookTable
from .words import signed, typeset

ARCHITECTURE = ("squeeze-excite", "resnet-d")
GROUPS = ("Training, the same network", "Network")


def study() -> pd.DataFrame:
    """The paper's Table 1, left, a row each: label, arm (of `rs_table1l`), top1 and the printed change (text)."""
    printed = show_paper_table("rs:1l").rename(columns=lambda heading: heading.split(" (")[0])
    labels = [label.removeprefix("+ ").replace(" - 256x256", ", 256 px") for label in printed.index]
    top1 = printed["top-1"].astype(float)
    return pd.DataFrame(
        {"label": labels, "arm": list(ROWS), "top1": top1.to_numpy(), "change": list(printed["change"])}
    )


def steps_figure(name: str, caption: str) -> Drawing:
    """The study as a waterfall, with what training and network come to."""
    rows, found = study(), []
    for before, row in zip([rows.iloc[0], *rows.iloc[:-1].itertuples()], rows.itertuples(), strict=True):
        group = "" if row.arm == "baseline" else GROUPS[row.arm in ARCHITECTURE]
        found.append({"label": row.label, "group": group, "start": before.top1, "end": row.top1})
    last = rows["top1"].iloc[-1]
    found.append({"label": "All ten", "group": "Together", "start": last, "end": last})
    training = rows.loc[rows["arm"] == "weight-decay", "top1"].item() - rows["top1"].iloc[0]
    return waterfall(
        pd.DataFrame(found),
        name=name,
        title=f"Training gained {training:.1f} of {last - rows['top1'].iloc[0]:.1f} points before the network changed",
        subtitle="The paper’s Table 1, left: ResNet-200 on ImageNet, every step on top of all before it",  # noqa: RUF001
        unit="ImageNet top-1, %",
        family="rs",
        caption=caption,
    )


def path_table(name: str, caption: str, scale: str = "paper", fold: str = "") -> BookTable:
    """The ten steps as `replace` calls on the run before, read from the experiment at `scale`."""
    arms, rows = get("rs_table1l", scale).arms, study()
    found = []
    for before, row in zip(rows["arm"], rows.iloc[1:].itertuples(), strict=False):
        calls = replacements(arms[before], arms[row.arm])
        found.append([row.label, typeset(row.change), "; ".join(f"`{call}`" for call in calls)])
    heads = ["step", "paper", "what it is here"]
    return BookTable(pd.DataFrame(found, columns=heads), name, caption, fold=fold)


def effects_table(results: Results, caption: str, most: int = 12) -> BookTable | Block:
    """The `most` largest effects of the published factorial, and that of averaging weights, which every run tells;
    before all its runs are there, how many are."""
    if results.shown is None:
        return results.progress()
    runs = frame(results.published)
    rows = [
        [row.effect, signed(row.estimate), f"{signed(row.low)} to {signed(row.high)}", f"{row.p:.3f}"]
        for row in effects(DESIGN, runs, "test_top1").head(most).itertuples()
    ]
    gains = (runs["test_top1"] - runs["test_top1_raw"]).groupby(runs["seed"]).mean()
    averaging = paired_effect(gains.to_numpy())
    ends = (averaging.mean - averaging.half, averaging.mean + averaging.half)
    said = " to ".join(signed(end) for end in ends)
    rows.append(["averages of weights, in the same runs", signed(averaging.mean), said, f"{averaging.p():.3f}"])
    heads = ["choice, or pair of choices", "points", "95 % interval", "p"]
    return BookTable(pd.DataFrame(rows, columns=heads), results.named("tbl", "effects"), caption)
