"""Every network's computation against timm's and torchvision's, operation by operation, without computing anything.

`test_parity.py` compares numbers, for the smallest networks of each kind. Here the operations of a forward pass are
written down: what each does, with which strides, paddings and epsilons, on which weights, and on the results of which
earlier operations. Networks with the same list compute the same, whatever their weights.
"""

from dataclasses import replace
from functools import lru_cache

import pytest
import timm
import torch
import torchvision
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from convscale.models import build, style_of, table
from convscale.models.layouts import layouts
from convscale.models.packages import PACKAGES
from convscale.models.references import REFERENCES

# Every layer with a stride meets an even map: on an odd one, TensorFlow's padding is the symmetric one.
SIZE = (64, 96)  # px
# These only arrange numbers for the operation after them, and each library arranges in its own way.
ARRANGING = {"view", "_unsafe_view", "squeeze", "t", "alias", "detach"}


class Cheap(TorchDispatchMode):
    """Without memory there is nothing to set or normalise, only shapes to find, which takes PyTorch longest."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kind = func.overloadpacket.__name__
        if kind.endswith("_"):  # in place
            return args[0]
        if kind == "native_batch_norm":
            return torch.empty_like(args[0]), torch.empty(0), torch.empty(0)
        return func(*args, **(kwargs or {}))


def on_meta(create, *args, **options) -> nn.Module:
    with torch.device("meta"), Cheap():
        return create(*args, **options)


class Operations(Cheap):
    """Lists the operations under it. A tensor is known by its place in `state_dict`, or by the operation that made it.

    What the libraries spell in two ways is written in one: in place or not, padding by the convolution or before it,
    dimensions counted from the front or from the back, the order of what is added or multiplied.
    """

    def __init__(self, model: nn.Module, image: torch.Tensor):
        super().__init__()
        self.kept = [image, *model.state_dict(keep_vars=True).values()]  # alive, so that an id is one tensor's
        self.names = {id(tensor): f"state {i}" for i, tensor in enumerate(self.kept[1:])} | {id(image): "image"}
        self.unpadded, self.found = {}, []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = super().__torch_dispatch__(func, types, args, kwargs)
        kind = func.overloadpacket.__name__.removesuffix("_")
        if kind == "empty":  # batch norm asks for memory that it does not use here
            return made
        out = made[0] if isinstance(made, tuple) else made
        self.kept.append(out)
        if kind == "constant_pad_nd":
            name, sides = self.names[id(args[0])], args[1]
            self.unpadded[id(out)] = name, sides
            self.names[id(out)] = f"{name} padded by {sides}"
        elif kind in ARRANGING:
            self.names[id(out)] = self.names[id(args[0])]
        else:
            self.found.append((kind, *self.details(kind, args, kwargs), tuple(out.shape) if kind != "mean" else ()))
            self.names[id(out)] = f"operation {len(self.found)}"
        return made

    def details(self, kind: str, args: tuple, kwargs: dict | None) -> tuple[list[str], list]:
        """Names of the tensors that come in, and all other arguments that matter to the result."""
        assert not kwargs, (kind, kwargs)
        inputs = [self.names[id(a)] for a in args if isinstance(a, torch.Tensor)]
        values = [a for a in args if not isinstance(a, torch.Tensor)]
        if kind == "convolution":
            inputs[0], before = self.unpadded.get(id(args[0]), (inputs[0], [0] * 4))
            stride, (high, wide), *others = values[-6:]
            sides = [a + b for a, b in zip(before, (wide, wide, high, high), strict=True)]
            values = [tuple(args[1].shape), stride, sides, *others]
        elif kind in ("add", "mul"):
            inputs = sorted(inputs)
        elif kind == "mean":
            values = sorted(d % args[0].dim() for d in args[1])
        elif kind == "native_batch_norm":
            training, _, eps = values  # momentum is for training
            values = [training, eps]
        elif kind == "avg_pool2d":
            assert values[2] == [0, 0]  # so it is all the same whether padding counts
            values = values[:4]
        return inputs, values


def operations(model: nn.Module) -> list[tuple]:
    image = torch.empty(1, 3, *SIZE, device="meta")
    with Operations(model.eval(), image) as listed, torch.no_grad():
        model(image)
    return listed.found


class Case:
    """One of our networks and its public implementations, all without memory."""

    def __init__(self, name: str):
        self.name, public = name, REFERENCES[name]
        plain = public.timm.removeprefix("tf_")
        has_plain = plain != public.timm and timm.is_model(plain)
        self.timm = on_meta(timm.create_model, public.timm)
        self.plain = on_meta(timm.create_model, plain) if has_plain else None
        torchvisions = torchvision.models.get_model
        self.torchvision = on_meta(torchvisions, public.torchvision) if public.torchvision else None

    @property
    def references(self) -> list[nn.Module]:
        return [module for module in (self.timm, self.plain, self.torchvision) if module is not None]


@pytest.fixture(scope="module", params=REFERENCES)
def case(request) -> Case:
    return Case(request.param)


@lru_cache(maxsize=2)
def ours(name: str, **changes) -> nn.Module:
    return on_meta(build, name, **changes)


@lru_cache(maxsize=2)
def our_operations(name: str, **changes) -> list[tuple]:
    return operations(ours(name, **changes))


def test_operations_and_weights_are_those_of_the_references(case):
    for module in case.references:
        style = style_of(module)
        pairs = zip(our_operations(case.name, **style), operations(module), strict=True)
        for number, (mine, theirs) in enumerate(pairs, start=1):
            assert mine == theirs, f"operation {number}"
        shapes = [[t.shape for t in model.state_dict().values()] for model in (ours(case.name, **style), module)]
        assert shapes[0] == shapes[1]


def test_every_reference_has_our_layers(case, monkeypatch):
    """As `layouts` finds them; it is handed the modules that it would build."""
    monkeypatch.setattr(timm, "create_model", lambda name, num_classes: case.timm)
    monkeypatch.setattr(torchvision.models, "get_model", lambda name, num_classes: case.torchvision)
    libraries = {"convscale", "timm"} | ({"torchvision"} if case.torchvision else set())
    libraries |= {"package"} if case.name in PACKAGES else set()
    assert layouts(ours(case.name, **style_of(case.timm))).keys() == libraries


def with_stage(name: str, number: int, **changes):
    """The table of a network with another stage."""
    stages = list(table(name).stages)
    stages[number] = replace(stages[number], **changes)
    return replace(table(name), stages=tuple(stages))


B0 = "efficientnet-b0"
WRONG = {
    "kernel": with_stage(B0, 2, kernel=3),
    "stride": with_stage(B0, 4, stride=2),
    "expansion": with_stage(B0, 5, expand=4),
    "width": with_stage(B0, 3, width=88),
    "depth": with_stage(B0, 6, depth=2),
    "squeeze": with_stage(B0, 1, se=0.5),
    "operator": with_stage(B0, 1, op="fused"),
    "stem": replace(table(B0), stem=40),
    "head": replace(table(B0), head=1536),
    "padding": replace(table(B0), padding="symmetric"),
    "epsilon": replace(table(B0), bn_eps=1e-5),
    "activation": replace(table(B0), act="relu"),
    "stem pool": replace(table("resnet-rs-50"), stem_pool="max"),
    "shortcut": replace(table("resnet-rs-50"), shortcut="conv"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_table_would_be_seen(wrong):
    changed = on_meta(build, WRONG[wrong])
    assert operations(changed) != our_operations(changed.table.name)


def test_wrong_wiring_would_be_seen():
    """The same operations on the same weights, but one shortcut from elsewhere."""
    model = on_meta(build, "efficientnet-b0")
    block = model.blocks[2]
    block.forward = lambda x: (y := block.project(block.se(block.depthwise(block.expand(x))))) + block.drop(y)
    assert operations(model) != our_operations("efficientnet-b0")
