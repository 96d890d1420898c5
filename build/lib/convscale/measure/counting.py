"""Parameters, multiply-adds and activations of any model, in total and stage by stage.

A multiply-add counts once here, as in the EfficientNet papers, which call it a FLOP; ResNet-RS calls it two FLOPs
(RS Table 2 gives EfficientNet-B0 0.8B, V1 Table 2 0.39B). `as_paper_flops` converts.
"""

from contextlib import contextmanager

import pandas as pd
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.utils.flop_counter import FlopCounterMode

from ..errors import check_name

FLOPS_PER_MAC = {"efficientnet": 1, "efficientnetv2": 1, "resnet_rs": 2}

# Layers that keep the shape and have no multiply-adds that count; without them a network takes a third of the time.
UNCOUNTED = (nn.BatchNorm2d, nn.BatchNorm3d, nn.SiLU, nn.ReLU, nn.ReLU6)


def count_params(model: nn.Module, *, statistics: bool = False) -> int:
    """Learnable parameters; with `statistics` also batch norm's running means and variances.

    The list of tensorflow/models MODEL_GARDEN.md counts the latter, the papers do not.
    """
    count = sum(p.numel() for p in model.parameters() if p.requires_grad)
    if statistics:
        for norm in (m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)):
            count += norm.running_mean.numel() + norm.running_var.numel()
    return count


def count_macs(model: nn.Module, image_size: int | tuple[int, ...]) -> int:
    """Multiply-adds of one image in inference: convolutions, matrix products and attention, nothing element-wise.

    `image_size` is in px, or the whole extent: (height, width), for video (frames, height, width).
    Nothing is computed, so size does not matter. TensorFlow's profiler, which the papers' authors may have used,
    also counts norms and gates and gives 0.3 to 0.7 % more.
    """
    with counted(model, image_size) as (flops, _):
        pass
    return flops.get_total_flops() // 2  # torch counts a multiply-add as two


def count_activations(model: nn.Module, image_size: int | tuple[int, ...]) -> int:
    """Elements of the outputs of all convolutions and linear layers for one image (Radosavovic et al. 2020)."""
    with counted(model, image_size) as (_, activations):
        pass
    return sum(activations.values())


def count_stages(model: nn.Module, image_size: int | tuple[int, ...]) -> pd.DataFrame:
    """Params, multiply-adds and activations of every stage; a model that is not ours, of its top-level children.

    Columns: stage, operator, params, multiply_adds, activations. Rows add up to the totals of the other functions.
    """
    names = {module: name for name, module in model.named_modules()}
    if (parts := getattr(model, "parts", None)) is not None:
        groups = [(part.stage, part.row.operator, part.modules) for part in parts()]
    else:
        groups = [(name, type(child).__name__, (child,)) for name, child in model.named_children()]
    with counted(model, image_size) as (flops, activations):
        pass
    by_module = flops.get_flop_counts()
    root = type(model).__name__
    table = []
    for stage, operator, modules in groups:
        inside = {m for module in modules for m in module.modules()}
        macs = sum(sum(by_module.get(f"{root}.{names[m]}", {}).values()) for m in modules) // 2
        params = sum(count_params(m) for m in modules)
        table.append((stage, operator, params, macs, sum(n for m, n in activations.items() if m in inside)))
    return pd.DataFrame(table, columns=["stage", "operator", "params", "multiply_adds", "activations"])


def as_paper_flops(macs: int, paper: str) -> int:
    """`macs` in the unit that `paper` ("efficientnet", "efficientnetv2" or "resnet_rs") calls FLOPs.

    Raises ValueError for another paper.
    """
    return macs * FLOPS_PER_MAC[check_name("paper", paper, FLOPS_PER_MAC)]


def pass_on(x: Tensor) -> Tensor:
    return x


@contextmanager
def counted(model: nn.Module, image_size: int | tuple[int, ...]):
    """Run `model` on one image of meta tensors; yields torch's counter and the activations of every module."""
    size = (image_size, image_size) if isinstance(image_size, int) else image_size
    activations: dict[nn.Module, int] = {}

    def count(module: nn.Module, _, output: Tensor) -> None:
        activations[module] = activations.get(module, 0) + output.numel()

    layers = (nn.modules.conv._ConvNd, nn.Linear)
    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, layers)]
    uncounted = [m for m in model.modules() if type(m) in UNCOUNTED]
    for module in uncounted:
        module.forward = pass_on
    tensors = dict(model.named_parameters()) | dict(model.named_buffers())
    on_meta = {name: torch.empty_like(tensor, device="meta") for name, tensor in tensors.items()}
    training = model.training
    model.eval()
    try:
        with torch.no_grad(), FlopCounterMode(display=False) as flops:
            functional_call(model, on_meta, torch.empty(1, 3, *size, device="meta"))
        yield flops, activations
    finally:
        model.train(training)
        for hook in hooks:
            hook.remove()
        for module in uncounted:
            del module.forward
