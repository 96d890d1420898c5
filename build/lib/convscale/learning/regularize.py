"""Regularization that follows the stage: rates inside the model, and what is said of it before training."""

import warnings

from torch import Tensor, nn

from ..models.blocks import Drop
from ..recipes import Run
from ..recipes.schedule import stages_in_use

KINDS = {"unit": "dropout", "sample": "stochastic depth"}
LOW = 5  # the lowest magnitude of the papers (V2 Table 6), at which Posterize keeps 2 bits and Solarize inverts half
LOW_IS_HARSH = ("Posterize", "Solarize")  # they get weaker as the magnitude rises, see augment/operations.py


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


def warn_of_low_magnitudes(run: Run) -> None:
    """Say once that RandAugment at a low magnitude of the papers' scale, which timm's shares, is not a mild one."""
    recipe, low = run.recipe, min(stage.randaugment for stage in stages_in_use(run.schedule))
    harsh = [name for name in LOW_IS_HARSH if name in recipe.operations]
    if recipe.policy != "randaugment" or recipe.profile == "torchvision" or low >= LOW or not harsh:
        return
    warnings.warn(
        f"RandAugment at magnitude {low:g} of profile {recipe.profile!r} is not mild. Below {LOW} Posterize keeps 1 "
        "bit of a colour, below 2.5 none (a black image), and Solarize inverts nearly all; for mild augmentation use "
        "policy 'none' or profile 'torchvision'",
        stacklevel=2,
    )
