"""Optimizers, the moving average and the rates inside the model, against their formulas."""

import copy

import pytest
import torch
from torch import nn

from convscale.learning.optim import Ema, optimizer_for
from convscale.learning.regularize import set_rates
from convscale.models import build
from convscale.models.blocks import Drop


@pytest.fixture(scope="module")
def network():
    return build("efficientnetv2-tiny", num_classes=10)


def test_rmsprop_takes_tensorflows_first_steps():
    """TF 1's RMSPropOptimizer: mean square from 1, epsilon under the root, learning rate inside the momentum."""
    weight, bias = nn.Parameter(torch.tensor([[1.0]])), nn.Parameter(torch.tensor([5.0]))
    model = nn.Module()
    model.weight, model.bias = weight, bias
    optimizer = optimizer_for(model, "rmsprop_tf", learning_rate=0.1, weight_decay=0.5)
    w, square, momentum = 1.0, 1.0, 0.0
    for gradient in (2.0, -3.0):
        weight.grad, bias.grad = torch.tensor([[gradient]]), torch.tensor([0.0])
        optimizer.step()
        g = gradient + 0.5 * w  # coupled: weight decay is part of the gradient
        square = 0.9 * square + 0.1 * g * g
        momentum = 0.9 * momentum + 0.1 * g / (square + 1e-3) ** 0.5
        w -= momentum
        assert weight.item() == pytest.approx(w, rel=1e-6)
    assert bias.item() == 5.0  # a bias does not decay


def test_rmsprop_golden_first_step():
    # g = 2: mean square 0.9 + 0.1 x 4 = 1.3; step 0.1 x 2 / sqrt(1.301) = 0.175344
    weight = nn.Parameter(torch.tensor([[1.0]]))
    model = nn.Module()
    model.weight = weight
    optimizer = optimizer_for(model, "rmsprop_tf", learning_rate=0.1, weight_decay=0.0)
    weight.grad = torch.tensor([[2.0]])
    optimizer.step()
    assert weight.item() == pytest.approx(1 - 0.175344, abs=1e-6)


def test_unknown_optimizer_is_refused(network):
    with pytest.raises(ValueError, match="unknown optimizer 'adam': did you mean adamw"):
        optimizer_for(network, "adam", 0.1, 0.0)


@pytest.mark.parametrize("name", ["rmsprop_tf", "sgd", "adamw"])
def test_only_convolutions_and_matrices_decay(network, name):
    decayed, kept = optimizer_for(network, name, 0.1, 1e-5).param_groups
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    kinds = {id(p): type(m) for m in network.modules() for p in m.parameters(recurse=False)}
    assert (decayed["weight_decay"], kept["weight_decay"]) == (1e-5, 0)
    assert sorted(names[id(p)] for g in (decayed, kept) for p in g["params"]) == sorted(names.values())
    assert all(names[id(p)].endswith("weight") for p in decayed["params"])
    assert not any(issubclass(kinds[id(p)], nn.BatchNorm2d) for p in decayed["params"])
    assert all(names[id(p)].endswith("bias") or issubclass(kinds[id(p)], nn.BatchNorm2d) for p in kept["params"])


def test_ema_is_the_loop_over_weights_and_batch_norm_statistics():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).train()
    ema = Ema(model)
    wanted = {name: value.double().clone() for name, value in model.state_dict().items()}
    for decay in (0.1, 0.5, 0.9, 0.999):
        model(torch.randn(8, 3, 6, 6) + 3)  # moves the statistics
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter))
        ema.update(1 - decay)
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


def test_set_rates_reaches_each_kind_of_drop(network):
    model = copy.deepcopy(network)
    drops = [m for m in model.modules() if isinstance(m, Drop)]
    buffers = [d.rate.data_ptr() for d in drops]
    units, samples = ([d for d in drops if d.per == per] for per in ("unit", "sample"))
    assert len(units) == 1 and len(samples) > 1
    set_rates(model, dropout=torch.tensor(0.25))
    assert [d.rate.item() for d in units] == [0.25] and 0.25 not in [d.rate.item() for d in samples]
    set_rates(model, drop_path=0.5)
    assert [d.rate.item() for d in units] == [0.25] and {d.rate.item() for d in samples} == {0.5}
    assert [d.rate.data_ptr() for d in drops] == buffers  # written in place: a compiled graph sees it


def test_the_rate_decides_what_is_dropped():
    torch.manual_seed(0)
    drop = Drop(0.5, "unit").train()
    drop.rate.fill_(0.2)
    dropped = drop(torch.ones(100, 1000))
    assert dropped.unique().tolist() == pytest.approx([0, 1.25])  # 1.25 = 1 / 0.8
    assert (dropped == 0).float().mean().item() == pytest.approx(0.2, abs=0.006)  # five standard deviations
    assert torch.equal(drop.eval()(torch.ones(3, 3)), torch.ones(3, 3))
