"""Grouped batch norm against torch's own layer on each group, in one process."""

import copy

import pytest
import timm
import torch
from timm.layers import BatchNormAct2d
from torch import nn

from convscale.devices import Device
from convscale.learning import batchnorm
from convscale.learning.batchnorm import set_batch_norm
from convscale.models import build

CPU = Device("cpu")


def images(*shape: int, dtype=torch.float64) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return 3 + 2 * torch.randn(*shape, dtype=dtype, generator=generator)


def layer_with_weights(layer: nn.Module) -> nn.Module:
    with torch.no_grad():
        layer.weight.copy_(torch.linspace(0.5, 2, layer.num_features))
        layer.bias.copy_(torch.linspace(-1, 1, layer.num_features))
    return layer.double()


def grouped(layer: nn.Module, group: int, batch_size: int) -> nn.Module:
    return set_batch_norm(copy.deepcopy(layer), CPU, batch_size=batch_size, group=group)


def by_hand(layer: nn.Module, x: torch.Tensor, group: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Output and running statistics: a fresh copy of `layer` for each group, and the mean of what they then hold."""
    copies = [copy.deepcopy(layer) for _ in x.split(group)]
    y = torch.cat([part(x_part) for part, x_part in zip(copies, x.split(group), strict=True)])
    means = (torch.stack([getattr(c, name) for c in copies]).mean(0) for name in ("running_mean", "running_var"))
    weights = [(c.weight, c.bias) for c in copies]
    return y, *means, weights


# The two ways of one process: torch's kernels slice by slice, and the one expression that XLA gets.
@pytest.fixture(params=["sliced", "reshaped"])
def way(request, monkeypatch):
    monkeypatch.setattr(batchnorm, "sliced", getattr(batchnorm, request.param))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("group", [1, 2, 4])
@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: nn.BatchNorm2d(3, eps=1e-3, momentum=0.3), (8, 3, 5, 4)),
        (lambda: nn.BatchNorm3d(3, momentum=1.0), (8, 3, 2, 4, 3)),
        (lambda: BatchNormAct2d(3, momentum=0.1, act_layer=nn.SiLU, inplace=False), (8, 3, 5, 4)),
    ],
)
def test_groups_are_normalised_one_by_one(make, shape, group):
    plain = layer_with_weights(make())
    layer = grouped(plain, group, batch_size=8)
    x, x_hand = images(*shape).requires_grad_(), images(*shape).requires_grad_()
    y, (y_hand, mean, var, weights) = layer(x), by_hand(plain, x_hand, group)
    torch.testing.assert_close(y, y_hand)
    torch.testing.assert_close(layer.running_mean, mean)
    torch.testing.assert_close(layer.running_var, var)
    assert layer.num_batches_tracked == 1
    for output in (y, y_hand):
        (output * torch.linspace(-1, 2, y.numel(), dtype=y.dtype).view(shape)).sum().backward()
    torch.testing.assert_close(x.grad, x_hand.grad)
    torch.testing.assert_close(layer.weight.grad, sum(w.grad for w, _ in weights))
    torch.testing.assert_close(layer.bias.grad, sum(b.grad for _, b in weights))


def test_evaluation_and_checkpoints_are_those_of_the_plain_layer():
    model = timm.create_model("tf_efficientnetv2_b0", num_classes=3).train()
    plain = copy.deepcopy(model)
    set_batch_norm(model, CPU, batch_size=4, group=2, momentum=0.2)
    x = images(4, 3, 32, 32, dtype=torch.float32)
    model(x)
    plain.load_state_dict(model.state_dict())  # the same names
    torch.testing.assert_close(model.eval()(x), plain.eval()(x), rtol=0, atol=0)
    assert {m.momentum for m in model.modules() if isinstance(m, nn.BatchNorm2d)} == {0.2}


def test_a_network_in_groups_trains_as_on_one_group_at_a_time():
    model = build("efficientnetv2-tiny", num_classes=3).double().train()
    for m in model.modules():
        if hasattr(m, "rate"):
            m.rate.zero_()  # no random numbers
    groups = grouped(model, 2, batch_size=4)
    x = images(4, 3, 32, 32)
    together = groups(x)
    torch.testing.assert_close(together, torch.cat([model(x[:2]), model(x[2:])]))
    assert not torch.allclose(together, copy.deepcopy(model)(x))


def test_layers_stay_torchs_own_where_the_share_is_the_group():
    model = build("efficientnetv2-tiny", num_classes=3)
    types = [type(m) for m in model.modules()]
    set_batch_norm(model, CPU, batch_size=8, momentum=0.25)
    assert [type(m) for m in model.modules()] == types
    assert model.stem[1].momentum == 0.25
    set_batch_norm(model, CPU, batch_size=8, group=4)
    assert type(model.stem[1]) is batchnorm.GroupedBatchNorm2d and model.stem[1].momentum == 0.25
    set_batch_norm(model, CPU, batch_size=8, group=8)
    assert [type(m) for m in model.modules()] == types


@pytest.mark.parametrize("way", ["sliced", "reshaped"])
def test_statistics_are_float32_under_autocast(monkeypatch, way):
    """Of numbers whose mean bfloat16 cannot hold: 256 + 1 is 256 there."""
    monkeypatch.setattr(batchnorm, "sliced", getattr(batchnorm, way))
    layer = grouped(nn.BatchNorm2d(1, momentum=1.0), 2, batch_size=4)
    x = torch.tensor([256.0, 258.0]).repeat(4, 1, 8, 1).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        y = layer(x)
    assert y.dtype == torch.bfloat16
    assert layer.running_mean.item() == 257 and layer.running_var.item() == pytest.approx(32 / 31)


def test_groups_that_do_not_fit_name_those_that_do():
    layer = nn.BatchNorm2d(3)
    for group in (0, 3, 16):
        with pytest.raises(ValueError, match=rf"groups of {group} images does not fit 8.*use one of 1, 2, 4, 8"):
            set_batch_norm(layer, CPU, batch_size=8, group=group)
    layer = set_batch_norm(layer, CPU, batch_size=8, group=4)
    with pytest.raises(ValueError, match="groups of 4 images got 6"):
        layer(torch.ones(6, 3, 2, 2))


@pytest.mark.parametrize(
    "layer", [nn.BatchNorm1d(3), nn.BatchNorm2d(3, affine=False), nn.BatchNorm2d(3, momentum=None)]
)
def test_a_norm_that_cannot_be_grouped_is_named_where_it_would_have_to_be(layer):
    model = nn.Sequential(nn.Identity(), layer)
    with pytest.raises(ValueError, match=r"batch norm 1 \(BatchNorm.d\) cannot be grouped: .* or groups of 8 images"):
        set_batch_norm(model, CPU, batch_size=8, group=4)
    set_batch_norm(model, CPU, batch_size=8)
    assert not isinstance(layer, batchnorm.Grouped)
