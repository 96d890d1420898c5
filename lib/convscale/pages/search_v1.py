"""EfficientNet §4: where B0 lies among random networks of the space that it was found in."""

from functools import cache

import numpy as np
import pandas as pd

from ..drawing import Drawing, scatter
from ..measure.layers import layers
from ..search.candidates import B0_TARGET
from ..search.space import sample
from ..search.spaces import mnasnet_space
from .block import Block
from .search_space import convnet, fault, looks, mnasnet_a1

SAMPLES, SEED = 1000, 0
PX = 224  # V1 Table 1


@cache
def sampled() -> pd.DataFrame:
    """Random networks of MnasNet's space, then B0 and MnasNet-A1: network, multiply_adds and params (millions)."""
    space, rng = mnasnet_space(), np.random.default_rng(SEED)
    networks = [space.table(sample(space, rng)) for _ in range(SAMPLES)]
    rows = []
    for network in [*networks, convnet("efficientnet-b0"), mnasnet_a1()]:
        found = layers(network, PX)
        counted = sum(layer.multiply_adds for layer in found), sum(layer.params for layer in found)
        rows.append((network.name, *(number / 1e6 for number in counted)))
    return pd.DataFrame(rows, columns=["network", "multiply_adds", "params"])


def near_target() -> float:
    """Share of the random networks, in %, within a tenth of the target of 400 million multiply-adds."""
    return 100 * float((sampled()["multiply_adds"].iloc[:SAMPLES] * 1e6 / B0_TARGET - 1).abs().le(0.1).mean())


def cheaper_than_b0() -> float:
    """Share of the random networks with fewer multiply-adds than B0, in %."""
    rows = sampled().set_index("network")["multiply_adds"]
    return 100 * float((rows.iloc[:SAMPLES] < rows["efficientnet-b0"]).mean())


def rank_figure(*, name: str, caption: str) -> Drawing:
    """Multiply-adds and parameters of the random networks, with B0 and MnasNet-A1 among them."""
    rows = sampled()
    names = {"efficientnet-b0": ("B0", "v1"), "mnasnet-a1": ("MnasNet-A1", "")}
    points = looks(rows, x="params", y="multiply_adds", names=names)
    return scatter(
        points,
        name=name,
        title=f"{cheaper_than_b0():.0f} % of random networks take fewer multiply-adds than B0",
        subtitle=f"{SAMPLES:,} random networks of MnasNet's space at {PX} px",
        caption=caption,
        x="parameters, millions",
        y="multiply-adds, millions",
        log="xy",
    )


def said() -> Block:
    """What the random networks tell, in sentences."""
    rows = sampled()["params"].iloc[:SAMPLES]
    words = (
        f"Of {SAMPLES:,} random networks {near_target():.0f} % lie within a tenth of the target of 400 million "
        f"multiply-adds; {cheaper_than_b0():.0f} % take fewer than B0. Their parameters go from {rows.min():.1f} to "
        f"{rows.max():.0f} million."
    )
    return Block(f'<p class="sf sf-note">{words}</p>', words)


def finding() -> str:
    """What the page finds, in a sentence."""
    space = mnasnet_space()
    wrong = fault(convnet("efficientnet-b0"), space).split("; ")
    return (
        f"Nearly: B0 is a network of MnasNet's space in all but the channels of {len(wrong)} of its 7 stages. "
        f"MnasNet-A1 itself lies outside, too."
    )
