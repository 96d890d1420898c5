"""Optimizers by name, and the moving average of weights."""

import copy

import torch
from timm.optim import RMSpropTF
from torch import nn

from ..errors import check_name

OPTIMIZERS = {
    # RMSProp 0.9 / 0.9 (V1 §5.2, V2 §5.1) with TensorFlow's semantics: epsilon 1e-3 (tpu efficientnet utils.py)
    # inside the root, accumulator starting at 1, learning rate inside the momentum buffer.
    "rmsprop_tf": lambda groups, lr: RMSpropTF(groups, lr=lr, alpha=0.9, momentum=0.9, eps=1e-3),
    "sgd": lambda groups, lr: torch.optim.SGD(groups, lr=lr, momentum=0.9, nesterov=True),
    "adamw": lambda groups, lr: torch.optim.AdamW(groups, lr=lr, foreach=True),
}


def optimizer_for(model: nn.Module, name: str, learning_rate: float, weight_decay: float) -> torch.optim.Optimizer:
    """The named optimizer; biases and batch norm's weights do not decay (automl hparams.py, a regex on their names)."""
    decayed = [p for p in model.parameters() if p.dim() > 1]
    kept = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": kept, "weight_decay": 0.0}]
    return OPTIMIZERS[check_name("optimizer", name, OPTIMIZERS)](groups, learning_rate)


class Ema:
    """Exponential moving average of weights *and* batch norm statistics (automl utils.py `get_ema_vars`)."""

    def __init__(self, model: nn.Module):
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        pairs = list(zip(self.model.state_dict().values(), model.state_dict().values(), strict=True))
        self.averages = [mean for mean, _ in pairs if mean.is_floating_point()]
        self.sources = [value for mean, value in pairs if mean.is_floating_point()]

    @torch.no_grad()
    def update(self, weight: float) -> None:
        """Move by `weight` = 1 - decay towards the model (a tensor here would be read back at every step)."""
        torch._foreach_lerp_(self.averages, self.sources, weight)
