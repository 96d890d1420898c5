"""Everything that the host draws for a whole batch: what a step does is a function of seed and step alone.

RandAugment's operations are dealt in blocks of as many consecutive images as there are operations: in each layer every
image of a block gets another one. Each image's operation is still uniform; only the joint draw is without replacement.
So a batch needs exactly one image in a block for each operation, which makes all shapes static, and any shard of whole
blocks is dealt as the batch was.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..errors import check_name
from ..recipes.recipe import RELEASED_OPERATIONS
from ..recipes.run import Run
from ..recipes.schedule import Stage
from .mixing import Mixing, draw_mixing
from .noise import draw_places
from .operations import LAYERS

PLACES = ("host", "device")


@dataclass(frozen=True)
class Layers:
    """RandAugment's draws for each image B and layer L, of `count` operations."""

    operation_BL: Tensor  # int64: its place among the operations
    image_BL: Tensor  # int64: the inverse; which image of the block gets the operation of this place
    sign_BL: Tensor  # float32: -1 or 1
    where_BL2: Tensor  # float32: a place in the image, in shares of height and width
    count: int

    def map(self, function: Callable[[Tensor], Tensor]) -> "Layers":
        operation, image, sign, where = map(function, (self.operation_BL, self.image_BL, self.sign_BL, self.where_BL2))
        return Layers(operation, image, sign, where, self.count)

    def images(self, start: int, stop: int) -> "Layers":
        """Those of the images from `start` to before `stop`."""
        return self.map(lambda t: t[start:stop])

    def layer(self, i: int) -> "Layers":
        """Those of layer `i` alone: the tensors lack the dimension L."""
        return self.map(lambda t: t[:, i])

    def shard(self, i: int, n: int) -> "Layers":
        """Part `i` of `n`. Raises ValueError if a part is not made of whole blocks."""
        check_blocks(len(self.operation_BL), self.count, n)
        return self.map(lambda t: shard(t, i, n))


@dataclass(frozen=True)
class Draws:
    """All draws of one batch; the batch is the first dimension of every tensor."""

    mixing: Mixing
    layers: Layers | None  # where RandAugment is the device's work
    places_B2: Tensor | None  # of squares of noise, where the recipe has them

    def map(self, function: Callable[[Tensor], Tensor]) -> "Draws":
        """`function` of every tensor, for example to send them to a device."""
        return Draws(
            Mixing(*map(function, self.mixing)),
            self.layers and self.layers.map(function),
            None if self.places_B2 is None else function(self.places_B2),
        )

    def shard(self, i: int, n: int) -> "Draws":
        """Those of part `i` of `n` equal parts of the batch. Raises ValueError as `Layers.shard`."""
        if self.layers:
            check_blocks(len(self.layers.operation_BL), self.layers.count, n)
        return self.map(lambda t: shard(t, i, n))


def shard(t: Tensor, i: int, n: int) -> Tensor:
    """Part `i` of `n` equal parts of a batch."""
    return t if n == 1 else t[i * (len(t) // n) : (i + 1) * (len(t) // n)]


def check_blocks(batch_size: int, count: int, parts: int = 1) -> None:
    """Raise ValueError unless each of `parts` equal parts of a batch is made of whole blocks of `count` images."""
    if batch_size % (count * parts):
        each = f" for each of {parts} parts" if parts > 1 else ""
        near = max(round(batch_size / count / parts), 1) * count * parts
        raise ValueError(
            f"batch of {batch_size}: RandAugment on the device needs a multiple of {count}{each}, such as {near}"
        )


def draw_layers(rng: np.random.Generator, batch_size: int, count: int = len(RELEASED_OPERATIONS)) -> Layers:
    """RandAugment's draws of one batch. Raises ValueError if `batch_size` is not a multiple of `count`."""
    check_blocks(batch_size, count)
    shape = (LAYERS, batch_size)
    dealt = rng.permuted(np.broadcast_to(np.arange(count), (LAYERS, batch_size // count, count)), axis=2)
    sign = rng.integers(2, size=shape).astype(np.float32) * 2 - 1
    where = rng.random((*shape, 2), np.float32)

    def batch_first(array_LB: np.ndarray) -> Tensor:
        return torch.from_numpy(array_LB).transpose(0, 1)

    return Layers(
        batch_first(dealt.reshape(shape)),
        batch_first(dealt.argsort(axis=2).reshape(shape)),
        batch_first(sign),
        batch_first(where),
        count,
    )


def randaugment_on_device(run: Run) -> bool:
    """Whether RandAugment is the device's work. Raises ValueError for an unknown `augment_on`."""
    return check_name("augment_on", run.augment_on, PLACES) == "device" and run.recipe.policy != "none"


def draw_batch(run: Run, stage: Stage, rng: np.random.Generator) -> Draws:
    """Everything drawn for a whole batch of `run` in `stage` before it reaches the device.

    Raises ValueError for a batch that the stage's mixing or RandAugment on the device cannot share out.
    """
    batch_size = run.recipe.batch_size
    mixing = draw_mixing(rng, batch_size, stage.image_size, stage.mixup, stage.cutmix)
    layers = draw_layers(rng, batch_size, len(run.recipe.operations)) if randaugment_on_device(run) else None
    return Draws(mixing, layers, draw_places(rng, batch_size) if run.recipe.noise_cutout else None)
