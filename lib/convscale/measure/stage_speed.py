"""Time of single stages of a network in training, and beside them the device's ceilings."""

from collections.abc import Callable, Mapping

import pandas as pd
import torch
from torch import Tensor, nn

from ..devices import Device
from .ceilings import PRODUCT, SIDE
from .speed import LEAST, WARMUP, Case, batch, model_of
from .timing import seconds_by_round


def stage_seconds(cases: Mapping[str, Case], device: Device, precision: str, rounds: int) -> pd.DataFrame:
    """Seconds of a forward and backward pass of the stage of each case, alone, on noise; lines are rounds.

    Without a loss and an optimizer: they belong to no stage. A case of `ceilings.SIDE` takes no stage: it is a product
    of square matrices, which computes much for what it moves, or a copy, which only moves.
    """
    models: dict[object, nn.Module] = {}
    work = {}
    for name, case in cases.items():
        if case.network in SIDE:
            work[name] = ceiling(case, device, precision)
            continue
        if case.network not in models:
            models[case.network] = model_of(case, device).train()
        work[name] = stage_pass(models[case.network], case, device, precision)
    least = 0.0 if device.kind == "cpu" else LEAST
    return seconds_by_round(work, rounds, WARMUP, device, least=least)


def ceiling(case: Case, device: Device, precision: str) -> Callable[[], Tensor]:
    """A call that multiplies, or copies, as many matrices as the batch has items."""
    side = case.image_sizes[0]
    (x_BNN,) = device.put((torch.randn(case.batch, side, side),))
    target_BNN = torch.empty_like(x_BNN)

    def product() -> Tensor:
        with device.autocast(precision, side):
            return torch.bmm(x_BNN, x_BNN)

    return product if case.network == PRODUCT else lambda: target_BNN.copy_(x_BNN)


def stage_pass(model: nn.Module, case: Case, device: Device, precision: str) -> Callable[[], Tensor]:
    """A call of one stage, forward and backward, on what the stages before make of noise."""
    size = case.image_sizes[0]
    images_BCHW, _ = batch(case, size, device)
    stages = [forward_of(model, part.stage) for part in model.parts()]  # type: ignore[operator]
    x_BCHW = images_BCHW.to(memory_format=torch.channels_last)
    with torch.no_grad(), device.autocast(precision, size):
        for before in stages[: case.stage]:
            x_BCHW = before(x_BCHW)
    x_BCHW = x_BCHW.detach().requires_grad_(case.stage != 0)  # images need no gradient
    own = [parameter for module in model.parts()[case.stage].modules for parameter in module.parameters()]  # type: ignore[operator]
    with torch.no_grad(), device.autocast(precision, size):
        gradient = torch.randn_like(stages[case.stage](x_BCHW))

    def call() -> Tensor:
        with device.autocast(precision, size):
            y = stages[case.stage](x_BCHW)
        y.backward(gradient)
        for leaf in (x_BCHW, *own):
            leaf.grad = None
        device.end_step()
        return y.detach()

    return call


def forward_of(model: nn.Module, stage: int) -> Callable[[Tensor], Tensor]:
    """What one part of a network does to its input."""
    parts = model.parts()  # type: ignore[operator]

    def blocks(x: Tensor) -> Tensor:
        for module in parts[stage].modules:
            x = module(x)
        return x

    def head(x: Tensor) -> Tensor:
        features, dropout, classifier = parts[stage].modules
        return classifier(dropout(features(x).mean((2, 3))))

    return head if stage == len(parts) - 1 else blocks
