"""Dropout and stochastic depth of timm models under our schedule: their rates become tensors that a stage can set."""

import re
from pathlib import Path

import timm
import torch
from timm.layers import DropPath, PatchEmbed
from torch import nn

from ..errors import check_name
from .blocks import Drop
from .weight_files import read
from .weights import misfits, out_of_reach

NOMINAL = 0.1  # drop path rate that a model is built with, only to see each block's share of it
UNEXPECTED = re.compile(r"unexpected keyword argument.*?'(\w+)'")  # Python's words, and those of timm's NaFlexVit


class ClassifierDrop(Drop):
    """Dropout of the classifier's input, from a hook that is a method, so that a copied model has its own."""

    def before(self, classifier: nn.Module, inputs: tuple) -> tuple:
        return (self(inputs[0]), *inputs[1:])


def build_with_drops(name: str, num_classes: int, *, pretrained: bool = False) -> nn.Module:
    """timm's model `name` with our `Drop` in place of its own dropout and stochastic depth, all rates at 0.

    timm keeps rates as Python numbers, in the model, in modules or in arguments of a function call, each of which
    changes the compiled graph. Here its classifier dropout is off, ours acts on the classifier's input instead, and
    every `DropPath` becomes a `Drop` with the share of the rate that timm gave to its block. Names of parameters do
    not change. A model without a classifier, or without stochastic depth, simply has no such `Drop`.

    Raises ValueError for a name that timm does not have, RuntimeError where weights do not exist or cannot be fetched.
    """
    check_timm_name(name)
    model = create(name, pretrained=pretrained, num_classes=num_classes, drop_rate=0.0)
    for path, module in list(model.named_modules()):
        if isinstance(module, DropPath):
            model.set_submodule(path, Drop(0.0, "sample", ratio=module.drop_prob / NOMINAL))
    heads = model.get_classifier()
    for head in heads if isinstance(heads, tuple) else (heads,):  # distilled transformers have two
        if not isinstance(head, nn.Identity):
            drop = ClassifierDrop(0.0, "unit")
            head.add_module("drop", drop)
            head.register_forward_pre_hook(drop.before)
    return model


def check_timm_name(name: str) -> None:
    """Raises ValueError for a model that timm does not have; the tag of its weights, after a dot, may be any."""
    check_name("timm model", timm.models.get_arch_name(name), timm.list_models())


def patch_size(name: str) -> int:
    """Side in px of the patches that timm's model `name` cuts an image into, of which its sizes are whole numbers; 1
    for other networks."""
    with torch.device("meta"):
        embed = getattr(create(name), "patch_embed", None)
    return max(embed.patch_size) if isinstance(embed, PatchEmbed) else 1


def create(name: str, **options) -> nn.Module:
    """timm's model with stochastic depth, and free in its image size, wherever timm can."""
    wishes = {"drop_path_rate": NOMINAL, "dynamic_img_size": True}
    while True:
        try:
            return timm.create_model(name, **options, **wishes)
        except TypeError as error:  # VGG has no drop path, ResNets need no wish to take any size
            found = UNEXPECTED.search(str(error))
            if not (found and wishes.pop(found[1], None)):
                raise
        except Exception as error:  # the hub's errors have no common class
            if not options.get("pretrained"):
                raise
            raise out_of_reach(name, error) from error


def load_file(model: nn.Module, path: str | Path, *, classifier: bool) -> nn.Module:
    """Copy the weights of the same timm network in a .safetensors or torch file into `model` and return it.

    The file may be anybody's; no code in it runs. Without `classifier` the model keeps its own.
    Raises FileNotFoundError, and ValueError for a file that cannot be read or does not fit, naming all that differs;
    the model is then unchanged.
    """
    ours, state, fresh = model.state_dict(), read(Path(path)), set()
    if not classifier:
        heads = model.get_classifier()
        own = {p for head in (heads if isinstance(heads, tuple) else (heads,)) for p in head.parameters()}
        fresh = {name for name, p in model.named_parameters() if p in own}
    state = {name: tensor for name, tensor in state.items() if name not in fresh}
    lines, _ = misfits(ours, state, {name: name for name in ours if name not in fresh})
    if lines:
        name = type(model).__name__
        raise ValueError("\n".join([f"{path} holds another network than this {name}; nothing was loaded", *lines]))
    model.load_state_dict(state, strict=False)
    return model
