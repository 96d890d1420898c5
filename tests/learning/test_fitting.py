"""What `fit` leaves in its folder, and what people then do with it: evaluate, fine-tune, go on after a stop."""

import csv
from dataclasses import replace

import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file

from convscale.datasets import load
from convscale.devices import Device
from convscale.learning import fit, fitting, load_trained, trainer
from convscale.recipes.schedule import Schedule, progressive


@pytest.fixture(scope="module")
def kept(tiny, tmp_path_factory):
    """(run, folder, outcome) of a training."""
    folder = tmp_path_factory.mktemp("kept")
    run = tiny(epochs=3, curve_points=9, recipe=replace(tiny().recipe, learning_rate=1e-2, warmup_epochs=0))
    return run, folder, fit(run, "cpu", folder, progress=False)


def test_the_csv_is_the_curve(kept):
    _, folder, outcome = kept
    with open(folder / "history.csv") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    assert rows == outcome.history


SCORES = (20.0, 50.0, 50.0, 10.0)  # of the curve's points: the best comes twice, and is not the last


def test_the_best_weights_are_those_of_the_last_best_point(tiny, tmp_path, monkeypatch):
    """With scores that are made up, so that best and final weights can be told apart on any machine."""
    scores, states = iter(SCORES), []

    def evaluated(self, images):
        states.append({name: value.clone() for name, value in self.model.state_dict().items()})
        return {"top1": next(scores, 30.0), "loss": 1.0}

    monkeypatch.setattr(trainer.Trainer, "evaluated", evaluated)
    run = tiny(curve_points=4)
    outcome = fit(run, "cpu", tmp_path, progress=False)
    assert [point["test_top1"] for point in outcome.history] == list(SCORES) and outcome.metrics["test_top1"] == 30
    for name, state, top1, step in (("best", states[2], 50, 9), ("final", states[4], 30, 12)):
        with safe_open(tmp_path / f"{name}.safetensors", "pt") as file:
            about = file.metadata()
        assert (float(about["top1"]), int(about["step"])) == (top1, step)
        kept = load_trained(tmp_path / f"{name}.safetensors").model.state_dict()
        assert all(torch.equal(kept[key], state[key]) for key in state)
    assert any(not torch.equal(states[2][key], states[4][key]) for key in states[2])


def test_training_images_are_evaluated_where_asked_alone(tiny):
    run = tiny(epochs=1, curve_points=1)
    plain, asked = (fit(run, "cpu", progress=False, train_top1=train_top1).metrics for train_top1 in (False, True))
    assert plain == {name: asked[name] for name in ("test_top1", "test_loss")}
    assert asked.keys() - plain.keys() == {"train_top1"}


def test_loading_processes_change_nothing(tiny):
    run = tiny(epochs=1)
    alone, two = (fit(run, "cpu", workers=workers, progress=False) for workers in (0, 2))
    assert (alone.history, alone.metrics) == (two.history, two.metrics)


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


def test_a_folder_of_images_is_no_folder_for_a_run(tiny, tmp_path):
    """As a run's it would be no class any more: the next command would train on one class less."""
    for name in ("cat", "dog"):
        (tmp_path / "mine" / name).mkdir(parents=True)
        for i in range(8):
            Image.new("RGB", (24, 24), (30 * i, 0, 0)).save(tmp_path / "mine" / name / f"{i}.png")
    run = tiny(dataset=f"folder:{tmp_path / 'mine'}", validate="tenth", train_images=None)
    with pytest.raises(ValueError, match=r"cat holds images of .*mine: choose another folder"):
        fit(run, "cpu", tmp_path / "mine/cat", progress=False)
    assert {path.suffix for path in (tmp_path / "mine/cat").iterdir()} == {".png"}


class Pair(Device):
    """One of two processes that find the same."""

    world = 2

    def gather(self, span):
        return lambda t: torch.stack([t] * span)

    def total(self, values):
        if len(values) == 3:
            self.looks += 1
        return [2 * value for value in values]


@pytest.mark.parametrize(("seconds", "looks"), [(60.0, 30), (1.0, 6), (0.001, 1)])
def test_several_processes_look_together_often_enough_to_stop_within_seconds(tiny, monkeypatch, seconds, looks):
    """Of 30 steps: at each where one takes a minute, and at one in fifty where they are short."""
    monkeypatch.setattr(fitting.Clock, "pace", lambda clock: seconds)
    pair = Pair("cpu")
    pair.looks = 0
    fit(tiny(epochs=10, curve_points=1), pair, progress=False)
    assert pair.looks == looks


def test_images_refused_in_the_first_batch_leave_no_folder(tiny, tmp_path, monkeypatch):
    def advance(trainer, batch):
        raise ValueError("too many are unreadable")

    monkeypatch.setattr("convscale.learning.trainer.Trainer.advance", advance)
    with pytest.raises(ValueError, match="too many"):
        fit(tiny(), "cpu", folder=tmp_path / "made" / "run", progress=False)
    assert not (tmp_path / "made").exists()
