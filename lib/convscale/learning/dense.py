"""Detection, segmentation and depth on top of a classifier's features, as ResNet-RS §7.3 transfers them.

Heads for boxes and classes are torchvision's; depth has the head of segmentation with one output. Shapes: x_BCHW.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate, l1_loss

from ..models.network import Network

LEVELS = 3  # of the pyramid: the last groups of the network
PYRAMID = 64  # channels of its maps; ours, for small images (Lin et al. 2017 have 256)


class Trunk(nn.Module):
    """A network without its head: the maps of its last `levels` stages, the finest first, by name.

    It shares the network's weights, whatever they were trained on.
    """

    def __init__(self, network: Network, levels: int = LEVELS):
        super().__init__()
        first, *stages, _ = network.parts()
        modules = [nn.Sequential(*first.modules), *(nn.Sequential(*stage.modules) for stage in stages)]
        self.stages, self.levels = nn.ModuleList(modules), levels
        self.channels = [stage.row.channels for stage in stages][-levels:]

    def forward(self, x_BCHW: Tensor) -> dict[str, Tensor]:
        maps = []
        for stage in self.stages:
            x_BCHW = stage(x_BCHW)
            maps.append(x_BCHW)
        return {str(i): level_BCHW for i, level_BCHW in enumerate(maps[-self.levels :])}


class Pyramid(nn.Module):
    """The trunk's maps with as many channels each, every one told by the coarser ones (Lin et al. 2017)."""

    def __init__(self, trunk: Trunk, channels: int):
        from torchvision.ops import FeaturePyramidNetwork

        super().__init__()
        self.trunk, self.mix = trunk, FeaturePyramidNetwork(trunk.channels, channels)
        self.out_channels = channels  # torchvision's detectors ask for it

    def forward(self, x_BCHW: Tensor) -> dict[str, Tensor]:
        return self.mix(self.trunk(x_BCHW))


class Dense(nn.Module):
    """`outputs` numbers for each pixel: torchvision's FCN head on the last map, resized to the image."""

    def __init__(self, network: Network, outputs: int):
        from torchvision.models.segmentation.fcn import FCNHead

        super().__init__()
        self.trunk = Trunk(network, levels=1)
        self.head = FCNHead(self.trunk.channels[-1], outputs)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return interpolate(self.head(self.trunk(x_BCHW)["0"]), x_BCHW.shape[2:], mode="bilinear")


def segmenter(network: Network, classes: int) -> Dense:
    """Logits of every class for each pixel (B, classes, H, W); class 0 is the ground."""
    return Dense(network, classes)


def depth_estimator(network: Network) -> Dense:
    """Depth of each pixel (B, 1, H, W)."""
    return Dense(network, 1)


def detector(network: Network, classes: int, image_size: int, channels: int = PYRAMID) -> nn.Module:
    """torchvision's Faster R-CNN on a pyramid; `classes` counts the ground. For its use see torchvision.

    Images keep their size in px; anchors are an eighth to a half of `image_size`.
    """
    from torchvision.models.detection import FasterRCNN
    from torchvision.models.detection.anchor_utils import AnchorGenerator
    from torchvision.models.detection.faster_rcnn import TwoMLPHead

    pyramid = Pyramid(Trunk(network), channels)
    sizes = tuple((image_size // divisor,) for divisor in (8, 4, 2))
    return FasterRCNN(
        pyramid,
        num_classes=None,
        min_size=image_size,
        max_size=image_size,
        rpn_anchor_generator=AnchorGenerator(sizes, ((0.5, 1.0, 2.0),) * LEVELS),
        box_head=TwoMLPHead(channels * 7**2, 2 * channels),
        box_predictor=predictor(2 * channels, classes),
    )


def predictor(inputs: int, classes: int) -> nn.Module:
    from torchvision.models.detection.faster_rcnn import FastRCNNPredictor

    return FastRCNNPredictor(inputs, classes)


LOSSES: Mapping[str, Callable[[Any, Tensor, Any], Tensor]] = {
    "detection": lambda model, x_BCHW, targets: sum(model(list(x_BCHW), targets).values()),
    "segmentation": lambda model, x_BCHW, classes_BHW: cross_entropy(model(x_BCHW), classes_BHW),
    "depth": lambda model, x_BCHW, depth_BHW: l1_loss(model(x_BCHW)[:, 0], depth_BHW),
}


def train(
    model: nn.Module, task: str, batches: Iterable[tuple[Tensor, Any]], learning_rate: float = 1e-3
) -> list[float]:
    """One step of AdamW for each batch of images and targets of a task of LOSSES; the losses, in order."""
    optimizer, losses = torch.optim.AdamW(model.parameters(), learning_rate), []
    model.train()
    for x_BCHW, targets in batches:
        loss = LOSSES[task](model, x_BCHW, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def mean_iou(told_BHW: Tensor, classes_BHW: Tensor, classes: int) -> float:
    """Mean over classes of intersection over union, in %: the metric of VOC and ADE20K. Absent classes do not count."""
    shares = []
    for label in range(classes):
        told, true = told_BHW == label, classes_BHW == label
        if (union := int((told | true).sum())) > 0:
            shares.append(int((told & true).sum()) / union)
    return 100 * sum(shares) / len(shares)
