"""One builder for ResNet, ResNet-D and ResNet-RS. Shapes: x_BCHW.

Sources: RS §4 (Architecture), Table 2 and tensorflow/tpu models/official/resnet/ (head 7dc921f): resnet_model.py,
resnet_layers.py, resnet_rs/configs/*.yaml. timm's resnet*, resnet*d and resnetrs* have the same layers.
"""

import math

from torch import Tensor, nn

from ..errors import check_name
from .blocks import ConvNorm, Drop, SqueezeExcite
from .network import Network
from .resnet_tables import EXPANSION, STEM_POOLS, STEMS, WIDTHS, ResNetTable

# RS §6 speaks of one rate; resnet_layers.py `get_drop_connect_rate` gives each group one share of it.
DROP_RATIOS = (2 / 5, 3 / 5, 4 / 5, 1.0)


class Bottleneck(nn.Module):
    """1x1, 3x3 (takes the stride), 1x1, optional squeeze-and-excite, drop path, add, ReLU."""

    def __init__(self, inp: int, mid: int, stride: int, pool: bool, se: float, drop: nn.Module, **layers):
        super().__init__()
        out = EXPANSION * mid
        self.reduce = ConvNorm(inp, mid, 1, **layers)
        self.spatial = ConvNorm(mid, mid, 3, stride, **layers)
        self.expand = ConvNorm(mid, out, 1, activate=False, **layers)
        self.se = SqueezeExcite(out, int(out * se), layers["act"]) if se else nn.Identity()
        self.shortcut = nn.Identity()
        if stride != 1 or inp != out:
            pooled = pool and stride != 1
            self.shortcut = nn.Sequential(
                # TensorFlow's SAME pool: rounds the size up; a window over the edge averages what it has.
                *([nn.AvgPool2d(stride, stride, ceil_mode=True)] if pooled else []),
                ConvNorm(inp, out, 1, 1 if pooled else stride, activate=False, **layers),
            )
        self.drop = drop
        self.act = nn.ReLU(inplace=True)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        y_BCHW = self.se(self.expand(self.spatial(self.reduce(x_BCHW))))
        return self.act(self.drop(y_BCHW) + self.shortcut(x_BCHW))


class ResNet(Network):
    """The network of a `ResNetTable`. Raises ValueError for an unknown stem, stem pool, shortcut or padding."""

    def __init__(self, table: ResNetTable, num_classes: int = 1000):
        super().__init__(table, num_classes)
        check_name("stem", table.stem, STEMS)
        check_name("stem pool", table.stem_pool, STEM_POOLS)
        check_name("shortcut", table.shortcut, ("conv", "pool"))
        check_name("padding", table.padding, ("same", "symmetric"))
        layers = dict(eps=table.bn_eps, momentum=table.bn_momentum, act="relu", padding=table.padding)
        width = table.channels(WIDTHS[0])
        if table.stem == "7x7":
            stem = [ConvNorm(3, width, 7, 2, **layers)]
        elif table.stem == "3x3":
            stem = [ConvNorm(3, width, 3, **layers)]
        else:
            half, stride = width // 2, 2 if table.stem == "deep" else 1
            stem = [ConvNorm(3, half, 3, stride, **layers), ConvNorm(half, half, 3, **layers)]
            stem.append(ConvNorm(half, width, 3, **layers))
        if table.stem_pool == "max":
            stem.append(nn.MaxPool2d(3, 2, padding=1))
        elif table.stem_pool == "conv":
            stem.append(ConvNorm(width, width, 3, 2, **layers))
        self.stem = nn.Sequential(*stem)
        blocks = []
        for group, (mid, depth) in enumerate(zip(map(table.channels, WIDTHS), table.depths, strict=True)):
            for i in range(depth):
                stride = 2 if i == 0 and group > 0 else 1
                drop = Drop(table.drop_path_rate, "sample", ratio=DROP_RATIOS[group])
                blocks.append(Bottleneck(width, mid, stride, table.shortcut == "pool", table.se, drop, **layers))
                width = EXPANSION * mid
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Identity()
        self.dropout = Drop(table.dropout, "unit")
        self.classifier = nn.Linear(width, num_classes)
        self.initialize(init_weights)
        for block in self.blocks:
            nn.init.zeros_(block.expand[1].weight)  # last norm of a block starts at 0 (resnet_layers.py)


def init_weights(module: nn.Module) -> None:
    """Initialisation of tpu resnet_model.py and of its 3-D successor.

    Convolutions: TensorFlow's variance scaling: truncated normal, variance 1 / fan_in. Classifier: normal, 0.01.
    """
    if isinstance(module, nn.Conv2d | nn.Conv3d):
        fan_in = module.weight[0].numel()
        # Cutting a normal at 2 deviations leaves 0.8796 of its deviation, which TensorFlow makes up for.
        std = math.sqrt(1 / fan_in) / 0.87962566103423978
        nn.init.trunc_normal_(module.weight, std=std, a=-2 * std, b=2 * std)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)
