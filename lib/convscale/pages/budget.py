"""V1 Eq. 2 drawn: which depth, width and image size a budget of multiply-adds and of training memory allows."""

from collections.abc import Callable
from functools import partial

import pandas as pd

from ..drawing import Drawing, regions
from ..measure.layers import layers
from ..models.scaling import Coefficients
from ..models.stages import ConvNetTable
from .compound import SINGLE, multiply_adds, scaled

BYTES = 4  # of a number in 32 bits
KEPT = 1.65  # numbers that autograd keeps for each that a layer reads or writes: 1.63 to 1.67 from B0 to B7, counted
WEIGHTS = 5  # weights, gradients, two of the optimizer's, the moving average: as `experiments.training_memory`
MEMORY = 16e9  # bytes, of the V100 of V2 Table 2 and of Colab's T4
BATCHES = (32, 64)
FLOPS = 2e9  # a little more than the networks of V1 Table 7 take
DEPTHS = [1 + i / 4 for i in range(14)]
WIDEST, FINENESS = 2.4, 7  # of the search for the widest network that a limit allows, and its halvings
SIZES = (1.0, 1.3, 2.0)


def training_bytes(network: ConvNetTable, images: int) -> float:
    """What a step of training in 32 bits needs at least: `images` images of the network's own size."""
    found = layers(network)
    moved = sum(layer.moved for layer in found if not layer.gate)
    return BYTES * (WEIGHTS * sum(layer.params for layer in found) + images * KEPT * moved)


def widest(allows: Callable[[ConvNetTable], bool], depth: float, size: float) -> float:
    """The largest width factor from 1 to WIDEST at which B0 of that depth and size is allowed; 0 where none is."""
    if not allows(scaled(Coefficients(depth, 1, size))):
        return 0.0
    low, high = 1.0, WIDEST
    for _ in range(FINENESS):
        middle = (low + high) / 2
        if allows(scaled(Coefficients(depth, middle, size))):
            low = middle
        else:
            high = middle
    return low


def affordable(network: ConvNetTable) -> bool:
    return multiply_adds(network) <= FLOPS


def fitting(images: int, network: ConvNetTable) -> bool:
    return training_bytes(network, images) <= MEMORY


def limit_rows() -> pd.DataFrame:
    """panel, limit, x (depth), y (the widest network that the limit allows)."""
    limits: dict[str, Callable[[ConvNetTable], bool]] = {f"{FLOPS / 1e9:g} billion multiply-adds": affordable}
    limits |= {f"{MEMORY / 1e9:g} GB, batch {batch}": partial(fitting, batch) for batch in BATCHES}
    return pd.DataFrame(
        [
            {"panel": f"{round(224 * size)} px", "limit": name, "x": depth, "y": widest(allows, depth, size)}
            for size in SIZES
            for name, allows in limits.items()
            for depth in DEPTHS
        ]
    )


def point_rows() -> pd.DataFrame:
    """The networks of V1 Table 7 where they lie."""
    rows = []
    for label, factors in SINGLE.items():
        network = scaled(factors)
        needs = ", ".join(f"{training_bytes(network, n) / 1e9:.1f} GB at batch {n}" for n in BATCHES)
        about = f"{multiply_adds(network) / 1e9:.2f} billion multiply-adds, {needs}"
        panel = f"{network.eval_size} px"
        rows.append({"panel": panel, "x": factors.depth, "y": factors.width, "label": label, "about": about})
    return pd.DataFrame(rows)


def feasible(*, name: str, caption: str) -> Drawing:
    """The region of V1 Eq. 2 at three image sizes."""
    return regions(
        limit_rows(),
        point_rows(),
        name=name,
        title="Multiply-adds limit width first, memory limits depth and image size first",
        subtitle="Shaded: what all three limits allow, as width factor over depth factor of B0",
        x="depth",
        y="width",
        edges=(0.9, WIDEST),
        caption=caption,
    )
