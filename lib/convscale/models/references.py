"""The public implementation of each of our networks, and the names its weights have there.

timm and torchvision register their layers in the same order as we do. Names are therefore paired by building the
reference without memory and walking both in order, not by rules about names; shapes confirm every pair.
"""

from typing import NamedTuple

import torch
from torch import nn


class Reference(NamedTuple):
    timm: str
    torchvision: str | None = None


REFERENCES = {
    **{f"efficientnet-b{i}": Reference(f"tf_efficientnet_b{i}", f"efficientnet_b{i}") for i in range(8)},
    "efficientnet-b8": Reference("tf_efficientnet_b8"),
    "efficientnet-l2": Reference("tf_efficientnet_l2"),
    **{f"efficientnetv2-{v}": Reference(f"tf_efficientnetv2_{v}", f"efficientnet_v2_{v}") for v in "sml"},
    **{f"efficientnetv2-{v}": Reference(f"tf_efficientnetv2_{v}") for v in ("xl", "b0", "b1", "b2", "b3")},
    "efficientnetv2-s-preprint": Reference("efficientnetv2_rw_s"),
    **{f"resnet-{depth}": Reference(f"resnet{depth}", f"resnet{depth}") for depth in (50, 101, 152)},
    "resnet-200": Reference("resnet200"),
    **{f"resnet-d-{depth}": Reference(f"resnet{depth}d") for depth in (50, 101, 152, 200)},
    **{f"resnet-rs-{depth}": Reference(f"resnetrs{depth}") for depth in (50, 101, 152, 200, 270, 350, 420)},
    "mobilenetv1": Reference("mobilenetv1_100"),
    "mobilenetv2": Reference("mobilenetv2_100", "mobilenet_v2"),
}


class Layout(NamedTuple):
    """Names of a network's tensors in one library: theirs -> ours, and the `style_of` that they were made for."""

    names: dict[str, str]
    style: dict | None


def style_of(module: nn.Module) -> dict:
    """Padding and batch-norm epsilon of `module`: what weights depend on and their names and shapes do not show.

    The result fits `build`: `build("efficientnetv2-s", **style_of(timm_module))`.
    """
    same = any(type(m).__name__ in ("Conv2dSame", "SameConv2d") for m in module.modules())
    eps = next((m.eps for m in module.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)), None)
    return {"padding": "same" if same else "symmetric", "bn_eps": eps}


def layouts(model: nn.Module) -> dict[str, Layout]:
    """Layouts "convscale", "timm", "torchvision" of one of our networks, as far as a reference exists.

    A network that shares the name of a reference and not its shapes, for instance after a change of its table, has
    only its own layout. timm's names are the same with and without TensorFlow's padding, so they imply no style.
    """
    ours = model.state_dict()
    found = {"convscale": Layout({name: name for name in ours}, None)}
    reference = REFERENCES.get(model.table.name)
    if reference is None:
        return found
    import timm
    import torchvision

    with torch.device("meta"):
        modules = {"timm": timm.create_model(reference.timm, num_classes=model.num_classes)}
        if reference.torchvision:
            modules["torchvision"] = torchvision.models.get_model(reference.torchvision, num_classes=model.num_classes)
    for library, module in modules.items():
        theirs = module.state_dict()
        if [t.shape for t in theirs.values()] == [t.shape for t in ours.values()]:
            style = style_of(module) if library == "torchvision" else None
            found[library] = Layout(dict(zip(theirs, ours, strict=True)), style)
    return found
