"""One builder for every EfficientNet table."""

import math

from torch import Tensor, nn

from .blocks import BLOCKS, ConvNorm, Drop
from .stages import ConvNetTable


class ConvNet(nn.Module):
    """The network of a `ConvNetTable`: stem, blocks, 1x1 head, average pool, dropout, classifier."""

    def __init__(self, table: ConvNetTable, num_classes: int = 1000):
        super().__init__()
        self.table, self.num_classes = table, num_classes
        norm = dict(eps=table.bn_eps, momentum=table.bn_momentum)
        self.stem = ConvNorm(3, table.stem, 3, table.stem_stride, **norm)
        total = sum(s.depth for s in table.stages)
        width, blocks = table.stem, []
        for stage in table.stages:
            for i in range(stage.depth):
                # Survival falls linearly with the block's index, counted from 0 (automl effnetv2_model.py).
                drop = Drop(table.drop_path_rate, "sample", ratio=len(blocks) / total)
                stride = stage.stride if i == 0 else 1
                block = BLOCKS[stage.op]
                blocks.append(block(width, stage.width, stage.kernel, stride, stage.expand, stage.se, drop, **norm))
                width = stage.width
        self.blocks = nn.Sequential(*blocks)
        self.head = ConvNorm(width, table.head, 1, **norm)
        self.dropout = Drop(table.dropout, "unit")
        self.classifier = nn.Linear(table.head, num_classes)
        self.apply(init_weights)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """x_BCHW -> logits_BK."""
        smallest = self.table.total_stride
        if min(x_BCHW.shape[2:]) < smallest:
            raise ValueError(
                f"image size {tuple(x_BCHW.shape[2:])} is below the total stride of {self.table.name}: "
                f"use at least {smallest} px"
            )
        features_BC = self.head(self.blocks(self.stem(x_BCHW))).mean((2, 3))
        return self.classifier(self.dropout(features_BC))


def init_weights(module: nn.Module) -> None:
    """Initialisation of both EfficientNet repositories (tpu efficientnet_model.py, automl effnetv2_model.py).

    Convolutions: normal, variance 2 / fan_out, where TF counts k*k for a depthwise kernel.
    Classifier: uniform +-1/sqrt(num_classes), bias zero.
    """
    if isinstance(module, nn.Conv2d):
        fan_out = math.prod(module.kernel_size) * module.out_channels // module.groups
        nn.init.normal_(module.weight, std=math.sqrt(2 / fan_out))
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Linear):
        bound = 1 / math.sqrt(module.out_features)
        nn.init.uniform_(module.weight, -bound, bound)
        nn.init.zeros_(module.bias)
