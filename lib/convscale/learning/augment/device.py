"""RandAugment on a whole batch, on any device: profile "tf" with nearest-pixel geometry, as the papers' code has it."""

import torch
from torch import Tensor

from ...errors import check_name
from .draws import BLOCK, Draws, check_blocks
from .operations import LAYERS, MAX_LEVEL, NAMES, OPERATIONS, RELEASED, Pixels, Reach

BACKENDS = ("stratified", "grouped")
CHUNK_BYTES = 2**23  # of uint8 pixels that a CPU core works on at a time: they and their copies fit its cache


def randaugment_batch(
    x_BCHW: Tensor, magnitude: Tensor, draws: Draws, pixels: Pixels = RELEASED, backend: str = "stratified"
) -> Tensor:
    """RGB batch of whole numbers 0..255, in uint8 or float, after RandAugment; same dtype.

    `magnitude` is a 0-d tensor on the batch's device, made by `Device.scalars` so that another one compiles nothing;
    `draws` come from `draw_layers` and are there too. Backend "stratified" has static shapes and never reads from the
    device; "grouped", its reference, looks up which images get each operation. Both give the same bits.

    Raises ValueError for an unknown backend and a batch that is not a multiple of 16 images.
    """
    layer = stratified if check_name("backend", backend, BACKENDS) == "stratified" else grouped
    check_blocks(len(x_BCHW))
    arguments = tf_arguments(magnitude, pixels)
    x = x_BCHW.to(torch.uint8)
    chunk = len(x)
    if x.device.type == "cpu":
        chunk = max(CHUNK_BYTES // (BLOCK * x[0].numel()), 1) * BLOCK
    parts = []
    for start in range(0, len(x), chunk):
        part = x[start : start + chunk]
        for i in range(LAYERS):
            part = layer(part, arguments, Draws(*(t[i, start : start + chunk] for t in draws)))
        parts.append(part)
    return torch.cat(parts).to(x_BCHW.dtype)


def tf_arguments(magnitude: Tensor, pixels: Pixels) -> list[Tensor]:
    """The argument of each of `NAMES` in profile "tf", as 0-d tensors."""
    reach = Reach(pixels.translate, pixels.translate, pixels.cutout)
    return [OPERATIONS[name].argument(magnitude / MAX_LEVEL, reach) for name in NAMES]


def operate(i: int, x_BCHW: Tensor, argument: Tensor, sign_B: Tensor, where_B2: Tensor) -> Tensor:
    operation = OPERATIONS[NAMES[i]]
    argument_B = sign_B * argument if operation.signed else argument.expand(len(x_BCHW))
    return operation.batched(x_BCHW, argument_B.view(-1, 1, 1, 1), where_B2)


def stratified(x_BCHW: Tensor, arguments: list[Tensor], draws: Draws) -> Tensor:
    """One layer: the images sorted by operation, one equal slice for each, and back in order."""
    blocks = len(x_BCHW) // BLOCK
    block = torch.arange(blocks, device=x_BCHW.device)
    order = (draws.image_LB.view(blocks, BLOCK) + block[:, None] * BLOCK).t().flatten()
    x, sign, where = (t.index_select(0, order) for t in (x_BCHW, draws.sign_LB, draws.where_LB2))
    slices = [slice(i * blocks, (i + 1) * blocks) for i in range(BLOCK)]
    done = [operate(i, x[s], arguments[i], sign[s], where[s]) for i, s in enumerate(slices)]
    # index_select copies whole images; indexing with [] goes element by element on CPU
    return torch.cat(done).index_select(0, draws.operation_LB * blocks + block.repeat_interleave(BLOCK))


def grouped(x_BCHW: Tensor, arguments: list[Tensor], draws: Draws) -> Tensor:
    """One layer: for each operation the images that drew it, whichever and however many they are."""
    done = torch.empty_like(x_BCHW)
    for i in range(len(NAMES)):
        mine = (draws.operation_LB == i).nonzero().flatten()
        x = x_BCHW.index_select(0, mine)
        done.index_copy_(0, mine, operate(i, x, arguments[i], draws.sign_LB[mine], draws.where_LB2[mine]))
    return done
