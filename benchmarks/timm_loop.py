"""timm's training loop, to compare ours with: the steps of its train.py, which the package does not install.

Pieces and defaults are train.py's (timm 1.0.31) with --opt rmsproptf, --model-ema and --channels-last: loader with
prefetcher, loss read at each step for the log. What only prints, saves or validates is left out.
"""

from collections.abc import Iterator
from pathlib import Path

import timm
import torch
from timm.data import create_dataset, create_loader
from timm.loss import LabelSmoothingCrossEntropy
from timm.optim import create_optimizer_v2
from timm.utils import AverageMeter, ModelEmaV3
from torch import Tensor, nn

from convscale.devices import Device


def images(root: Path, image_size: int, batch: int, policy: str, workers: int, device: Device) -> Iterator:
    """Batches of root/train without end: timm's crop, flip and RandAugment, normalised on the device."""
    loader = create_loader(
        create_dataset("", root=str(root), split="train"),
        input_size=(3, image_size, image_size),
        batch_size=batch,
        is_training=True,
        color_jitter=None,
        auto_augment=policy,
        interpolation="bilinear",
        scale=(0.05, 1.0),
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=device.kind == "cuda",
        device=device.torch,
    )
    while True:
        yield from loader


class TimmLoop:
    """Network, optimizer and averages; calling it takes one step."""

    def __init__(self, model: str, classes: int, dropout: float, drop_path: float, precision: str, device: Device):
        network = timm.create_model(model, num_classes=classes, drop_rate=dropout, drop_path_rate=drop_path)
        # `device.model` would treat a CPU's depthwise convolutions as train.py does not
        self.model = network.to(device.torch, memory_format=torch.channels_last).train()
        self.optimizer = create_optimizer_v2(self.model, "rmsproptf", lr=1e-3, weight_decay=1e-5, eps=1e-3)
        self.ema = ModelEmaV3(self.model, decay=0.9999)
        self.loss: nn.Module = LabelSmoothingCrossEntropy(0.1)
        self.losses = AverageMeter()
        self.device, self.precision, self.step = device, precision, 0

    def __call__(self, x_BCHW: Tensor, labels_B: Tensor) -> None:
        x_BCHW = x_BCHW.contiguous(memory_format=torch.channels_last)
        with self.device.autocast(self.precision, x_BCHW.shape[-1]):
            loss = self.loss(self.model(x_BCHW), labels_B)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.step += 1
        self.ema.update(self.model, step=self.step)
        self.losses.update(loss.item(), len(x_BCHW))
