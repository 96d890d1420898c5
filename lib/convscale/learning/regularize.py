"""Rates inside the model that follow the stage: dropout before the classifier, and stochastic depth."""

import warnings

from torch import Tensor, nn

from ..models.blocks import Drop

KINDS = {"unit": "dropout", "sample": "stochastic depth"}


def set_rates(model: nn.Module, *, dropout: Tensor | float | None = None, drop_path: Tensor | float | None = None):
    """Overwrite the rates of our `Drop` modules in place; a tensor never reaches the host."""
    for module in model.modules():
        if isinstance(module, Drop):
            rate = dropout if module.per == "unit" else drop_path
            if rate is not None:
                module.rate.copy_(rate) if isinstance(rate, Tensor) else module.rate.fill_(rate)


def warn_of_missing_drops(model: nn.Module, name: str, dropout: float, drop_path: float) -> None:
    """Say once what the schedule asks for and the model does not have."""
    present = {module.per for module in model.modules() if isinstance(module, Drop)}
    for per, rate in (("unit", dropout), ("sample", drop_path)):
        if rate > 0 and per not in present:
            warnings.warn(f"{name} has no {KINDS[per]}: the rate of {rate:g} has no effect", stacklevel=2)
