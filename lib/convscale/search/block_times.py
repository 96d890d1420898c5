"""A network's step time from the times of its blocks, each measured alone: a thousand networks in minutes.

The blocks of a stage-based space are few: a network of V2 §3.3 around B4 is one of 10^14, made of 171 different parts.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from ..devices import Device
from ..learning.optim import init_state, optimizer_for
from ..measure.layers import layers
from ..models.blocks import BLOCKS, ConvNorm, Drop
from ..models.stages import ConvNetTable
from ..recipes import V2_PAPER
from .step_time import Kept

CLASSES = 1000


@dataclass(frozen=True)
class Part:
    """A block, or what all networks have: "stem", "head" (with pooling, classifier and loss).

    From `inp` channels at `px` to `out`; of the stem and the head kernel, stride and expansion are 0.
    """

    op: str
    inp: int
    out: int
    px: int
    kernel: int = 0
    stride: int = 0
    expand: int = 0
    se: float = 0.0
    shortcut: bool = False

    @property
    def words(self) -> str:
        """What records of its time are named by."""
        between = f"{self.inp} to {self.out} channels, {self.px} px"
        if not self.kernel:
            return f"{self.op}, {between}"
        more = ", shortcut" if self.shortcut else ""
        gate = f", SE{self.se:g}" if self.se else ""
        return f"{self.op} k{self.kernel} e{self.expand} stride {self.stride}{gate}{more}, {between}"


def parts(table: ConvNetTable, px: int) -> Counter[Part]:
    """How often each part is in a network at this image size."""
    found: Counter[Part] = Counter()
    found[Part("stem", 3, table.stem, px)] += 1
    px, width = -(-px // table.stem_stride), table.stem
    for stage in table.stages:
        for i in range(stage.depth):
            stride = stage.stride if i == 0 else 1
            same = stride == 1 and width == stage.width
            found[Part(stage.op, width, stage.width, px, stage.kernel, stride, stage.expand, stage.se, same)] += 1
            px, width = -(-px // stride), stage.width
    found[Part("head", width, table.head, px)] += 1
    return found


def module_of(part: Part, table: ConvNetTable) -> nn.Module:
    """What a part computes, with the norms and the activation of `table`."""
    fixed: dict[str, Any] = dict(eps=table.bn_eps, momentum=table.bn_momentum, act=table.act, padding=table.padding)
    if part.op == "stem":
        return ConvNorm(part.inp, part.out, 3, table.stem_stride, **fixed)
    if part.op == "head":
        head = ConvNorm(part.inp, part.out, 1, **fixed) if part.out else nn.Identity()
        pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), Drop(table.dropout, "unit"))
        return nn.Sequential(head, pooled, nn.Linear(part.out or part.inp, CLASSES))
    drop = Drop(table.drop_path_rate, "sample", ratio=0.5)  # rates change no time, but 0 would
    block: Any = BLOCKS[part.op]
    return block(part.inp, part.out, part.kernel, part.stride, part.expand, part.se, drop, **fixed)


def forward_and_backward(part: Part, table: ConvNetTable, batch: int, device: Device, precision: str) -> Callable:
    """A call that takes noise through a part and a gradient back."""
    torch.manual_seed(0)
    module = device.model(module_of(part, table)).train()
    (x_BCHW,) = device.put((torch.randn(batch, part.inp, part.px, part.px),))
    x_BCHW = x_BCHW.contiguous(memory_format=torch.channels_last).requires_grad_(part.op != "stem")
    with torch.no_grad(), device.autocast(precision, part.px):
        gradient = torch.randn_like(module(x_BCHW))
    leaves = [x_BCHW, *module.parameters()]

    def call() -> Tensor:
        with device.autocast(precision, part.px):
            y = module(x_BCHW)
        y.backward(gradient)
        for leaf in leaves:
            leaf.grad = None
        device.end_step()
        return y.detach()

    return call


def update(numbers: int, device: Device) -> Callable[[], None]:
    """A call that lets the optimizer update so many numbers."""
    weights = device.model(nn.Linear(numbers // CLASSES, CLASSES, bias=False))
    optimizer = optimizer_for(weights, V2_PAPER, device.traced)
    init_state(optimizer)
    for parameter in weights.parameters():
        parameter.grad = torch.zeros_like(parameter)

    def call() -> None:
        optimizer.step()
        device.end_step()

    return call


UPDATE = "update"  # of UPDATED numbers, in records
SHARED = ("act", "padding", "bn_eps", "bn_momentum", "stem_stride", "drop_path_rate")  # what blocks have of a table
UPDATED = 4_000_000  # numbers whose update is timed; ours: as many as B0 has


def total(table: ConvNetTable, px: int, seconds: Callable[[Part], float], update_seconds: float) -> float:
    """Seconds of a training step: the sum of its parts, and the optimizer's update by the number of parameters.

    By `fsum`, as Python's own `sum` of floats is another from 3.12 on.
    """
    of_parts = math.fsum(times * seconds(part) for part, times in parts(table, px).items())
    return of_parts + update_seconds * params(table) / UPDATED


def predicted(table: ConvNetTable, kept: Kept, *, image_size: int, batch: int, precision: str = "float32") -> float:
    """`total` with what is kept of this device, and what is not known measured now."""
    fixed = {name: getattr(table, name) for name in SHARED} | dict(batch=batch, precision=precision)

    def seconds(part: Part) -> float:
        make = partial(forward_and_backward, part, table, batch, kept.device, precision)
        return kept.seconds(asdict(part) | fixed, make)

    updating = kept.seconds({"op": "update", "numbers": UPDATED}, partial(update, UPDATED, kept.device))
    return total(table, image_size, seconds, updating)


def params(table: ConvNetTable) -> int:
    """Parameters, by arithmetic on the table (`measure.layers`)."""
    return sum(layer.params for layer in layers(replace(table, eval_size=table.total_stride)))
