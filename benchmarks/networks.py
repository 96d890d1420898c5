"""Our networks against timm's same ones, forward and training step."""

from functools import partial

import pandas as pd
import timm
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from convscale.devices import Device
from convscale.measure.timing import interleaved
from convscale.models import build

# (ours, timm's, image size in px, batch size): small enough for one CPU core
PAIRS = (
    ("efficientnetv2-b0", "tf_efficientnetv2_b0", 96, 16),
    ("efficientnetv2-s", "tf_efficientnetv2_s", 96, 8),
    ("efficientnet-b0", "tf_efficientnet_b0", 96, 16),
    ("resnet-rs-50", "resnetrs50", 96, 8),
)


def compare_networks(device: Device, rounds: int = 7) -> pd.DataFrame:
    """Seconds of timm's and our network, forward (eval mode) and whole training step (SGD), one line each.

    `ratio` is timm's seconds / ours, above 1 is faster than timm.
    """
    tables = []
    for ours, theirs, size, batch_size in PAIRS:
        pair = {"timm": device.model(timm.create_model(theirs)), "convscale": device.model(build(ours))}
        x_BCHW, labels_B = device.put((torch.randn(batch_size, 3, size, size), torch.arange(batch_size)))
        for what, function in (("forward", forward), ("step", step)):
            work = {name: partial(function, model, x_BCHW, labels_B) for name, model in pair.items()}
            table = interleaved(work, rounds, device=device)
            tables.append(table.assign(model=ours, px=size, batch=batch_size, what=what))
    result = pd.concat(tables).rename_axis("library").reset_index()
    result.attrs["protocol"] = f"{tables[0].attrs['protocol']}, channels last, float32; ratio = timm's seconds / ours"
    return result[["model", "px", "batch", "what", "library", "median", "min", "max", "ratio"]]


@torch.no_grad()
def forward(model: nn.Module, x_BCHW: torch.Tensor, labels_B: torch.Tensor) -> None:
    model.eval()(x_BCHW)


def step(model: nn.Module, x_BCHW: torch.Tensor, labels_B: torch.Tensor) -> None:
    model.train().zero_grad()
    cross_entropy(model(x_BCHW), labels_B).backward()
    with torch.no_grad():
        parameters = list(model.parameters())
        torch._foreach_add_(parameters, [p.grad for p in parameters], alpha=-1e-4)
