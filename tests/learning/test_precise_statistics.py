"""Batch norm's statistics of accumulated batches, and those taken anew for averaged weights."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn

from convscale.augment import normalise, recipe_pixels
from convscale.datasets import load
from convscale.datasets.loader import to_tensor
from convscale.devices import pick
from convscale.learning import evaluate, fit, load_trained
from convscale.learning.statistics import with_precise_statistics
from convscale.learning.trainer import Trainer
from convscale.recipes.schedule import Schedule, progressive


def statistics(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value for name, value in model.named_buffers() if name.endswith(("running_mean", "running_var"))}


@pytest.mark.parametrize("momentum", [0.1, 1.0])
def test_an_accumulated_batch_moves_statistics_once(momentum, tiny):
    """As one batch does whose groups are the parts. Nothing is dropped, because masks are of a part."""
    stages = progressive(1, (16, 16), randaugment=(5, 5), mixup=(0.2, 0.2), dropout=(0, 0))
    recipe = replace(tiny().recipe, optimizer="sgd", drop_path_rate=0.0, bn_group=8, bn_momentum=momentum)
    run = tiny(recipe=recipe, schedule=Schedule(stages), steps=3, curve_points=1)
    found = {}
    for parts in (1, 2, 4):
        trainer = Trainer(replace(run, accumulate=parts), pick("cpu"))
        start = {name: value.clone() for name, value in statistics(trainer.take_step.model).items()}
        for batch in trainer.loader():
            trainer.advance(batch)
        found[parts] = statistics(trainer.take_step.model)
    assert max((found[1][name] - start[name]).abs().max().item() for name in start) > 0.1  # they did move
    torch.testing.assert_close(found[2], found[1], rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(found[4], found[1], rtol=1e-3, atol=1e-5)


def test_precise_statistics_are_the_mean_of_the_batches(tiny):
    run = tiny(recipe=replace(tiny().recipe, bn_group=8))
    trainer = Trainer(run, pick("cpu"))
    images, pixels = trainer.train.take(range(64)), recipe_pixels(run.recipe, run.eval_size)
    before = copy.deepcopy(trainer.model.state_dict())
    found = with_precise_statistics(trainer.model, images, pixels, pick("cpu"), "float32", 0, batch_size=32)
    assert all(torch.equal(value, before[name]) for name, value in trainer.model.state_dict().items())
    assert not any(module.training for module in found.modules())

    wanted = copy.deepcopy(found)
    for norm in (module for module in wanted.modules() if isinstance(module, nn.BatchNorm2d)):
        norm.reset_running_stats()
        norm.momentum = None  # torch's own mean over forward passes
        norm.train()
    for first in (0, 32):
        x_BCHW = torch.stack([to_tensor(pixels.transform(images.image(i))) for i in range(first, first + 32)])
        with torch.no_grad():
            wanted(normalise(x_BCHW, pixels.normalisation))
    torch.testing.assert_close(statistics(found), statistics(wanted))


def test_what_is_evaluated_and_kept_has_the_precise_statistics(tiny, tmp_path):
    """Training itself, and so every later step, is as without them."""
    run = tiny(recipe=replace(tiny().recipe, bn_momentum=0.01), curve_images=None)
    lagging = fit(run, "cpu", progress=False)
    precise = fit(replace(run, bn_batches=2), "cpu", tmp_path, progress=False)
    assert [p["train_loss"] for p in precise.history] == [p["train_loss"] for p in lagging.history]
    for name, weight in lagging.model.named_parameters():
        assert torch.equal(weight, precise.model.get_parameter(name))
    assert precise.metrics["test_loss"] != lagging.metrics["test_loss"]
    kept = load_trained(tmp_path / "final.safetensors")
    loss = evaluate(kept.model, load("digits", "test"), kept.pixels, "cpu")["loss"]
    assert loss == pytest.approx(precise.metrics["test_loss"], rel=1e-5)
