"""The names that a network's weights have in timm, in torchvision, in packages of weights and here.

timm and torchvision register their layers in the same order as we do. Names are therefore paired by building the
reference without memory and walking both in order, not by rules about names; shapes confirm every pair.
"""

from typing import NamedTuple

import torch
from torch import nn

from .packages import PACKAGE, PACKAGES, STYLE, package_names
from .references import REFERENCES


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
    """Layouts "convscale", "timm", "torchvision", "package" of one of our networks, as far as a reference exists.

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
    if "timm" in found and model.table.name in PACKAGES:
        found[PACKAGE] = Layout(package_names(ours), STYLE)
    return found
