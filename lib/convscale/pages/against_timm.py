"""The preset `own` against timm's training loop on the same images: `python -m benchmarks.own_images` made the runs."""

import math

import pandas as pd

from ..drawing import Drawing, forest
from ..drawing.ink import number
from ..paths import DATA
from .tables import BookTable

FILE = DATA / "records/own_images.csv"
PAIR = ["set", "model", "seed"]  # what two arms have in common where they are compared
ARMS = {"own": "As many epochs", "longer": "As long as timm's one size"}
OTHERS = {"fixed": "timm, one size", "sizes": "timm, growing sizes"}


def runs() -> pd.DataFrame:
    """A row a run: set, px, model, seed, arm, epochs, top1 in % and seconds of a processor; and what made it."""
    return pd.read_csv(FILE)


def interval(values: pd.Series) -> tuple[float, float, float]:
    """Mean and its 95 % interval."""
    from scipy import stats  # as it takes a second

    half = stats.t.ppf(0.975, len(values) - 1) * values.sem() if len(values) > 1 else math.inf
    return values.mean(), values.mean() - half, values.mean() + half


def judged(found: pd.DataFrame) -> pd.DataFrame:
    """Each arm against each of timm's over all pairs: top1 in points with its 95 % interval (t), and the ratio of
    processor seconds, a geometric mean with its interval; `cells` are the mean points of each set and network."""
    wide = found.pivot(index=PAIR, columns="arm", values=["top1", "seconds"]).dropna()
    rows = []
    for arm in ARMS:
        for other in OTHERS:
            points = wide["top1"][arm] - wide["top1"][other]
            mean, low, high = interval(points)
            ratio = [math.exp(x) for x in interval((wide["seconds"][arm] / wide["seconds"][other]).map(math.log))]
            row = dict(arm=arm, against=other, pairs=len(wide), points=mean, low=low, high=high)
            row |= dict(zip(("seconds", "seconds_low", "seconds_high"), ratio, strict=True))
            rows.append(row | {"cells": points.groupby(["set", "model"]).mean().tolist()})
    return pd.DataFrame(rows)


def answer(found: pd.DataFrame) -> str:
    """What it comes to, in one line: "4.0 points more than timm's settings, in 0.60 of their time"."""
    row = next(row for row in judged(found).itertuples() if (row.arm, row.against) == ("own", "fixed"))
    if row.low < 0 < row.high:
        said = "No clear difference in accuracy from timm's settings"
    else:
        said = f"{abs(row.points):.1f} points {'more' if row.points > 0 else 'fewer'} than timm's settings"
    return f"{said}, in {row.seconds:.2f} of their time"


def differences(found: pd.DataFrame, *, name: str, title: str, caption: str) -> Drawing:
    """What each arm of `own` is better by, a row for each of timm's; rings are sets and networks."""
    table = judged(found)
    rows = pd.DataFrame(
        {
            "group": table["arm"].map(ARMS),
            "label": table["against"].map(OTHERS),
            "detail": [f"in {row.seconds:.2f} of its time" for row in table.itertuples()],
            "mean": table["points"],
            "low": table["low"],
            "high": table["high"],
            "seeds": table["cells"],
        }
    )
    subtitle = f"Preset own against timm, {table['pairs'][0]} pairs of runs"
    sides = ("own is better", "timm is better")
    return forest(rows, name=name, title=title, subtitle=subtitle, caption=caption, sides=sides)


def numbers(found: pd.DataFrame, *, name: str, caption: str) -> BookTable:
    """The same with the times, each with its interval."""
    table = judged(found)
    rows = {
        "training": table["arm"].map(ARMS),
        "against": table["against"].map(OTHERS),
        "points": [f"{number(r.points, 1, True)} ({number(r.low, 1, True)} to {number(r.high, 1, True)})"
                   for r in table.itertuples()],
        "time": [f"{r.seconds:.2f} ({r.seconds_low:.2f} to {r.seconds_high:.2f})" for r in table.itertuples()],
    }  # fmt: skip
    return BookTable(pd.DataFrame(rows), name=name, caption=caption)


def by_set(found: pd.DataFrame, *, name: str, caption: str) -> BookTable:
    """Mean top1 in % of every arm, a row for each set and network, with the images of a run and its epochs."""
    arms = OTHERS | {arm: f"own, {words[0].lower()}{words[1:]}" for arm, words in ARMS.items()}
    mean = found.pivot_table(index=["set", "model"], columns="arm", values="top1")[[*arms]]
    epochs = found[found["arm"] == "own"].groupby(["set", "model"])["epochs"].first()
    table = mean.map("{:.1f} %".format).rename(columns=arms).reset_index()
    table.insert(2, "epochs", epochs.tolist())
    return BookTable(table.rename(columns={"model": "network"}), name=name, caption=caption)
