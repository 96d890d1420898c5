"""Batch norm's statistics as means over forward passes: of the parts of an accumulated batch, and of training images
for weights that are averages (precise batch norm).

An average of weights has seen no batch: its statistics are those of the weights that it averages, each at its time.
Taking them anew on training images is "precise batch norm" (Wu and Johnson, Rethinking "Batch" in BatchNorm, 2021, §3).
"""

import copy

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ..augment import EvalPixels, normalise
from ..datasets import Images, Unreadable, eval_batches
from ..devices import Device
from .batchnorm import PLAIN, as_kind


class PassStatistics:
    """The mean over forward passes of what the batch norms of `model` find in each.

    With momentum 1 a layer leaves a pass's statistics where it otherwise keeps running ones, on every device and
    without another value in the graph; what the momentum was, `move` makes of it.
    """

    def __init__(self, model: nn.Module):
        norms = [m for m in model.modules() if isinstance(m, _BatchNorm) and m.momentum is not None]
        norms = [norm for norm in norms if norm.running_mean is not None]
        self.buffers = [buffer for norm in norms for buffer in (norm.running_mean, norm.running_var)]
        self.momenta = [norm.momentum for norm in norms for _ in range(2)]
        for norm in norms:
            norm.momentum = 1.0

    @torch.no_grad()
    def begin(self) -> None:
        self.before: list[Tensor] = [buffer.clone() for buffer in self.buffers]
        self.sums: list[Tensor] = [torch.zeros_like(buffer) for buffer in self.buffers]
        self.passes = 0

    @torch.no_grad()
    def note(self) -> None:
        """After a forward pass."""
        for total, buffer in zip(self.sums, self.buffers, strict=True):
            total.add_(buffer)
        self.passes += 1

    @torch.no_grad()
    def move(self) -> None:
        """Running statistics as one pass over all that was noted would have moved them."""
        for buffer, before, total, momentum in zip(self.buffers, self.before, self.sums, self.momenta, strict=True):
            buffer.copy_(before.lerp_(total / self.passes, momentum))

    @torch.no_grad()
    def settle(self) -> None:
        """The mean of what was noted as the statistics."""
        for buffer, total in zip(self.buffers, self.sums, strict=True):
            buffer.copy_(total / self.passes)


@torch.no_grad()
def with_precise_statistics(
    model: nn.Module, images: Images, pixels: EvalPixels, device: Device, precision: str, workers: int, batch_size: int
) -> nn.Module:
    """A copy of `model`, in eval mode, whose batch norms have the mean statistics of the batches of `images`.

    The images are shown as in evaluation, `batch_size` at a time over all processes. Unreadable ones are left out.
    """
    model = copy.deepcopy(model).eval()
    for name, layer in list(model.named_modules()):
        if isinstance(layer, _BatchNorm):
            plain = as_kind(PLAIN.get(type(layer), type(layer)), layer).train()
            plain.momentum = 1.0
            if layer is not model:
                model.set_submodule(name, plain)
    found = PassStatistics(model)
    found.begin()
    share = device.seen(batch_size)
    loader = eval_batches(images, pixels.transform, share, device.rank, device.world, workers, Unreadable(images))
    for x_BCHW, _ in loader:
        (x_BCHW,) = device.put((x_BCHW,))
        with device.autocast(precision, pixels.size):
            model(normalise(x_BCHW, pixels.normalisation))
        found.note()
        device.end_step()
    found.settle()
    device.mean_buffers_(found.buffers)
    return model.eval()
