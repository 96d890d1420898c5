"""Figures as SVG that comes out the same every time."""

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from .claims import mean_interval


def set_style() -> None:
    """Seaborn's white grid; in a notebook, SVG without dates or random ids."""
    sns.set_theme(style="whitegrid", palette="colorblind")
    mpl.rcParams["svg.hashsalt"] = "convscale"
    try:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata={"Date": None})
    except ImportError:  # no notebook
        pass


def curves(history: pd.DataFrame, ax: Axes, arms: list[str], metric: str = "test_top1") -> Axes:
    """Training curves of `arms`: mean over seeds and, from two seeds on, its 95 % t interval as a band."""
    shown = history[history["arm"].isin(arms)]
    grouped = shown.groupby(["arm", "epoch"])[metric]
    for arm in arms:
        rows = [(epoch, *mean_interval(values.to_numpy())) for (name, epoch), values in grouped if name == arm]
        if not rows:
            continue
        points = pd.DataFrame(rows, columns=["epoch", "mean", "half"])
        (line,) = ax.plot(points["epoch"], points["mean"], label=arm)
        finite = points[points["half"] < float("inf")]
        ax.fill_between(
            finite["epoch"],
            finite["mean"] - finite["half"],
            finite["mean"] + finite["half"],
            alpha=0.2,
            color=line.get_color(),
            linewidth=0,
        )
    ax.set(xlabel="epoch", ylabel="test top-1 (%)")
    if ax.lines:
        ax.legend()
    return ax
