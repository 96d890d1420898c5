"""Images through a network in eval mode, batch by batch: what evaluation and prediction are made of."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from ..augment import EvalPixels, eval_whole_batches, in_whole_batches, normalise
from ..datasets import Images, Unreadable, eval_batches
from ..devices import Device

BATCH = 256


class Pass(NamedTuple):
    """Outputs of one batch, its labels, and 1 for each image, 0 for what only fills the batch up; on the device."""

    logits_BK: Tensor
    labels: Tensor
    valid_B: Tensor


@torch.no_grad()
def passes(
    model: nn.Module,
    images: Images,
    pixels: EvalPixels,
    device: Device,
    unreadable: Unreadable,
    precision: str = "float32",
    workers: int = 0,
    batch_size: int = BATCH,
    progress: bool = False,
) -> Iterator[Pass]:
    """This process's share of `images`, in their order, through `model`. `unreadable` notes those that are left out."""
    if next(model.parameters()).device != device.torch:
        model = device.model(model)
    model.eval()
    share = (pixels.transform, batch_size, device.rank, device.world)
    if in_whole_batches(images, pixels):
        loader = eval_whole_batches(images, *share)
    else:
        loader = eval_batches(images, *share, workers, unreadable)
    total = -(-len(images) // (batch_size * device.world))
    for x_BCHW, labels in tqdm(loader, total=total, disable=None if progress and device.is_main else True):
        valid_B = torch.ones(len(x_BCHW))
        if device.traced and len(x_BCHW) < batch_size:  # a last, shorter batch would be compiled anew
            x_BCHW, labels, valid_B = (pad(t, batch_size) for t in (x_BCHW, labels, valid_B))
        x_BCHW, labels, valid_B = device.put((x_BCHW, labels, valid_B))
        with device.autocast(precision, pixels.size):
            logits_BK = model(normalise(x_BCHW, pixels.normalisation)).float()
        yield Pass(logits_BK, labels, valid_B)
        device.end_step()


def pad(t: Tensor, length: int) -> Tensor:
    """Zeros up to `length` rows."""
    return torch.cat([t, t.new_zeros(length - len(t), *t.shape[1:])])
