"""`make bench`: its parts by name, and our networks against timm's same ones, forward and training step."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import timm
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from ..devices import Device
from ..models import build
from .bench_augment import compare_augmentation
from .bench_compile import compare_compiled
from .bench_training import compare_training
from .timing import interleaved

# (ours, timm's, image size in px, batch size): small enough for one CPU core
PAIRS = (
    ("efficientnetv2-b0", "tf_efficientnetv2_b0", 96, 16),
    ("efficientnetv2-s", "tf_efficientnetv2_s", 96, 8),
    ("efficientnet-b0", "tf_efficientnet_b0", 96, 16),
    ("resnet-rs-50", "resnetrs50", 96, 8),
)


def compare_models(device: Device, rounds: int = 7) -> pd.DataFrame:
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


# What `convscale measure bench` measures, by name: a table of so many rounds on a device, and its protocol.
PARTS: dict[str, Callable[[Device, int], pd.DataFrame]] = {
    "training": compare_training,
    "networks": compare_models,
    "augmentation": lambda device, rounds: compare_augmentation(rounds),
    "compilation": compare_compiled,
}
