"""Dropout and stochastic depth: how often a unit survives, what stays in expectation, and which rate each block has."""

import math

import pytest
import torch

from convscale.models import build, list_models, table
from convscale.models.blocks import Drop

N = 20_000


def survivors(drop, shape):
    """Share of units that survive; every survivor is rescaled by the same factor, which is checked."""
    out = drop.train()(torch.ones(shape))
    keep = 1 - float(drop.rate) * drop.ratio
    kept = out != 0
    torch.testing.assert_close(out[kept], torch.full_like(out[kept], 1 / keep))
    return kept


@pytest.mark.parametrize(("rate", "ratio"), [(0.2, 1.0), (0.2, 0.5), (0.5, 1.0), (0.1, 0.04)])
@pytest.mark.parametrize("per", ["sample", "unit"])
def test_mean_survival(rate, ratio, per):
    torch.manual_seed(0)
    keep = 1 - rate * ratio
    kept = survivors(Drop(rate, per, ratio), (N, 2))
    draws = kept[:, 0] if per == "sample" else kept
    sigma = math.sqrt(keep * (1 - keep) / draws.numel())
    assert abs(draws.float().mean().item() - keep) < 3 * sigma


def test_a_sample_is_dropped_whole_and_a_unit_alone():
    torch.manual_seed(0)
    by_sample = survivors(Drop(0.5, "sample"), (100, 4, 3, 3)).flatten(1)
    assert torch.equal(by_sample.all(1), by_sample.any(1))
    by_unit = survivors(Drop(0.5, "unit"), (100, 36))
    assert not torch.equal(by_unit.all(1), by_unit.any(1))


def test_evaluation_drops_nothing():
    x = torch.randn(4, 3)
    assert Drop(0.9, "unit").eval()(x) is x


def test_the_rate_is_overwritten_in_place():
    torch.manual_seed(0)
    drop = Drop(0.0, "unit")
    assert survivors(drop, (100,)).all()
    drop.rate.fill_(0.5)
    assert 0.3 < survivors(drop, (1000,)).float().mean() < 0.7


def block_rates(name):
    with torch.device("meta"):
        model = build(name)
    rate = model.table.drop_path_rate
    return [rate * d.ratio for block in model.blocks for d in block.modules() if isinstance(d, Drop)]


def test_survival_falls_linearly_with_the_block_in_the_efficientnets():
    """Counted from 0, so that B0's last block with a shortcut, the 15th of 16, drops 0.2 * 14 / 16."""
    rates = block_rates("efficientnet-b0")
    with_shortcut = [i for i, block in enumerate(build("efficientnet-b0").blocks) if block.drop is not None]
    assert rates == pytest.approx([0.2 * i / 16 for i in with_shortcut])
    assert with_shortcut[-1] == 14


def test_survival_falls_by_group_in_resnet_rs():
    rates = block_rates("resnet-rs-200")
    depths = table("resnet-rs-200").depths
    expected = [r for r, n in zip((0.04, 0.06, 0.08, 0.1), depths, strict=True) for _ in range(n)]
    assert rates == pytest.approx(expected)


@pytest.mark.parametrize("name", list_models())
def test_every_network_has_one_dropout_before_its_classifier(name):
    with torch.device("meta"):
        model = build(name)
    assert [d for d in model.modules() if isinstance(d, Drop) and d.per == "unit"] == [model.dropout]


@pytest.mark.parametrize("rates", [{"dropout": 0.5, "drop_path_rate": 0.0}, {"dropout": 0.0, "drop_path_rate": 0.5}])
def test_either_rate_alone_makes_training_random(rates):
    torch.manual_seed(0)
    model = build("efficientnetv2-tiny", num_classes=5, **rates).train()
    x = torch.randn(4, 3, 32, 32)
    assert not torch.equal(model(x), model(x))
    for module in model.modules():
        if isinstance(module, Drop):
            module.rate.zero_()
    assert torch.equal(model(x), model(x))
