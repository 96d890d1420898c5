"""Depthwise convolutions in float32 within bfloat16 autocast on a CPU, in any network."""

import functools

import torch
from torch import Tensor, nn


def depthwise_in_float32(model: nn.Module) -> None:
    """Take every depthwise convolution of `model`, ours or timm's, out of a CPU's autocast, which is otherwise kept.

    oneDNN has no fast bfloat16 gradient for their weights. Ours, one Zen 5 core, torch 2.9, 16 maps of 672 channels and
    8x8 px, 5x5: 20.3 ms where float32 takes 5.5 and the forward pass 0.3. Outputs are in the type that came in.
    Without autocast, and on other devices, nothing changes. Modules are converted in place and keep their names.
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d) and 1 < module.groups == module.in_channels:
            module.__class__ = outside_autocast(type(module))


@functools.cache
def outside_autocast(kind: type[nn.Conv2d]) -> type[nn.Conv2d]:
    """The class `kind` of convolutions, but computing in float32 within a CPU's autocast.

    A module's class, unlike a function put in place of its `forward`, is copied and compiled with it.
    """
    if getattr(kind, "leaves_autocast", False):
        return kind

    class OutsideAutocast(kind):  # type: ignore[misc, valid-type]
        leaves_autocast = True

        def forward(self, x_BCHW: Tensor) -> Tensor:
            if not torch.is_autocast_enabled("cpu"):
                return super().forward(x_BCHW)
            with torch.autocast("cpu", enabled=False):
                return super().forward(x_BCHW.float()).to(x_BCHW.dtype)

        def __reduce__(self):
            return blank, (kind,), self.__dict__

    OutsideAutocast.__name__ = kind.__name__  # weights are laid out, and networks shown, by the names of classes
    return OutsideAutocast


def blank(kind: type[nn.Conv2d]) -> nn.Conv2d:
    """What pickle fills: it finds `kind` by name, but not a class made here."""
    made = outside_autocast(kind)
    return made.__new__(made)
