"""What memory a training needs, from the shapes of its network alone."""

from dataclasses import replace

import torch
from torch import nn

from ..learning.start import model_of
from ..recipes import Run


def memory_of(run: Run, classes: int, size: int) -> tuple[int, int]:
    """Bytes that a run's largest batch needs, and bytes of its checkpoint, from shapes alone.

    Memory: activations kept for the backward pass, half as many bytes in a precision of 16 bits, and in 32 bits
    weights, gradients, two of the optimizer's numbers for each, and the moving average. Without workspace.
    """
    with torch.device("meta"):
        model = model_of(replace(run, weights=None), classes).train()
    weights = sum(t.numel() * t.element_size() for t in model.state_dict().values())
    few, more = (kept_bytes(model, images, size) for images in (2, 4))
    activations = (more - few) // 2 * (run.recipe.batch_size // run.accumulate)
    return 5 * weights + activations // (1 if run.precision == "float32" else 2), 6 * weights


def kept_bytes(model: nn.Module, images: int, size: int) -> int:
    """Bytes of the tensors that a forward pass keeps for the backward pass, each once."""
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[id(tensor.untyped_storage())] = tensor.untyped_storage().nbytes()
        alive.append(tensor)
        return tensor

    alive: list[torch.Tensor] = []  # so that no identity is used twice
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(torch.empty(images, 3, size, size, device="meta"))
    return sum(kept.values())
