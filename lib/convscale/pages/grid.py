"""EfficientNet §4, step 1: the grid of alpha, beta and gamma on its constraint, and what its points cost as built."""

import math

import pandas as pd

from ..drawing import Drawing, triangle
from ..models.scaling import COMPOUND, Coefficients, compound_grid, cost_factor
from .compound import scaled, times_b0
from .tables import BookTable

STEP, TOLERANCE, TARGET = 0.05, 0.1, 2.0  # the paper gives neither step nor tolerance; both are ours
GREEK = ("\u03b1", "\u03b2", "\u03b3")
NEAR = 0.1  # of the target: what counts as built as about twice B0


def shares(point: Coefficients) -> tuple[float, float, float]:
    """How the growth of multiply-adds, on a logarithmic scale, is shared: by width, by depth, by image size."""
    depth, width, size = (math.log(f) * power for f, power in zip(point, (1, 2, 2), strict=True))
    whole = depth + width + size
    return width / whole, depth / whole, size / whole


def points() -> pd.DataFrame:
    """Every point of the grid: alpha, beta, gamma, its cost by the rule and as built, and the three shares."""
    rows = []
    for point in compound_grid(STEP, TARGET, TOLERANCE):
        a, b, c = shares(point)
        rows.append(
            {
                "alpha": point.depth,
                "beta": point.width,
                "gamma": point.resolution,
                "ruled": cost_factor(point),
                "counted": times_b0(scaled(point)),
                "a": a,
                "b": b,
                "c": c,
            }
        )
    return pd.DataFrame(rows)


def is_paper(rows: pd.DataFrame) -> pd.Series:
    return (rows[["alpha", "beta", "gamma"]] == list(COMPOUND)).all(axis=1)


def as_built(rows: pd.DataFrame) -> pd.Series:
    """Whether a point still costs about twice B0 when it is built."""
    return (rows["counted"] / TARGET - 1).abs() <= NEAR


def answer() -> str:
    """What the page finds, in sentences."""
    rows = points()
    paper = rows[is_paper(rows)].iloc[0]
    return (
        f"1.2, 1.1 and 1.15 lie on a grid of {STEP:g}, with {len(rows) - 1} others that cost about 2 by the rule. "
        f"As built, the paper's point takes {paper['counted']:.2f} times B0's multiply-adds, not {paper['ruled']:.2f}."
    )


def shared_growth(*, name: str, caption: str) -> Drawing:
    """The grid in a triangle: how each point shares the doubling among width, depth and image size."""
    rows = points()
    near = as_built(rows)
    paper = is_paper(rows)
    words = [
        f"({r.alpha:g}, {r.beta:g}, {r.gamma:g}): {r.ruled:.2f} by the rule, {r.counted:.2f} as built"
        for r in rows.itertuples()
    ]
    shown = rows[["a", "b", "c"]].assign(
        about=words,
        kind=["paper" if p else "near" if n else "far" for p, n in zip(paper, near, strict=True)],
        label=["1.2, 1.1, 1.15" if p else "" for p in paper],
    )
    a, b, c = rows.loc[paper, ["a", "b", "c"]].iloc[0]
    return triangle(
        shown,
        name=name,
        title=f"The paper gives size {100 * c:.0f} % of the growth, width {100 * a:.0f} %, depth {100 * b:.0f} %",
        corners=("all width", "all depth", "all size"),
        subtitle=f"All {len(rows)} points of the grid; filled: about twice B0 also as built",
        caption=caption,
    )


def paths_table(*, name: str, caption: str) -> BookTable:
    """Some points of the grid beside the paper's: the ends, and what is nearest to 2 as built."""
    rows = points()
    paper = rows[is_paper(rows)]
    ends = rows[(rows[["a", "b", "c"]].max(axis=1) > 1 - 1e-9) & as_built(rows)].drop_duplicates(["a", "b", "c"])
    mixed = rows[(rows[["a", "b", "c"]].min(axis=1) > 0.1)].copy()
    mixed["off"] = (mixed["counted"] / TARGET - 1).abs()
    nearest = mixed.sort_values("off").head(3)
    chosen = {"the paper's": paper, "one dimension": ends, "all three, nearest to 2 as built": nearest}
    out = [
        [what, f"{r.alpha:g}", f"{r.beta:g}", f"{r.gamma:g}", f"{r.ruled:.2f}", f"{r.counted:.2f}"]
        for what, some in chosen.items()
        for r in some.itertuples()
    ]
    heads = ["point", *GREEK, "by the rule", "as built"]
    return BookTable(pd.DataFrame(out, columns=heads), name, caption)


def whole_table(*, name: str, caption: str, fold: str) -> BookTable:
    """Every point within two per cent of the constraint by the rule."""
    rows = points()
    tight = rows[(rows["ruled"] / TARGET - 1).abs() <= 0.02]
    out = [
        [f"{r.alpha:g}", f"{r.beta:g}", f"{r.gamma:g}", f"{r.ruled:.3f}", f"{r.counted:.2f}"]
        for r in tight.itertuples()
    ]
    return BookTable(pd.DataFrame(out, columns=[*GREEK, "by the rule", "as built"]), name, caption, fold=fold)
