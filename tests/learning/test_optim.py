"""Optimizers against their formulas, the state made in advance, what decays, and the moving average."""

import copy
from dataclasses import replace

import pytest
import timm
import torch
from torch import nn

from convscale.learning.optim import NORMS, OPTIMIZERS, Ema, decay_groups, init_state, optimizer_for
from convscale.models import build
from convscale.recipes.recipe import V2_PAPER


def recipe(optimizer="rmsprop_tf", learning_rate=0.1, weight_decay=0.0, no_decay="vectors"):
    changes = dict(optimizer=optimizer, learning_rate=learning_rate, weight_decay=weight_decay, no_decay=no_decay)
    return replace(V2_PAPER, **changes)


@pytest.fixture(scope="module")
def network():
    return build("efficientnetv2-tiny", num_classes=10)


class Two(nn.Module):
    """A weight that decays and a bias that does not."""

    def __init__(self):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.tensor([[1.0]])), nn.Parameter(torch.tensor([5.0]))


def test_rmsprop_takes_tensorflows_first_steps():
    """TF 1's RMSPropOptimizer: mean square from 1, epsilon under the root, learning rate inside the momentum."""
    model = Two()
    optimizer = optimizer_for(model, recipe(weight_decay=0.5))
    w, square, momentum = 1.0, 1.0, 0.0
    for gradient, lr in ((2.0, 0.1), (-3.0, 0.02)):
        optimizer.param_groups[0]["lr"] = lr
        model.weight.grad, model.bias.grad = torch.tensor([[gradient]]), torch.tensor([0.0])
        optimizer.step()
        g = gradient + 0.5 * w  # coupled: weight decay is part of the gradient
        square = 0.9 * square + 0.1 * g * g
        momentum = 0.9 * momentum + lr * g / (square + 1e-3) ** 0.5
        w -= momentum
        assert model.weight.item() == pytest.approx(w, rel=1e-6)
    assert model.bias.item() == 5.0  # a bias does not decay


def test_rmsprop_golden_first_step():
    # g = 2: mean square 0.9 + 0.1 x 4 = 1.3; step 0.1 x 2 / sqrt(1.301) = 0.175344
    model = Two()
    optimizer = optimizer_for(model, recipe())
    model.weight.grad = torch.tensor([[2.0]])
    optimizer.step()
    assert model.weight.item() == pytest.approx(1 - 0.175344, abs=1e-6)


@pytest.mark.parametrize(("name", "nesterov"), [("sgd", True), ("momentum", False)])
@pytest.mark.parametrize("lr", [0.1, torch.tensor(0.1)])
def test_momentum_steps_with_a_float_or_tensor_learning_rate(name, nesterov, lr):
    model = Two()
    optimizer = optimizer_for(model, recipe(name, weight_decay=0.5))
    w, buffer = 1.0, 0.0
    for gradient in (2.0, -3.0, 1.0):
        optimizer.param_groups[0]["lr"] = optimizer.param_groups[1]["lr"] = lr
        model.weight.grad = torch.tensor([[gradient]])
        optimizer.step()
        g = gradient + 0.5 * w
        buffer = 0.9 * buffer + g
        w -= 0.1 * (g + 0.9 * buffer if nesterov else buffer)
        assert model.weight.item() == pytest.approx(w, rel=1e-6)
    assert not model.weight.grad.requires_grad


def test_names_that_do_not_exist_are_refused(network):
    with pytest.raises(ValueError, match="unknown optimizer 'adam': did you mean adamw"):
        optimizer_for(network, recipe("adam"))
    with pytest.raises(ValueError, match="unknown no_decay 'norm': did you mean norms"):
        optimizer_for(network, recipe(no_decay="norm"))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_state_made_in_advance_is_what_the_first_step_makes(network, name):
    models = copy.deepcopy(network), copy.deepcopy(network)
    optimizers = [optimizer_for(model, recipe(name, weight_decay=1e-2)) for model in models]
    init_state(optimizers[0])
    assert all(map(torch.equal, models[0].parameters(), models[1].parameters()))  # no weight has moved
    assert all(p.grad is None for p in models[0].parameters())
    assert {len(o.state) for o in optimizers} == {0, len(list(network.parameters()))}
    for step in range(3):
        for model, optimizer in zip(models, optimizers, strict=True):
            torch.manual_seed(step)
            for p in model.parameters():
                p.grad = torch.randn_like(p)
            optimizer.step()
        assert all(map(torch.equal, models[0].parameters(), models[1].parameters()))
        for ours, theirs in zip(*(model.parameters() for model in models), strict=True):
            states = optimizers[0].state[ours], optimizers[1].state[theirs]
            assert states[0].keys() == states[1].keys()
            assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
            assert all(states[0][key].stride() == states[1][key].stride() for key in states[0])


def test_adamw_goes_on_from_a_state_that_another_device_or_version_saved():
    """Computed in another way, with moments laid out as on XLA: contiguous, where ours are channels last."""
    torch.manual_seed(0)
    there = nn.Conv2d(4, 8, 3)
    here = copy.deepcopy(there).to(memory_format=torch.channels_last)
    theirs, ours = (
        torch.optim.AdamW(decay_groups(there, 0.0), lr=0.1, foreach=True),
        optimizer_for(here, recipe("adamw")),
    )
    for step in range(4):
        for model in (there, here):
            torch.manual_seed(step)
            for p in model.parameters():
                p.grad = torch.empty_like(p).copy_(torch.randn(p.shape))
        if step == 2:
            here.load_state_dict(there.state_dict())
            ours.load_state_dict(copy.deepcopy(theirs.state_dict()))
        theirs.step()
        if step >= 2:
            ours.step()
    for mine, other in zip(here.parameters(), there.parameters(), strict=True):
        torch.testing.assert_close(mine, other)
    assert [(group["fused"], group["foreach"]) for group in ours.param_groups] == [(True, None)] * 2


def split(model, no_decay):
    """Names of the weights that decay, and of those that do not; together all of them."""
    groups = decay_groups(model, 1e-5, no_decay)
    assert [group["weight_decay"] for group in groups] == [1e-5, 0]
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    found = [{names[id(p)] for p in group["params"]} for group in groups]
    assert found[0] | found[1] == set(names.values()) and not found[0] & found[1]
    return found


MODELS = ["efficientnetv2-tiny", "resnet-rs-50", "resnet3d-rs-50", "timm:efficientnet_b0", "timm:convnext_atto"]


@pytest.mark.parametrize("name", MODELS)
def test_only_convolutions_and_matrices_decay_by_the_rule_of_v2(name):
    with torch.device("meta"):
        model = build(name)
    decayed, kept = split(model, "vectors")
    norms = {n for n, module in model.named_modules() if isinstance(module, NORMS)}
    assert all(n.endswith("weight") and n.rpartition(".")[0] not in norms for n in decayed)
    assert {n for n in kept if n.rpartition(".")[0] not in norms} == {
        n for n, p in model.named_parameters() if p.dim() < 2 and n.rpartition(".")[0] not in norms
    }


@pytest.mark.parametrize("name", MODELS)
def test_biases_decay_too_by_the_rule_of_v1(name):
    with torch.device("meta"):
        model = build(name)
    decayed, kept = split(model, "norms")
    norms = {n for n, module in model.named_modules() if isinstance(module, NORMS)}
    assert {n.rpartition(".")[0] for n in kept} == norms
    assert {n for n, p in model.named_parameters() if n.endswith("bias")} - kept <= decayed
    assert sum(n.endswith("bias") for n in decayed) > 1 or name == "timm:convnext_atto"


def test_a_scale_called_gamma_is_a_vector():
    model = timm.create_model("convnext_atto", conv_mlp=True)
    gammas = {n for n, _ in model.named_parameters() if n.endswith("gamma")}
    assert gammas and gammas <= split(model, "vectors")[1] and gammas <= split(model, "norms")[0]


def test_frozen_weights_are_left_out():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[0].requires_grad_(False)
    optimizer = optimizer_for(model, recipe())
    assert [len(group["params"]) for group in optimizer.param_groups] == [1, 1]


@pytest.mark.parametrize("as_tensor", [False, True])
def test_ema_is_the_loop_over_weights_and_batch_norm_statistics(as_tensor):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).train()
    ema = Ema(model)
    wanted = {name: value.double().clone() for name, value in model.state_dict().items()}
    for decay in (0.1, 0.5, 0.9, 0.999):
        model(torch.randn(8, 3, 6, 6) + 3)  # moves the statistics
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter))
        ema.update(torch.tensor(1 - decay) if as_tensor else 1 - decay)
        for name, value in model.state_dict().items():
            wanted[name] = decay * wanted[name] + (1 - decay) * value.double()
    found = ema.model.state_dict()
    for name in ("0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"):
        torch.testing.assert_close(found[name].double(), wanted[name], rtol=1e-6, atol=1e-6)
    assert found["1.running_mean"].abs().max() > 0.5  # they were averaged, not left at 0
    assert not ema.model.training and not any(p.requires_grad for p in ema.model.parameters())


def test_ema_follows_a_model_whose_state_was_loaded():
    model = nn.Linear(2, 2)
    ema = Ema(model)
    model.load_state_dict({"weight": torch.ones(2, 2), "bias": torch.ones(2)})
    ema.model.load_state_dict({"weight": torch.zeros(2, 2), "bias": torch.zeros(2)})
    ema.update(0.25)
    assert ema.model.weight.tolist() == [[0.25, 0.25], [0.25, 0.25]]
