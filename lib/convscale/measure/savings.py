"""What a schedule of image sizes costs against one size throughout, by counting."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import torch
from torch import nn

from ..models import NetworkTable, build
from ..recipes import Stage
from .counting import count_macs


class Saving(NamedTuple):
    """How many times more the last stage's size costs throughout than stages of equal length."""

    pixels: float
    multiply_adds: float


@cache
def on_meta(network: str | NetworkTable) -> nn.Module:
    """The network without weights: enough to count."""
    with torch.device("meta"):
        return build(network)


@cache
def multiply_adds(network: str | NetworkTable, px: int) -> int:
    """Of one image in inference; a training step takes about three times as many an image."""
    return count_macs(on_meta(network), px)


def saving_of_sizes(network: str | NetworkTable, sizes: Sequence[int]) -> Saving:
    """Of `sizes` in px, which last equally long, against the last one throughout."""
    costs = [multiply_adds(network, px) for px in sizes]
    return Saving(len(sizes) * sizes[-1] ** 2 / sum(px**2 for px in sizes), len(sizes) * costs[-1] / sum(costs))


def saving(network: str | NetworkTable, stages: Sequence[Stage]) -> Saving:
    """Of the sizes of `stages`."""
    return saving_of_sizes(network, [stage.image_size for stage in stages])
