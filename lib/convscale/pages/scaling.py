"""Figures of the page on ResNet-RS's scaling strategies: networks, what width and depth cost, sizes."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from ..drawing import Drawing, paths, scatter
from ..evidence.counts import counts_of
from ..evidence.entries import Entry
from ..evidence.image_sizes import COSTS, RS, V1, exponent, smallest_lead
from ..evidence.power_law import power_law
from ..experiments.papers.rs_section6 import NETWORKS
from ..experiments.papers.rs_table1l import network_of
from ..models.resnet_counts import resnet_counts
from ..models.resnet_tables import DEPTHS, ResNetTable, resnet, resnet_rs
from ..models.transformations import strategy1
from ..records import frame
from ..words import plural
from .block import Block
from .results import Results
from .tables import BookTable

# RS §6: the values of the search. Figure 3 starts from depth 101 and width 1.
GRID: dict[str, tuple[float, ...]] = {
    "width": (0.25, 0.5, 1.0, 1.5, 2.0),
    "depth": (26, 50, 101, 200, 300, 350, 400),
    "size": (128, 160, 224, 320, 448),
}
START: dict[str, float] = {"width": 1.0, "depth": 101, "size": 224}
STUDIED = (101, 152, 200, 270, 300, 350, 400)  # depths that the paper's networks have, from Figure 3's first on
BILLION, MILLION = "multiply-adds, billions", "parameters, millions"
V2 = tuple(f"efficientnetv2-{size}" for size in ("b0", "b1", "b2", "b3", "s", "m", "l"))


def counted(width: float, depth: int, size: int) -> dict:
    """A network of the grid, with ResNet-RS's blocks (RS §4), as one of its rows."""
    params, macs = resnet_counts(replace(resnet_rs(depth, size), width=width))
    label = f"width {width:g}, depth {depth}, {size} px"
    return {"label": label, "width": width, "depth": depth, "size": size, "x": macs / 1e9, "y": params / 1e6}


def grid() -> pd.DataFrame:
    """All networks of the search, a row each: label, width, depth, size (px), x (billions of multiply-adds), y
    (millions of parameters)."""
    return pd.DataFrame([counted(w, int(d), int(px)) for w, d, px in product(*GRID.values())])


def grid_figure(name: str, caption: str) -> Drawing:
    """The grid, with the three ways through the network that Figure 3 starts from."""
    points, lines = grid(), []
    for axis, mark in (("depth", "{:g}"), ("width", "\u00d7{:g}"), ("size", "{:g} px")):
        others = [other for other in START if other != axis]
        way = points[(points[others] == pd.Series({o: START[o] for o in others})).all(axis=1)].sort_values(axis)
        ends = (min(GRID[axis]), max(GRID[axis]))
        words = [mark.format(value) if value in ends else "" for value in way[axis]]
        family = "rs" if axis == "depth" else ""
        lines.append(way[["x", "y"]].assign(line=f"only {axis}", label=words, family=family))
    return paths(
        pd.concat(lines, ignore_index=True),
        name=name,
        title=f"{len(points)} networks: size costs no parameters, width costs most",
        subtitle="All networks of the search; lines vary one dimension of ResNet-RS-101 at 224 px",
        x=BILLION,
        y=MILLION,
        log="xy",
        caption=caption,
        field=points,
    )


def equal_cost(largest: float = 4.0, step: float = 0.1) -> pd.DataFrame:
    """ResNet-101 grown to `largest` times its multiply-adds by width and by depth, and the depths of the paper's grid:
    line, label, x (10^9 multiply-adds), y (10^6 parameters), family."""
    base, rows = resnet(101), []
    for name, deep in (("wider", False), ("all groups deeper", True)):
        for factor in np.arange(1, largest + step / 2, step):
            grown = strategy1(base, float(factor), overfitting=deep, name="grown")
            assert isinstance(grown, ResNetTable)
            rows.append({"line": name, "label": f"factor {factor:.1f}", "at": resnet_counts(grown), "family": ""})
    for depth in STUDIED:
        at = resnet_counts(replace(base, depths=DEPTHS[depth]))
        rows.append({"line": "deeper, as the paper", "label": str(depth), "at": at, "family": "rs"})
    found = pd.DataFrame(rows)
    found[["y", "x"]] = [(params / 1e6, macs / 1e9) for params, macs in found.pop("at")]
    steps = found.groupby("line", sort=False)["y"].transform(lambda values: values != values.shift())
    return found[steps | (found["family"] == "rs")].reset_index(drop=True)  # channels and layers come in whole steps


def times_the_parameters(lines: pd.DataFrame) -> str:
    """How many times the parameters at the ends of `equal_cost`, about four times the multiply-adds, by both ways."""
    ends = lines.groupby("line", sort=False)["y"].last() / lines["y"].iloc[0]
    return (
        f"{ends['wider']:.1f} times the parameters by width, {ends['deeper, as the paper']:.1f} by the paper's depths"
    )


def in_short() -> str:
    """What a count says of the question of depth or width."""
    return f"Four times the multiply-adds of ResNet-101 take {times_the_parameters(equal_cost())}."


def equal_cost_figure(name: str, caption: str) -> Drawing:
    lines = equal_cost()
    order = ["deeper, as the paper", "all groups deeper", "wider"]
    return paths(
        pd.concat([lines[lines["line"] == line] for line in order], ignore_index=True),
        name=name,
        title=f"About four times the cost: {times_the_parameters(lines)}",
        subtitle="ResNet-101 grown at 224 px, counted",
        x=BILLION,
        y=MILLION,
        caption=caption,
    )


def sizes() -> pd.DataFrame:
    """Image size over multiply-adds of the three families, as released: label, x, y (px), family."""
    rows = []
    for families, networks in (("v1", V1), ("rs", RS)):
        for label, entry in networks:
            short = label.replace("EfficientNet-", "").replace("ResNet-", "")
            rows.append((short, counts_of(entry).multiply_adds / 1e9, entry.px, families))
    for name in V2:
        entry = Entry(name)
        rows.append(
            (name.replace("efficientnetv2", "V2").upper(), counts_of(entry).multiply_adds / 1e9, entry.px, "v2")
        )
    return pd.DataFrame(rows, columns=["label", "x", "y", "family"])


def sizes_figure(name: str, caption: str) -> Drawing:
    points = sizes()
    ends = points.groupby("family", sort=False).agg(first=("label", "first"), last=("label", "last"))
    shown = {*ends["first"], *ends["last"], "B4", "V2-S", "RS-200 @256"}
    return scatter(
        points.assign(label=points["label"].where(points["label"].isin(shown), "")),
        name=name,
        title="At equal multiply-adds ResNet-RS takes images half as large as EfficientNet",
        subtitle="Every released network; both axes logarithmic",
        x=BILLION,
        y="image size, px",
        caption=caption,
        log="xy",
        joined=True,
    )


def sizes_table(name: str, caption: str) -> BookTable:
    """By which power of a cost image sizes grow in both families, and how far apart they are at equal cost."""
    leads = smallest_lead()
    rows = [
        [cost, f"{exponent(V1, cost):.3f}", f"{exponent(RS, cost):.3f}", f"{leads[f'at equal {cost}']:.2f}"]
        for cost in COSTS
    ]
    heads = ["cost", "EfficientNet", "ResNet-RS", "least ratio"]
    return BookTable(pd.DataFrame(rows, columns=heads), name, caption)


def pair_table(name: str, caption: str, px: int = 24, classes: int = 10) -> BookTable:
    """The two networks that the experiment compares, counted."""
    rows = []
    for which, network in NETWORKS.items():
        params, macs = resnet_counts(network, px, classes)
        channels = ", ".join(str(row.channels) for row in network.rows()[1:-1])
        rows.append([which, sum(network.depths), channels, f"{params / 1e6:.2f}", f"{macs / 1e6:.1f}"])
    heads = ["network", "blocks", "channels", "params, M", "multiply-adds, M"]
    return BookTable(pd.DataFrame(rows, columns=heads), name, caption)


def error_law(results: Results, caption: str) -> Drawing | Block:
    """Error over multiply-adds of the published runs with the fitted power law; before, how many there are."""
    if results.shown is None:
        return results.progress()
    macs = {arm: resnet_counts(network_of(run), run.eval_size, 10)[1] / 1e6 for arm, run in results.shown.arms.items()}
    return law_figure(frame(results.published), macs, results.named("fig", "law"), caption)


def law_figure(runs: pd.DataFrame, macs: Mapping[str, float], name: str, caption: str) -> Drawing:
    """`runs` has columns arm and test_top1 (%); `macs` are millions of multiply-adds of each arm."""
    errors = 100 - runs.groupby("arm")["test_top1"].mean()
    points = pd.DataFrame({"label": errors.index, "x": [macs[arm] for arm in errors.index], "y": errors.to_numpy()})
    law = power_law(points["x"].to_numpy(), points["y"].to_numpy())
    ends = [points["x"].min(), points["x"].max()]
    line = pd.DataFrame({"line": "power law", "label": "", "x": ends, "y": [law(x) for x in ends], "family": "rs"})
    found = f"exponent {law.exponent:.3f}".replace("-", "\u2212")
    within = f"{law.low:.3f} to {law.high:.3f}".replace("-", "\u2212")
    return paths(
        line,
        name=name,
        title=f"Error fell as a power of the multiply-adds, {found}",
        subtitle=f"{plural(law.points, 'network')}, mean of their seeds; 95 % interval {within}; "
        f"a network lies typically {100 * (law.scatter - 1):.0f} % off the line",
        x="multiply-adds, millions",
        y="test error, %",
        log="xy",
        caption=caption,
        field=points,
    )
