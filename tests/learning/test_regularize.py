"""The rates inside the model that follow the stage."""

import copy

import pytest
import torch

from convscale.learning.regularize import set_rates
from convscale.models import build
from convscale.models.blocks import Drop


@pytest.fixture(scope="module")
def network():
    return build("efficientnetv2-tiny", num_classes=10)


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
