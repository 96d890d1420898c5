"""Tables for pictures of networks: stages from the networks' own tables, and the layers of a built block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ..models import ConvNetTable, table
from ..models.stages import OPERATORS

if TYPE_CHECKING:
    from torch import nn


def family_of(model: str) -> str:
    """ "v1", "rs" or "v2", by which pictures choose colours."""
    return "v2" if model.startswith("efficientnetv2") else "rs" if model.startswith("resnet") else "v1"


def stage_rows(*models: str) -> pd.DataFrame:
    """Every stage of `models`, as `drawing.stages_bars` wants it: operator, channels, layers, and layers as width.

    Raises ValueError for an unknown network, or one whose table has no rows of MBConv or Fused-MBConv blocks.
    """
    rows = []
    for model in models:
        network = table(model)
        if not isinstance(network, ConvNetTable):
            raise ValueError(f"{model} has no stages of MBConv blocks: draw an EfficientNet or a MobileNet")
        parts = [("Conv k3", network.stem, 1)]
        for stage in network.stages:
            operator = OPERATORS[stage.op].format(e=stage.expand)
            parts.append((f"{operator} k{stage.kernel}", stage.width, stage.depth))
        parts += [("Conv k1, pooling, FC", network.head, 1)] if network.head else []
        names = ("operator", "channels", "layers")
        rows += [
            {"network": model, **dict(zip(names, part, strict=True)), "width": part[2], "family": family_of(model)}
            for part in parts
        ]
    return pd.DataFrame(rows)


def block_layers(blocks: dict[str, nn.Module], family: str = "v2") -> pd.DataFrame:
    """The layers of built MBConv or Fused-MBConv blocks, by name, as `drawing.blocks` wants them."""
    from torch import nn

    from ..models.blocks import SqueezeExcite

    rows = []
    for name, block in blocks.items():
        for child in block.children():
            convolutions = [layer for layer in child.modules() if isinstance(layer, nn.Conv2d)]
            if not convolutions:
                continue
            first, last = convolutions[0], convolutions[-1]
            if isinstance(child, SqueezeExcite):
                kind, label = "gate", f"SE, {first.out_channels} of {last.out_channels}"
            else:
                kind = "depthwise" if first.groups > 1 else "conv"
                size = f"{first.kernel_size[0]}x{first.kernel_size[1]}"
                label = f"{'depthwise ' if kind == 'depthwise' else ''}conv {size}"
            rows.append({"block": name, "label": label, "channels": last.out_channels, "kind": kind})
            rows[-1] |= {"shortcut": block.drop is not None, "family": family}
    return pd.DataFrame(rows)
