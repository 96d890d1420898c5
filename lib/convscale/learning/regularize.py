"""Rates inside the model that follow the stage."""

from torch import Tensor, nn

from ..models.blocks import Drop


def set_rates(model: nn.Module, *, dropout: Tensor | float | None = None, drop_path: float | None = None) -> None:
    """Overwrite the rates of our `Drop` modules in place; a tensor never reaches the host."""
    for module in model.modules():
        if isinstance(module, Drop):
            rate = dropout if module.per == "unit" else drop_path
            if rate is not None:
                module.rate.copy_(rate) if isinstance(rate, Tensor) else module.rate.fill_(rate)
