"""Name or table -> model: ours, and anything in timm as `timm:<name>`."""

from dataclasses import fields, replace
from typing import overload

from torch import nn

from ..checks import check_values, optional, whole
from ..errors import check_name
from .convnet import ConvNet
from .names import timm_name
from .network import Network
from .resnet import ResNet
from .resnet_tables import ResNetTable
from .rows import check_size
from .stages import ConvNetTable
from .tables import NetworkTable, table
from .video import VideoResNet
from .video_tables import VideoTable

BUILDERS = {ConvNetTable: ConvNet, ResNetTable: ResNet, VideoTable: VideoResNet}


@overload
def build(
    model: NetworkTable, num_classes: int | None = None, *, image_size: int | None = None, **changes
) -> Network: ...
@overload
def build(
    model: str | NetworkTable, num_classes: int | None = None, *, image_size: int | None = None, **changes
) -> nn.Module: ...
def build(
    model: str | NetworkTable, num_classes: int | None = None, *, image_size: int | None = None, **changes
) -> nn.Module:
    """Build a model with freshly initialised weights; maps x_BCHW (x_BCTHW for video) to logits_BK.

    `model` is one of `list_models()`, a table of your own, or `timm:<any timm model>`. `num_classes` defaults to
    1000, for video to 400. `image_size` in px becomes the table's `eval_size`. `changes` replace other fields of the
    table: `build("efficientnetv2-s", padding="symmetric", bn_eps=1e-5)`; for timm models they are timm's own options.
    Under `with torch.device("meta"):` any model takes well under a second and no memory.

    Raises ValueError for an unknown name, with the nearest ones, for an unknown field, operator or padding, for
    values outside their range, and for an image size below the network's total stride.
    """
    if (name := timm_name(model)) is not None:
        import timm

        if not timm.is_model(name):
            check_name("timm model", name, timm.list_models())
        if image_size is not None and timm.get_pretrained_cfg_value(name, "fixed_input_size"):
            changes["img_size"] = image_size  # transformers; other networks take any size
        return timm.create_model(name, num_classes=num_classes, **changes)
    chosen = table(model) if isinstance(model, str) else model
    check_values(chosen.name, num_classes=(num_classes, optional(whole(1))))
    for field in changes:
        check_name(f"field of {chosen.name}", field, [f.name for f in fields(chosen)])
    if image_size is not None:
        changes["eval_size"] = image_size
    chosen = replace(chosen, **changes)
    check_size(chosen, (chosen.eval_size, chosen.eval_size))
    builder = BUILDERS[type(chosen)]
    return builder(chosen) if num_classes is None else builder(chosen, num_classes)
