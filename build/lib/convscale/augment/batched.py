"""RandAugment on a whole batch, on any device: profile "tf" with nearest-pixel geometry, as the papers' code has it."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..recipes.pixels import RELEASED, Pixels
from ..recipes.recipe import RELEASED_OPERATIONS
from .draws import Layers, check_blocks
from .operations import MAX_LEVEL, OPERATIONS, Reach

CHUNK_BYTES = 2**23  # of uint8 pixels that a CPU core works on at a time: they and their copies fit its cache


def randaugment_batch(
    x_BCHW: Tensor,
    magnitude: Tensor,
    layers: Layers,
    pixels: Pixels = RELEASED,
    operations: Sequence[str] = RELEASED_OPERATIONS,
) -> Tensor:
    """RGB batch of whole numbers 0..255, in uint8 or float, after RandAugment; same dtype.

    `magnitude` is a 0-d tensor on the batch's device, made by `Device.scalars` so that another one compiles nothing;
    `layers` are the draws of as many `operations`, and are there too. All shapes are static, and nothing is read from
    the device. Raises ValueError for a batch that is not a multiple of the number of operations.
    """
    count = len(operations)
    check_blocks(len(x_BCHW), count)
    arguments = tf_arguments(magnitude, pixels, operations)
    x = x_BCHW.to(torch.uint8)
    chunk = len(x)
    if x.device.type == "cpu":
        chunk = max(CHUNK_BYTES // (count * x[0].numel()), 1) * count
    parts = []
    for start in range(0, len(x), chunk):
        part, drawn = x[start : start + chunk], layers.images(start, start + chunk)
        for layer in range(drawn.operation_BL.shape[1]):
            part = stratified(part, operations, arguments, drawn.layer(layer))
        parts.append(part)
    return torch.cat(parts).to(x_BCHW.dtype)


def tf_arguments(magnitude: Tensor, pixels: Pixels, operations: Sequence[str]) -> list[Tensor]:
    """The argument of each operation in profile "tf", as 0-d tensors."""
    reach = Reach(pixels.translate, pixels.translate, pixels.cutout)
    return [OPERATIONS[name].argument(magnitude / MAX_LEVEL, reach) for name in operations]


def operate(name: str, x_BCHW: Tensor, argument: Tensor, sign_B: Tensor, where_B2: Tensor) -> Tensor:
    """Operation `name` on every image of a uint8 batch."""
    operation = OPERATIONS[name]
    argument_B = sign_B * argument if operation.signed else argument.expand(len(x_BCHW))
    return operation.batched(x_BCHW, argument_B.view(-1, 1, 1, 1), where_B2)


def stratified(x_BCHW: Tensor, operations: Sequence[str], arguments: list[Tensor], layer: Layers) -> Tensor:
    """One layer: the images sorted by operation, one equal slice for each, and back in order.

    `layer` has the draws of one layer alone, so that its tensors lack the dimension L.
    """
    count = len(operations)
    blocks = len(x_BCHW) // count
    block = torch.arange(blocks, device=x_BCHW.device)
    order = (layer.image_BL.view(blocks, count) + block[:, None] * count).t().flatten()
    x, sign, where = (t.index_select(0, order) for t in (x_BCHW, layer.sign_BL, layer.where_BL2))
    slices = [slice(i * blocks, (i + 1) * blocks) for i in range(count)]
    done = [
        operate(name, x[s], argument, sign[s], where[s])
        for name, argument, s in zip(operations, arguments, slices, strict=True)
    ]
    # index_select copies whole images; indexing with [] goes element by element on CPU
    return torch.cat(done).index_select(0, layer.operation_BL * blocks + block.repeat_interleave(count))
