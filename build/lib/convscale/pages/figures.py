"""Figures as SVG that comes out the same every time."""

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from torch import nn

from ..evidence.statistics import mean_interval
from ..models.blocks import SqueezeExcite


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


def blocks(block: nn.Module, ax: Axes) -> Axes:
    """Block diagram of a built MBConv or Fused-MBConv: its convolutions in order, output channels, and the shortcut."""
    labels = []
    for child in block.children():
        convolutions = [m for m in child.modules() if isinstance(m, nn.Conv2d)]
        if isinstance(child, SqueezeExcite):
            labels.append(f"SE, {convolutions[0].out_channels} of {convolutions[1].out_channels}")
        elif convolutions:
            conv = convolutions[0]
            kind = "depthwise " if conv.groups > 1 else ""
            labels.append(f"{kind}conv {conv.kernel_size[0]}x{conv.kernel_size[1]}, {conv.out_channels}")
    box = {"boxstyle": "round,pad=0.4", "facecolor": "#cfe3f3", "edgecolor": "#0173b2"}
    names = [*labels, "+"] if block.drop is not None else labels
    for level, label in enumerate(names, start=1):
        ax.text(0, level, label, ha="center", va="center", bbox=box if label != "+" else {**box, "boxstyle": "circle"})
        ax.annotate("", (0, level - 0.25), (0, level - 0.75), arrowprops={"arrowstyle": "->", "color": "0.3"})
    if block.drop is not None:
        ax.plot([0, 1, 1], [0.3, 0.3, len(names)], color="0.3", linewidth=1)
        ax.annotate("", (0.15, len(names)), (1, len(names)), arrowprops={"arrowstyle": "->", "color": "0.3"})
    ax.set(xlim=(-1.2, 1.4), ylim=(0, len(names) + 0.6), title=type(block).__name__)
    ax.axis("off")
    return ax
