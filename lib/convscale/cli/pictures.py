"""Pictures that commands leave in a folder: the confusion matrix, the worst mistakes, the curve of a training.

Plain files for people's own reports, on white. The same numbers give the same bytes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from ..files import replace_file

if TYPE_CHECKING:  # matplotlib takes half a second, and most commands draw nothing
    from matplotlib.figure import Figure

    from ..datasets import Images
    from ..learning import Answers

NUMBERED = 20  # classes up to which each cell of the matrix has its number; ours: more do not fit
VECTORS = 60  # classes up to which cells are vectors; ours: beyond, an SVG of them takes megabytes
MAX_INCHES = 14  # of the matrix
GRID = 4, 6  # rows and columns of mistakes
PX = 192  # of an image among them


@contextmanager
def themed() -> Iterator[None]:
    """seaborn's theme for as long as a picture takes: other drawings of this process keep their own settings."""
    import seaborn
    from matplotlib import rc_context

    with rc_context():
        seaborn.set_theme(style="ticks", rc={"svg.hashsalt": "convscale", "svg.fonttype": "none"})
        yield


def figure(width: float, height: float, layout: Literal["constrained"] | None = "constrained") -> "Figure":
    """In inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout=layout)


def save(drawn: "Figure", path: Path) -> None:
    """As SVG or PNG, by the ending."""
    kind = path.suffix.removeprefix(".")
    metadata = {"svg": {"Date": None}, "png": {"Software": None}}[kind]
    replace_file(path, lambda file: drawn.savefig(file, format=kind, metadata=metadata, dpi=100))


@themed()
def draw_confusion(counts: pd.DataFrame, path: Path) -> None:
    """A heat map of `learning.mistakes.confusion`: of the images of each class, how many % have each answer."""
    import seaborn

    classes = len(counts)
    side = min(MAX_INCHES, 3 + 0.4 * classes)
    drawn = figure(side + 1, side)
    axes = drawn.subplots()
    shares = 100 * counts.div(counts.sum(axis=1).clip(lower=1), axis=0)
    seaborn.heatmap(
        shares,
        vmin=0,
        vmax=100,
        cmap="Blues",
        square=True,
        annot=counts if classes <= NUMBERED else False,
        fmt="d",
        linewidths=0.5 if classes <= NUMBERED else 0,
        rasterized=classes > VECTORS,
        cbar_kws={"label": "% of the class's images", "shrink": 0.6},
        ax=axes,
    )
    axes.set(xlabel="the network's answer", ylabel="class")
    save(drawn, path)


@themed()
def draw_mistakes(found: "Answers", images: "Images", classes: Sequence[str], path: Path) -> None:
    """The worst mistakes side by side: under each its class, and the answer with its probability."""
    from PIL import ImageOps

    from ..learning.mistakes import worst

    rows, columns = GRID
    drawn = figure(2.2 * columns, 2.7 * rows, layout=None)  # a grid needs no search for its layout, which takes long
    drawn.subplots_adjust(left=0, right=1, bottom=0.01, top=0.93, wspace=0.05, hspace=0.3)
    places = worst(found, rows * columns)
    grid = drawn.subplots(rows, columns)
    for axes in grid.flat:
        axes.axis("off")
        axes.set_anchor("N")
    for axes, i in zip(grid.flat, places, strict=False):
        axes.imshow(ImageOps.contain(images.image(int(found.index_N[i])), (PX, PX)))
        answer, probability = classes[found.answer_NA[i, 0]], found.probability_NA[i, 0]
        axes.set_title(f"{classes[found.label_N[i]]}\nnot {answer} ({probability:.0%})", fontsize=8, parse_math=False)
    save(drawn, path)


@themed()
def draw_curve(history: pd.DataFrame, path: Path) -> None:
    """`history.csv`: accuracy and losses by epoch, and the image size of each stage."""
    import seaborn

    drawn = figure(8, 6)
    above, below = drawn.subplots(2, 1, sharex=True)
    seaborn.lineplot(history, x="epoch", y="test_top1", marker="o", errorbar=None, ax=above)
    above.set(ylabel="top-1 (%)")
    for name, column in (("training", "train_loss"), ("evaluation", "test_loss")):
        seaborn.lineplot(history, x="epoch", y=column, marker="o", errorbar=None, label=name, ax=below)
    below.set(ylabel="loss (nats)")
    starts = history[history["image_size"] != history["image_size"].shift()]
    for row in starts.itertuples():
        above.annotate(f"{row.image_size} px", (row.epoch, 1), xycoords=("data", "axes fraction"), fontsize=8)
        for axes in (above, below):
            axes.axvline(row.epoch, color="0.8", linewidth=1, zorder=0)
    seaborn.despine(drawn)
    save(drawn, path)
