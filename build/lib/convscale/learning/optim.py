"""Optimizers by name, which weights decay, and the moving average of weights."""

import copy
import re
from functools import partial

import torch
from timm.optim import RMSpropTF
from torch import Tensor, nn

from ..errors import check_name
from ..recipes.recipe import Recipe

# Normalisation layers by type. Scales of other names, such as timm's LayerScale, are found by VECTOR_NAMES.
NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm)
VECTOR_NAMES = re.compile("bias|gamma|beta")  # automl hparams.py `weight_decay_exclude`
NO_DECAY = ("vectors", "norms")


class Sgd(torch.optim.SGD):
    """torch's, without its reading back of a learning rate that is a tensor (measured on XLA: once a weight and step).

    torch multiplies by a tensor that requires a gradient, and reads any other. No gradient is computed here.
    """

    def step(self, closure=None):
        for group in self.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].requires_grad_()
        return super().step(closure)


def adamw(groups: list[dict], lr: float, traced: bool) -> torch.optim.AdamW:
    """All weights in one pass over memory, "fused" in torch's words. Traced, its step count is on the device, where no
    changing value is then part of the graph (measured on XLA: a learning rate or bias correction that equals another
    constant compiles the step again)."""
    optimizer = torch.optim.AdamW(groups, lr=lr, capturable=traced, fused=not traced)
    optimizer.register_load_state_dict_post_hook(
        partial(fit_to_device, capturable=traced, foreach=None, fused=not traced)
    )
    return optimizer


def fit_to_device(optimizer: torch.optim.Optimizer, **ways: bool | None) -> None:
    """Compute a loaded AdamW state in the `ways` of this device, not in those of the one that saved it.

    The fused way reads step counts beside the weights, and moments in the order of the weights in memory, unchecked
    on a CPU (torch 2.9); a state from XLA or of `foreach` has others.
    """
    for group in optimizer.param_groups:
        group.update(ways)
    for weight, state in optimizer.state.items():
        state["step"] = state["step"].to(weight.device)
        for moment in ("exp_avg", "exp_avg_sq"):
            state[moment] = torch.empty_like(weight).copy_(state[moment])


OPTIMIZERS = {
    # RMSProp 0.9 / 0.9 (V1 §5.2, V2 §5.1) with TensorFlow's semantics: epsilon 1e-3 (tpu efficientnet utils.py)
    # inside the root, accumulator starting at 1, learning rate inside the momentum buffer. timm updates all weights at
    # once on CUDA and one by one elsewhere, and takes a tensor learning rate as it is.
    "rmsprop_tf": lambda groups, lr, traced: RMSpropTF(groups, lr=lr, alpha=0.9, momentum=0.9, eps=1e-3),
    "sgd": lambda groups, lr, traced: Sgd(groups, lr=lr, momentum=0.9, nesterov=True),  # tpu resnet_main.py
    "momentum": lambda groups, lr, traced: Sgd(groups, lr=lr, momentum=0.9),  # garden image_classification.py
    "adamw": adamw,
}


def decay_groups(model: nn.Module, weight_decay: float, no_decay: str = "vectors") -> list[dict]:
    """Parameter groups of the trained weights: those that decay, and those that do not.

    `no_decay` = "vectors": biases and the weights of norms do not (automl hparams.py, by name). "norms": the weights
    of norms do not; biases of squeeze-and-excite and of the classifier decay (tpu efficientnet main.py and
    resnet_main.py, whatever is not named batch_normalization). Layers are told by their type.
    Raises ValueError for another rule.
    """
    vectors = check_name("no_decay", no_decay, NO_DECAY) == "vectors"
    kept = {
        id(parameter)
        for module in model.modules()
        for name, parameter in module.named_parameters(recurse=False)
        if isinstance(module, NORMS) or (vectors and VECTOR_NAMES.search(name))
    }
    trained = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in trained if id(p) not in kept], "weight_decay": weight_decay},
        {"params": [p for p in trained if id(p) in kept], "weight_decay": 0.0},
    ]


def optimizer_for(model: nn.Module, recipe: Recipe, traced: bool = False) -> torch.optim.Optimizer:
    """The recipe's optimizer over the weights of `model` that are trained, which must be on their device.

    `traced` is that of the device. `lr` of its groups may be set to a float, and where steps are traced to a 0-d
    tensor (`Device.number`): nothing is then read back or compiled anew.
    Raises ValueError for an unknown optimizer or rule of weight decay.
    """
    make = OPTIMIZERS[check_name("optimizer", recipe.optimizer, OPTIMIZERS)]
    return make(decay_groups(model, recipe.weight_decay, recipe.no_decay), recipe.learning_rate, traced)


@torch.no_grad()
def init_state(optimizer: torch.optim.Optimizer) -> None:
    """Create the state that the first step would create, so that XLA compiles the step once and not twice.

    A step with gradients of 0 creates it; then it is set to its start (TensorFlow's mean square is 1, all else 0) and
    the weights to what they were. Gradients are None afterwards.
    """
    weights = [p for group in optimizer.param_groups for p in group["params"]]
    before = [weight.clone() for weight in weights]
    for weight in weights:
        weight.grad = torch.zeros_like(weight)
    optimizer.step()
    for state in optimizer.state.values():
        for name, value in state.items():
            value.fill_(1 if name == "square_avg" else 0)
    for weight, value in zip(weights, before, strict=True):
        weight.copy_(value)
    optimizer.zero_grad()


class Ema:
    """Exponential moving average of weights *and* batch norm statistics (automl utils.py `get_ema_vars`)."""

    def __init__(self, model: nn.Module):
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        pairs = list(zip(self.model.state_dict().values(), model.state_dict().values(), strict=True))
        self.averages = [mean for mean, _ in pairs if mean.is_floating_point()]
        self.sources = [value for mean, value in pairs if mean.is_floating_point()]

    @torch.no_grad()
    def update(self, weight: Tensor | float) -> None:
        """Move by `weight` = 1 - decay towards the model: a float, or a 0-d tensor beside the weights.

        Where steps are traced only the tensor serves: a float is compiled into the graph when it equals another
        constant.
        """
        if isinstance(weight, Tensor) and weight.device.type != "cpu":
            # lerp with one tensor weight for all would read it back; these three pass it on.
            moves = torch._foreach_sub(self.sources, self.averages)
            torch._foreach_mul_(moves, weight)
            torch._foreach_add_(self.averages, moves)
        else:
            torch._foreach_lerp_(self.averages, self.sources, float(weight))
