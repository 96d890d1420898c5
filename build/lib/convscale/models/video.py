"""One builder for the 3-D ResNet-50s of RS Table 5. Shapes: x_BCTHW (batch, channels, frames, height, width)."""

from torch import Tensor, nn

from ..errors import check_name
from .blocks import Drop
from .network import Network
from .resnet import DROP_RATIOS, init_weights
from .resnet_tables import EXPANSION, WIDTHS
from .video_tables import VideoTable


class ConvNorm3d(nn.Sequential):
    """3-D convolution without bias, padded to keep odd sizes, batch norm and, unless `activate` is False, ReLU."""

    def __init__(self, inp: int, out: int, kernel: tuple, stride=(1, 1, 1), activate=True, *, eps, momentum):
        super().__init__(
            nn.Conv3d(inp, out, kernel, stride, padding=tuple(k // 2 for k in kernel), bias=False),
            nn.BatchNorm3d(out, eps=eps, momentum=momentum),
            *([nn.ReLU(inplace=True)] if activate else []),
        )


class Gate3d(nn.Module):
    """Gate of each channel by the clip's mean: squeeze-and-excite with `squeezed` channels, self-gating with None."""

    def __init__(self, width: int, squeezed: int | None):
        super().__init__()
        inner = [nn.Conv3d(width, squeezed, 1), nn.ReLU(inplace=True)] if squeezed else []
        self.gate = nn.Sequential(*inner, nn.Conv3d(squeezed or width, width, 1), nn.Sigmoid())

    def forward(self, x_BCTHW: Tensor) -> Tensor:
        return x_BCTHW * self.gate(x_BCTHW.mean((2, 3, 4), keepdim=True))


class Bottleneck3d(nn.Module):
    """kx1x1 in time, 1x3x3 in space (takes the stride), 1x1x1; self-gating, squeeze-and-excite, drop path, add."""

    def __init__(self, inp: int, mid: int, frames: int, stride: int, gated: bool, se: float, drop: nn.Module, **norm):
        super().__init__()
        out, strides = EXPANSION * mid, (1, stride, stride)
        self.temporal = ConvNorm3d(inp, mid, (frames, 1, 1), **norm)
        self.spatial = ConvNorm3d(mid, mid, (1, 3, 3), strides, **norm)
        self.expand = ConvNorm3d(mid, out, (1, 1, 1), activate=False, **norm)
        self.gating = Gate3d(out, None) if gated else nn.Identity()
        self.se = Gate3d(out, int(out * se)) if se else nn.Identity()
        self.shortcut = nn.Identity()
        if stride != 1 or inp != out:
            self.shortcut = ConvNorm3d(inp, out, (1, 1, 1), strides, activate=False, **norm)
        self.drop = drop
        self.act = nn.ReLU(inplace=True)

    def forward(self, x_BCTHW: Tensor) -> Tensor:
        y_BCTHW = self.se(self.gating(self.expand(self.spatial(self.temporal(x_BCTHW)))))
        return self.act(self.drop(y_BCTHW) + self.shortcut(x_BCTHW))


class VideoResNet(Network):
    """The network of a `VideoTable`; 400 classes are Kinetics-400's. Raises ValueError for an unknown stem."""

    def __init__(self, table: VideoTable, num_classes: int = 400):
        super().__init__(table, num_classes)
        check_name("stem", table.stem, ("7x7", "deep"))
        norm = dict(eps=table.bn_eps, momentum=table.bn_momentum)
        width, first = WIDTHS[0], table.stem_frames
        if table.stem == "7x7":
            stem = [ConvNorm3d(3, width, (first, 7, 7), (2, 2, 2), **norm)]
        else:
            half = width // 2
            stem = [ConvNorm3d(3, half, (first, 3, 3), (2, 2, 2), **norm), ConvNorm3d(half, half, (1, 3, 3), **norm)]
            stem.append(ConvNorm3d(half, width, (1, 3, 3), **norm))
        frames = table.stem_pool_frames
        pool = nn.MaxPool3d((frames, 3, 3), (min(frames, 2), 2, 2), padding=(frames // 2, 1, 1))
        self.stem = nn.Sequential(*stem, pool)
        blocks = []
        for group, (mid, kernels) in enumerate(zip(WIDTHS, table.temporal_kernels, strict=True)):
            for i, kernel in enumerate(kernels):
                stride = 2 if i == 0 and group > 0 else 1
                gated = table.gating and i == len(kernels) - 1
                drop = Drop(table.drop_path_rate, "sample", ratio=DROP_RATIOS[group])
                blocks.append(Bottleneck3d(width, mid, kernel, stride, gated, table.se, drop, **norm))
                width = EXPANSION * mid
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Identity()
        self.dropout = Drop(table.dropout, "unit")
        self.classifier = nn.Linear(width, num_classes)
        self.initialize(init_weights)
        for block in self.blocks:
            nn.init.zeros_(block.expand[1].weight)
