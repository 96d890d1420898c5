"""Name -> model: our own tables, and anything in timm as `timm:<name>`."""

from fnmatch import fnmatch

from torch import nn

from ..errors import check_name
from .convnet import ConvNet
from .stages import CONVNETS


def list_models(pattern: str = "*") -> list[str]:
    """Our model names that match a shell pattern, e.g. `list_models("efficientnetv2*")`."""
    return [name for name in CONVNETS if fnmatch(name, pattern)]


def build(name: str, num_classes: int = 1000) -> nn.Module:
    """Build a model with freshly initialised weights; maps x_BCHW to logits_BK.

    `name` is one of `list_models()` or `timm:<any timm model>`.
    Raises ValueError for an unknown name, with the nearest ones.
    """
    if name.startswith("timm:"):
        import timm

        timm_name = name.removeprefix("timm:")
        if not timm.is_model(timm_name):
            check_name("timm model", timm_name, timm.list_models())
        return timm.create_model(timm_name, num_classes=num_classes)
    return ConvNet(CONVNETS[check_name("model", name, CONVNETS)], num_classes)
