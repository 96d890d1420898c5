"""What the page on ResNet-RS's additive study shows: the paper's steps as a waterfall, as code, and the factorial."""

import pandas as pd

from ..drawing import Drawing, scatter, waterfall
from ..evidence.counts import counts_of
from ..evidence.effects import effects
from ..evidence.entries import entry_of
from ..evidence.paper import show_paper_table
from ..evidence.statistics import paired_effect
from ..experiments import get
from ..experiments.differences import replacements
from ..experiments.papers.rs_factorial import DESIGN
from ..experiments.papers.rs_table1l import ROWS
from ..records import frame
from . import speed_accuracy
from .block import Block
from .results import Results
from .tables import BookTable
from .words import signed, typeset

PLAIN, WITH_ALL = "resnet-200@256", "ResNet-RS-200 @256"  # the ends of the path
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


def gained() -> tuple[float, float]:
    """Points that the steps of training gain in print, and all ten."""
    top1 = study().set_index("arm")["top1"]
    return top1["weight-decay"] - top1["baseline"], top1["resnet-d"] - top1["baseline"]


def in_print() -> str:
    """What Table 1, left, prints of the question."""
    training, whole = gained()
    steps = study()["change"].iloc[1:].astype(float)
    lose = f"{int((steps < 0).sum())} of {len(steps)} steps lose accuracy"
    return f"In the paper's table training gains {training:.1f} of {whole:.1f} points, and {lose}."


def steps_figure(name: str, caption: str) -> Drawing:
    """The study as a waterfall, with what training and network come to."""
    rows, found = study(), []
    for before, row in zip([rows.iloc[0], *rows.iloc[:-1].itertuples()], rows.itertuples(), strict=True):
        group = "" if row.arm == "baseline" else GROUPS[row.arm in ARCHITECTURE]
        found.append({"label": row.label, "group": group, "start": before.top1, "end": row.top1})
    last = rows["top1"].iloc[-1]
    found.append({"label": "All ten", "group": "Together", "start": last, "end": last})
    training, whole = gained()
    return waterfall(
        pd.DataFrame(found),
        name=name,
        title=f"Training gained {training:.1f} of {whole:.1f} points before the network changed",
        subtitle="The paper’s Table 1, left: ResNet-200 on ImageNet, every step on top of all before it",  # noqa: RUF001
        unit="ImageNet top-1, %",
        family="rs",
        caption=caption,
    )


def figure1_points() -> pd.DataFrame:
    """The paper's Figure 1 from its tables, as `drawing.scatter` takes it: top-1 over counted activations (M).

    ResNet-200 with the first and with the last training of the additive study, then all rows of Table 2.
    """
    networks, top1 = speed_accuracy.networks(), study().set_index("arm")["top1"]
    plain = round(counts_of(entry_of(PLAIN)).activations / 1e6, 4)
    path = [("ResNet-200", "baseline"), ("its training improved", "weight-decay")]
    rows = [{"label": label, "x": plain, "y": top1[arm], "family": "", "line": "ResNet-200"} for label, arm in path]
    with_all = networks.loc[WITH_ALL]
    rows.append({"label": "", "x": with_all["activations"], "y": with_all["top-1"], "family": "", "line": "ResNet-200"})
    families = {"v1": "EfficientNet", "rs": "ResNet-RS"}
    for row in networks.rename(columns={"activations": "x", "top-1": "y"}).to_dict("records"):
        rows.append({name: row[name] for name in ("label", "x", "y", "family")} | {"line": families[row["family"]]})
    return pd.DataFrame(rows).round({"x": 4})


def figure1(name: str, caption: str) -> Drawing:
    """The refinement of ResNet-200 among both families, the paper's Figure 1 with activations for its TPU."""
    points = figure1_points()
    first, trained, _ = points[points["line"] == "ResNet-200"].to_dict("records")
    return scatter(
        points,
        name=name,
        title=f"Training lifts ResNet-200 by {trained['y'] - first['y']:.1f} points, at the same cost",
        subtitle="ImageNet top-1 as printed, over counted activations; these order the paper's TPU latencies with rank "
        f"correlation {speed_accuracy.rank_correlation('activations', 'TPUv3 latency'):.3f}",
        x=speed_accuracy.AXES["activations"],
        y=speed_accuracy.AXES["top-1"],
        caption=caption,
        log="x",
        joined=True,
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
