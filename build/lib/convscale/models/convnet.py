"""One builder for every EfficientNet and MobileNet table."""

import math

from torch import nn

from ..errors import check_name
from .blocks import ACTIVATIONS, BLOCKS, ConvNorm, Drop
from .network import Network
from .stages import ConvNetTable


class ConvNet(Network):
    """The network of a `ConvNetTable`: stem, blocks, 1x1 head, average pool, dropout, classifier.

    Raises ValueError for an operator, activation or padding that the table names and nothing here provides.
    """

    def __init__(self, table: ConvNetTable, num_classes: int = 1000):
        super().__init__(table, num_classes)
        check_name("activation", table.act, ACTIVATIONS)
        check_name("padding", table.padding, ("same", "symmetric"))
        layers = dict(eps=table.bn_eps, momentum=table.bn_momentum, act=table.act, padding=table.padding)
        self.stem = ConvNorm(3, table.stem, 3, table.stem_stride, **layers)
        total = sum(s.depth for s in table.stages)
        blocks: list[nn.Module] = []
        width = table.stem
        for stage in table.stages:
            block = BLOCKS[check_name("operator", stage.op, BLOCKS)]
            for i in range(stage.depth):
                # Survival falls linearly with the block's index, counted from 0 (automl effnetv2_model.py).
                drop = Drop(table.drop_path_rate, "sample", ratio=len(blocks) / total)
                stride = stage.stride if i == 0 else 1
                blocks.append(block(width, stage.width, stage.kernel, stride, stage.expand, stage.se, drop, **layers))
                width = stage.width
        self.blocks = nn.Sequential(*blocks)
        self.head = ConvNorm(width, table.head, 1, **layers) if table.head else nn.Identity()
        self.dropout = Drop(table.dropout, "unit")
        self.classifier = nn.Linear(table.head or width, num_classes)
        self.initialize(init_weights)


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
