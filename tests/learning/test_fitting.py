"""What `fit` leaves in its folder, and what people then do with it: evaluate, fine-tune, go on after a stop."""

import csv
from dataclasses import replace

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from convscale.augment import recipe_pixels
from convscale.datasets import load, subset
from convscale.learning import evaluate, fit
from convscale.models import build
from convscale.recipes.schedule import Schedule, progressive


@pytest.fixture(scope="module")
def kept(tiny, tmp_path_factory):
    """(run, folder, outcome) of a training whose curve goes up and down."""
    folder = tmp_path_factory.mktemp("kept")
    run = tiny(epochs=3, curve_points=9, recipe=replace(tiny().recipe, learning_rate=1e-2, warmup_epochs=0))
    return run, folder, fit(run, "cpu", folder, progress=False)


def test_the_csv_is_the_curve(kept):
    _, folder, outcome = kept
    with open(folder / "history.csv") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    assert rows == outcome.history


def test_the_best_weights_are_those_of_the_best_point(kept):
    run, folder, outcome = kept
    scores = [point["test_top1"] for point in outcome.history]
    assert scores[-1] < max(scores), "the last point is the best: best and final weights cannot be told apart"
    with safe_open(folder / "best.safetensors", "pt") as file:
        about = file.metadata()
    last_best = max(reversed(outcome.history), key=lambda point: point["test_top1"])
    assert (float(about["top1"]), int(about["step"])) == (max(scores), last_best["step"])
    model = build(run.model, 10)
    model.load_state_dict(load_file(folder / "best.safetensors"))
    curve_images = subset(load("digits", "test"), run.curve_images)
    again = evaluate(model, curve_images, recipe_pixels(run.recipe, run.eval_size), "cpu")
    assert again["top1"] == max(scores)


def test_the_final_weights_are_the_outcomes(kept):
    _, folder, outcome = kept
    state, model = load_file(folder / "final.safetensors"), outcome.model.state_dict()
    assert state.keys() == model.keys() and all(torch.equal(state[name], model[name]) for name in state)


def test_training_starts_from_kept_weights_with_other_classes(kept, tiny, tmp_path):
    """No step is taken: what is kept after one of learning rate 0 is what it started from."""
    _, folder, _ = kept
    for label in ("cat", "dog"):
        (tmp_path / "train" / label).mkdir(parents=True)
        for i in range(32):
            load("digits", "train").image(i).save(tmp_path / "train" / label / f"{i}.png")
    still = replace(tiny().recipe, learning_rate=0.0, warmup_epochs=0)
    run = tiny(
        dataset=f"folder:{tmp_path}",
        validate="tenth",
        weights=str(folder / "final.safetensors"),
        recipe=still,
        epochs=1,
        train_images=None,
        curve_images=None,
    )
    tuned = dict(fit(run, "cpu", progress=False).model.named_parameters())
    before = load_file(folder / "final.safetensors")
    assert tuned.pop("classifier.weight").shape == (2, before["classifier.weight"].shape[1])
    assert tuned.pop("classifier.bias").shape == (2,)
    assert all(torch.allclose(weight, before[name], rtol=1e-6) for name, weight in tuned.items())


def test_accumulated_gradients_are_those_of_the_whole_batch(tiny):
    """Of a network without batch norm, which would see the parts alone; masks of drops are of a part, so there are
    none. Three steps of SGD, to float32's rounding."""
    run = tiny(
        model="timm:test_vit2",
        recipe=replace(
            tiny().recipe, optimizer="sgd", learning_rate=0.01, warmup_epochs=0, drop_path_rate=0.0, ema_decay=0.0
        ),
        schedule=Schedule(progressive(1, (32, 32), randaugment=(5, 5), mixup=(0.2, 0.2), dropout=(0, 0))),
        epochs=1,
        eval_size=32,
        curve_points=1,
    )
    start, whole, parts = (
        dict(fit(changed, "cpu", progress=False).model.named_parameters())
        for changed in (replace(run, recipe=replace(run.recipe, learning_rate=0.0)), run, replace(run, accumulate=4))
    )
    assert max((whole[name] - start[name]).abs().max().item() for name in whole) > 1e-3  # it did move
    torch.testing.assert_close(parts, whole, rtol=1e-4, atol=1e-6)
