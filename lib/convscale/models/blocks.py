"""Blocks of the EfficientNets. Shapes: x_BCHW (batch, channels, height, width)."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SameConv2d(nn.Conv2d):
    """Convolution with TensorFlow's SAME padding: an odd pixel of padding goes to the bottom and right."""

    def forward(self, x_BCHW: Tensor) -> Tensor:
        pad = []
        for size, kernel, stride in zip(x_BCHW.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1], strict=True):
            total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
            pad += [total // 2, total - total // 2]
        # Equal padding goes through the convolution itself, which is faster than a copy by F.pad.
        if pad[0] == pad[1] and pad[2] == pad[3]:
            return F.conv2d(x_BCHW, self.weight, self.bias, self.stride, (pad[2], pad[0]), groups=self.groups)
        return F.conv2d(F.pad(x_BCHW, pad), self.weight, self.bias, self.stride, groups=self.groups)


class ConvNorm(nn.Sequential):
    """Convolution without bias, batch norm and, unless `act` is False, SiLU."""

    def __init__(self, inp: int, out: int, kernel: int, stride=1, groups=1, act=True, *, eps: float, momentum: float):
        super().__init__(
            SameConv2d(inp, out, kernel, stride, groups=groups, bias=False),
            nn.BatchNorm2d(out, eps=eps, momentum=momentum),
            *([nn.SiLU(inplace=True)] if act else []),
        )


class SqueezeExcite(nn.Module):
    """Channel gate. `squeezed` channels come from the block's *input* width (V1 and V2 code, not Hu et al.)."""

    def __init__(self, width: int, squeezed: int):
        super().__init__()
        self.reduce = nn.Conv2d(width, squeezed, 1)
        self.expand = nn.Conv2d(squeezed, width, 1)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        gate_BC11 = self.expand(F.silu(self.reduce(x_BCHW.mean((2, 3), keepdim=True))))
        return x_BCHW * gate_BC11.sigmoid()


class Drop(nn.Module):
    """Zero whole units with probability `rate * ratio` in training and rescale the rest.

    `per` = "sample" drops a residual branch (stochastic depth), "unit" single features (dropout).
    `rate` is a 0-d tensor that the schedule overwrites in place, so no value is baked into a compiled
    graph; `ratio` is the block's fixed share of it.
    """

    def __init__(self, rate: float, per: str, ratio: float = 1.0):
        super().__init__()
        self.per, self.ratio = per, ratio
        self.register_buffer("rate", torch.tensor(float(rate)), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.ratio == 0:
            return x
        keep = 1 - self.rate * self.ratio
        shape = (x.shape[0],) + (1,) * (x.dim() - 1) if self.per == "sample" else x.shape
        mask = torch.rand(shape, device=x.device) < keep
        return x * (mask / keep).to(x.dtype)


class MBConv(nn.Module):
    """Inverted bottleneck: 1x1 expand, depthwise kxk, squeeze-and-excite, 1x1 project (V1 §4; no expand if 1)."""

    def __init__(self, inp: int, out: int, kernel: int, stride: int, expand: int, se: float, drop: nn.Module, **norm):
        super().__init__()
        mid = inp * expand
        self.expand = ConvNorm(inp, mid, 1, **norm) if expand != 1 else nn.Identity()
        self.depthwise = ConvNorm(mid, mid, kernel, stride, groups=mid, **norm)
        self.se = SqueezeExcite(mid, max(1, int(inp * se))) if se else nn.Identity()
        self.project = ConvNorm(mid, out, 1, act=False, **norm)
        self.drop = drop if stride == 1 and inp == out else None

    def forward(self, x_BCHW: Tensor) -> Tensor:
        y_BCHW = self.project(self.se(self.depthwise(self.expand(x_BCHW))))
        return y_BCHW if self.drop is None else x_BCHW + self.drop(y_BCHW)


class FusedMBConv(nn.Module):
    """MBConv with expand and depthwise fused to one kxk convolution (V2 Fig. 2).

    With `expand` = 1 the block is that single convolution *with* its activation (automl
    effnetv2_model.py). V2 Fig. 2 draws a squeeze-and-excite that no released model has.
    """

    def __init__(self, inp: int, out: int, kernel: int, stride: int, expand: int, se: float, drop: nn.Module, **norm):
        super().__init__()
        mid = inp * expand if expand != 1 else out
        self.expand = ConvNorm(inp, mid, kernel, stride, **norm)
        self.se = SqueezeExcite(mid, max(1, int(inp * se))) if se else nn.Identity()
        self.project = ConvNorm(mid, out, 1, act=False, **norm) if expand != 1 else nn.Identity()
        self.drop = drop if stride == 1 and inp == out else None

    def forward(self, x_BCHW: Tensor) -> Tensor:
        y_BCHW = self.project(self.se(self.expand(x_BCHW)))
        return y_BCHW if self.drop is None else x_BCHW + self.drop(y_BCHW)


BLOCKS = {"mbconv": MBConv, "fused": FusedMBConv}
