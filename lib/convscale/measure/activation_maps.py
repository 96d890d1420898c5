"""Where a network looks: class activation maps, and how much the class depends on what they mark.

Zhou et al. 2016: in a network that ends in global average pooling and one linear layer, the logit of a class is the
mean over all places of the last feature map, weighted by the class's row of the classifier. So the map before the mean
is exact, and takes nothing but the weights. Petsiuk et al. 2018 (RISE) delete and insert what a map marks most.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..models.network import Network

STEPS = 16  # of deletion and insertion: each changes a sixteenth of the pixels


def activation_map(model: Network, x_1CHW: Tensor, label: int) -> Tensor:
    """The class's map_hw at the resolution of the last feature map; its mean plus the class's bias is the logit.

    The model must be in evaluation. Raises ValueError for one in training, and for a label that it does not have.
    """
    if model.training:
        raise ValueError("the model is in training: dropout and batch statistics would make another logit")
    if not 0 <= label < model.num_classes:
        raise ValueError(f"label = {label}: the model has {model.num_classes} classes")
    with torch.no_grad():
        for name in ("stem", "blocks", "head"):
            x_1CHW = model.get_submodule(name)(x_1CHW)
        return torch.einsum("c,chw->hw", model.get_parameter("classifier.weight")[label], x_1CHW[0])


def enlarged(map_hw: Tensor, size: int) -> Tensor:
    """The map at `size` x `size`, from 0 to 1: what speaks against the class, and the rest below 0, is 0."""
    positive = F.relu(map_hw)[None, None]
    large = F.interpolate(positive, (size, size), mode="bilinear", align_corners=False)[0, 0]
    return large / large.max().clamp_min(torch.finfo(large.dtype).tiny)


def half_area(map_HW: Tensor) -> float:
    """The smallest share of the places, 0 to 1, that holds half of what a map without negative values sums to.

    An even map has 0.5; the less, the closer together lies what it marks. Ours. Raises ValueError for a map of zeros.
    """
    if not map_HW.sum() > 0:
        raise ValueError(f"a map that sums to {float(map_HW.sum()):g} has no half")
    shares_N = map_HW.flatten().double().sort(descending=True).values.cumsum(0) / map_HW.double().sum()
    return int((shares_N < 0.5).sum() + 1) / len(shares_N)


@dataclass(frozen=True)
class Effect:
    """Areas under the class's probability over the share of pixels changed, from 0 to 1.

    `deletion` falls fast, so is small, where the map marks what the class needs; `insertion` is then large.
    """

    deletion: float
    insertion: float


def blurred(x_1CHW: Tensor) -> Tensor:
    """The image without what tells its class: means over an eighth of its side, smoothly joined."""
    coarse = F.adaptive_avg_pool2d(x_1CHW, 8)
    return F.interpolate(coarse, x_1CHW.shape[2:], mode="bilinear", align_corners=False)


def deletion_insertion(model: Network, x_1CHW: Tensor, map_HW: Tensor, label: int, steps: int = STEPS) -> Effect:
    """What a map is worth: pixels are blurred, the most marked first (deletion), or made sharp again (insertion).

    `map_HW` has the size of the image; equal values go in the order of the pixels. Raises ValueError for another size.
    """
    if map_HW.shape != x_1CHW.shape[2:]:
        raise ValueError(f"a map of {tuple(map_HW.shape)} for an image of {tuple(x_1CHW.shape[2:])}")
    order = map_HW.flatten().argsort(descending=True, stable=True)
    rank_HW = torch.empty_like(order).scatter_(0, order, torch.arange(len(order))).view(map_HW.shape)
    bounds_N = torch.linspace(0, len(order), steps + 1).round().long()
    changed_N1HW = (rank_HW < bounds_N[:, None, None])[:, None]
    blank_1CHW = blurred(x_1CHW)
    areas = []
    for before, after in ((x_1CHW, blank_1CHW), (blank_1CHW, x_1CHW)):
        with torch.no_grad():
            probability_N = model(torch.where(changed_N1HW, after, before)).softmax(1)[:, label]
        areas.append(float(torch.trapezoid(probability_N) / steps))
    return Effect(*areas)
