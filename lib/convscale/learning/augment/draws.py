"""RandAugment's draws for a whole batch, made on the host: what a step does is a function of seed and step alone.

Operations are dealt in blocks of sixteen consecutive images: in each layer every image of a block gets another one.
Each image's operation is still uniform; only the joint draw is without replacement. So a batch needs exactly one image
in sixteen for each operation, which makes all shapes static, and any shard of whole blocks is dealt as the batch was.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from .operations import LAYERS, NAMES

BLOCK = len(NAMES)


class Draws(NamedTuple):
    """For each of the layers L and images B."""

    operation_LB: Tensor  # int64: its place in `NAMES`
    image_LB: Tensor  # int64: the inverse; which image of the block gets the operation of this place
    sign_LB: Tensor  # float32: -1 or 1
    where_LB2: Tensor  # float32: a place in the image, in shares of height and width

    def shard(self, i: int, n: int) -> "Draws":
        """Part `i` of `n`. Raises ValueError if a part is not made of whole blocks."""
        B = self.operation_LB.shape[1]
        check_blocks(B, n)
        return Draws(*(t[:, i * (B // n) : (i + 1) * (B // n)] for t in self))


def check_blocks(batch_size: int, parts: int = 1) -> None:
    if batch_size % (BLOCK * parts):
        each = f" for each of {parts} parts" if parts > 1 else ""
        near = max(round(batch_size / BLOCK / parts), 1) * BLOCK * parts
        raise ValueError(
            f"batch of {batch_size}: RandAugment on the device needs a multiple of {BLOCK}{each}, such as {near}"
        )


def draw_layers(rng: np.random.Generator, batch_size: int) -> Draws:
    """The draws of one batch. Raises ValueError if `batch_size` is not a multiple of 16."""
    check_blocks(batch_size)
    shape = (LAYERS, batch_size)
    dealt = rng.permuted(np.broadcast_to(np.arange(BLOCK), (LAYERS, batch_size // BLOCK, BLOCK)), axis=2)
    return Draws(
        torch.from_numpy(dealt.reshape(shape)),
        torch.from_numpy(dealt.argsort(axis=2).reshape(shape)),
        torch.from_numpy(rng.integers(2, size=shape).astype(np.float32) * 2 - 1),
        torch.from_numpy(rng.random((*shape, 2), np.float32)),
    )
