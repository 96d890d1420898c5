"""Blocks of the EfficientNets and MobileNets. Shapes: x_BCHW (batch, channels, height, width)."""

import math
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ACTIVATIONS = {"silu": nn.SiLU, "relu": nn.ReLU, "relu6": nn.ReLU6}


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


def conv2d(inp: int, out: int, kernel: int, stride: int, groups: int, padding: str) -> nn.Conv2d:
    """Convolution without bias; `padding` = "same" is TensorFlow's, "symmetric" kernel // 2 on every side."""
    if padding == "same":
        return SameConv2d(inp, out, kernel, stride, groups=groups, bias=False)
    return nn.Conv2d(inp, out, kernel, stride, padding=kernel // 2, groups=groups, bias=False)


class ConvNorm(nn.Sequential):
    """Convolution without bias, batch norm and, unless `activate` is False, the activation.

    The keywords after `activate` are what a network's table fixes for all its layers.
    """

    def __init__(
        self,
        inp: int,
        out: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        activate: bool = True,
        *,
        eps: float,
        momentum: float,
        act: str = "silu",
        padding: str = "same",
    ):
        super().__init__(
            conv2d(inp, out, kernel, stride, groups, padding),
            nn.BatchNorm2d(out, eps=eps, momentum=momentum),
            *([ACTIVATIONS[act](inplace=True)] if activate else []),
        )


class SqueezeExcite(nn.Module):
    """Channel gate of `width` channels through a bottleneck of `squeezed`.

    The EfficientNets take `squeezed` from the block's *input* width (V1 and V2 code), ResNet-RS from its
    output width (tpu resnet_layers.py), as Hu et al. do.
    """

    def __init__(self, width: int, squeezed: int, act: str = "silu"):
        super().__init__()
        self.act = ACTIVATIONS[act]()
        self.reduce = nn.Conv2d(width, squeezed, 1)
        self.expand = nn.Conv2d(squeezed, width, 1)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        gate_BC11 = self.expand(self.act(self.reduce(x_BCHW.mean((2, 3), keepdim=True))))
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

    def __init__(self, inp: int, out: int, kernel: int, stride: int, expand: int, se: float, drop: nn.Module, **layers):
        super().__init__()
        mid = inp * expand
        self.expand = ConvNorm(inp, mid, 1, **layers) if expand != 1 else nn.Identity()
        self.depthwise = ConvNorm(mid, mid, kernel, stride, groups=mid, **layers)
        self.se = SqueezeExcite(mid, max(1, int(inp * se))) if se else nn.Identity()
        self.project = ConvNorm(mid, out, 1, activate=False, **layers)
        self.drop = drop if stride == 1 and inp == out else None

    def forward(self, x_BCHW: Tensor) -> Tensor:
        y_BCHW = self.project(self.se(self.depthwise(self.expand(x_BCHW))))
        return y_BCHW if self.drop is None else x_BCHW + self.drop(y_BCHW)


class FusedMBConv(nn.Module):
    """MBConv with expand and depthwise fused to one kxk convolution (V2 Fig. 2).

    With `expand` = 1 the block is that single convolution *with* its activation (automl
    effnetv2_model.py); `always_project` keeps the 1x1 convolution there too, as Fig. 2 draws it.
    Fig. 2 also draws a squeeze-and-excite, which no released model has: give a stage an `se` to add it.
    """

    def __init__(
        self,
        inp: int,
        out: int,
        kernel: int,
        stride: int,
        expand: int,
        se: float,
        drop: nn.Module,
        always_project: bool = False,
        **layers,
    ):
        super().__init__()
        project = expand != 1 or always_project
        mid = inp * expand if project else out
        self.expand = ConvNorm(inp, mid, kernel, stride, **layers)
        self.se = SqueezeExcite(mid, max(1, int(inp * se))) if se else nn.Identity()
        self.project = ConvNorm(mid, out, 1, activate=False, **layers) if project else nn.Identity()
        self.drop = drop if stride == 1 and inp == out else None

    def forward(self, x_BCHW: Tensor) -> Tensor:
        y_BCHW = self.project(self.se(self.expand(x_BCHW)))
        return y_BCHW if self.drop is None else x_BCHW + self.drop(y_BCHW)


class Separable(nn.Sequential):
    """Depthwise kxk and 1x1 convolution, each with norm and activation, no shortcut (MobileNetV1 Fig. 3)."""

    def __init__(self, inp: int, out: int, kernel: int, stride: int, expand: int, se: float, drop: nn.Module, **layers):
        if expand != 1 or se:
            raise ValueError(f"operator 'separable' has neither expansion nor squeeze-and-excite: {expand=}, {se=}")
        super().__init__(ConvNorm(inp, inp, kernel, stride, groups=inp, **layers), ConvNorm(inp, out, 1, **layers))


BLOCKS = {
    "mbconv": MBConv,
    "fused": FusedMBConv,
    "fused+1x1": partial(FusedMBConv, always_project=True),
    "separable": Separable,
}
