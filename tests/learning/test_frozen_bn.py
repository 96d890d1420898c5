"""Batch norms that keep the statistics of the weights that training starts from."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from convscale.learning import fit
from convscale.learning.start import model_of
from convscale.models import build, export_weights
from convscale.recipes import Run, canonical


@pytest.fixture
def finetuning(tiny, tmp_path):
    """A run of two steps that starts from weights with statistics of their own."""
    model = build("efficientnetv2-tiny", 10)
    for name, buffer in model.named_buffers():
        if name.endswith(("running_mean", "running_var")):
            buffer.uniform_(0.5, 1.5)
    export_weights(model, path := tmp_path / "start.safetensors")
    return tiny(weights=str(path), steps=2, curve_points=1, curve_images=20)


def statistics(model: nn.Module) -> Tensor:
    return torch.cat([b for name, b in model.named_buffers() if name.endswith(("running_mean", "running_var"))])


def norm_weights(model: nn.Module) -> Tensor:
    return torch.cat([m.weight.detach() for m in model.modules() if isinstance(m, nn.BatchNorm2d)])


def start_of(run: Run) -> nn.Module:
    return model_of(run, 10)


@pytest.mark.parametrize("changes", [{}, {"accumulate": 2}, {"raw": True}], ids=str)
def test_statistics_stay_and_all_weights_are_trained(finetuning, changes):
    run = replace(finetuning, frozen_bn=True, **changes)
    start, trained = start_of(run), fit(run, "cpu", progress=False).model
    assert torch.equal(statistics(trained), statistics(start))
    assert not torch.equal(norm_weights(trained), norm_weights(start))
    assert not torch.equal(statistics(fit(finetuning, "cpu", progress=False).model), statistics(start))


def test_training_uses_the_statistics_that_it_keeps(finetuning):
    """Small groups of other statistics change the loss of a batch; kept ones do not know of groups."""
    in_groups = replace(finetuning, recipe=replace(finetuning.recipe, bn_group=8))
    losses = {
        (frozen, run is in_groups): fit(replace(run, frozen_bn=frozen), "cpu", progress=False).history[0]["train_loss"]
        for frozen in (False, True)
        for run in (finetuning, in_groups)
    }
    assert losses[True, False] == losses[True, True]
    assert len(set(losses.values())) == 3


def test_runs_of_before_keep_their_keys(finetuning):
    assert "frozen_bn" not in canonical(finetuning)
    assert replace(finetuning, frozen_bn=True).key != finetuning.key


def test_statistics_that_are_not_there_cannot_be_kept(tiny):
    with pytest.raises(ValueError, match=r"frozen_bn without weights: .* start from weights, or leave it out"):
        fit(tiny(frozen_bn=True), "cpu")
    with pytest.raises(ValueError, match="frozen_bn with bn_batches = 2"):
        tiny(frozen_bn=True, bn_batches=2)
