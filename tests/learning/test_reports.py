"""What a run reports beyond its accuracy at one size: there where it was asked for, and nowhere else."""

import warnings
from dataclasses import replace

import pytest
import torch

from convscale import datasets
from convscale.augment import recipe_pixels
from convscale.learning import evaluate, fit, fitting, reports
from convscale.learning.regularize import warn_of_low_magnitudes
from convscale.learning.reports import early_loss, further_evaluations, unseen_images, without_reports
from convscale.learning.trainer import Trainer, images_of
from convscale.recipes import Schedule, progressive

ASKED = dict(test_sizes=(16, 32), unseen=100, raw=True, halfway=True, weight_norm=True, early_loss=True, subset="seed")


@pytest.fixture(scope="module")
def asked(tiny):
    """(run, outcome) of a training that is asked for everything."""
    run = tiny(**ASKED)
    return run, fit(run, "cpu", progress=False)


def test_metrics_are_there_where_asked_alone(tiny, asked):
    run, outcome = asked
    plain = fit(without_reports(run), "cpu", progress=False)
    names = {"test_top1@16", "test_top1@32", "unseen_top1", "test_top1_raw", "test_top1_halfway", "early_loss"}
    names |= {"weight_norm"}
    assert outcome.metrics.keys() - plain.metrics.keys() == names
    assert plain.metrics.keys() == {"test_top1", "test_loss"}
    assert plain.metrics == {name: outcome.metrics[name] for name in plain.metrics}  # asking changes nothing
    assert plain.history == outcome.history


def test_metrics_are_of_the_images_and_sizes_that_they_name(asked):
    run, outcome = asked
    metrics, test = outcome.metrics, datasets.load("digits", "test")

    def top1(images, size=run.eval_size):
        return evaluate(outcome.model, images, recipe_pixels(run.recipe, size), "cpu")["top1"]

    assert [metrics["test_top1@16"], metrics["test_top1@32"]] == [top1(test, 16), top1(test, 32)]
    assert metrics["unseen_top1"] == top1(unseen_images(run))
    kernels = [p.flatten() for name, p in outcome.model.named_parameters() if p.dim() > 1]
    assert metrics["weight_norm"] == pytest.approx(float(torch.cat(kernels).norm()), rel=1e-5)
    assert metrics["early_loss"] == pytest.approx(sum(p["test_loss"] for p in outcome.history[:2]) / 2)


def test_further_sizes_are_tested_on_few_images(tiny, monkeypatch):
    sizes = []
    monkeypatch.setattr(reports, "SIZED_IMAGES", 30)
    monkeypatch.setattr(
        Trainer,
        "evaluated",
        lambda self, images, size=None: sizes.append((len(images), size)) or {"top1": 1, "loss": 1},
    )
    fit(tiny(epochs=1, curve_points=1, test_sizes=(16,)), "cpu", progress=False)
    assert sizes == [(50, None), (359, None), (30, 16)]


def test_the_raw_weights_are_those_without_averages(tiny):
    """With an average that follows at once both are one."""
    run = tiny(raw=True, epochs=2, recipe=replace(tiny().recipe, ema_decay=0.0))
    metrics = fit(run, "cpu", progress=False).metrics
    assert metrics["test_top1_raw"] == metrics["test_top1"]


def test_halfway_is_what_a_run_that_is_stopped_there_has(tiny, asked, tmp_path, monkeypatch):
    run, outcome = asked
    seen = dict(outcome.history[1])
    whole = fit(replace(run, curve_images=None), "cpu", progress=False)
    assert seen["step"] == 6 and whole.metrics["test_top1_halfway"] == whole.history[1]["test_top1"]
    monkeypatch.setattr(fitting, "CHECKPOINT_SECONDS", 0)
    advance = Trainer.advance

    def breaks(self, batch):
        if self.step == 9:
            raise KeyboardInterrupt
        advance(self, batch)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Trainer, "advance", breaks)
        fit(run, "cpu", tmp_path, progress=False)
    assert fit(run, "cpu", tmp_path, progress=False).metrics == outcome.metrics  # the state keeps it


@pytest.mark.parametrize("subset", ["first", "seed"])
def test_unseen_images_are_those_of_the_seed_whatever_the_arm(tiny, subset):
    def pixels(images):
        return {images.items[i].tobytes() for i in range(len(images))}

    def unseen(**changes):
        return unseen_images(tiny(**{"subset": subset, "unseen": 100, **changes}))

    run = tiny(subset=subset, unseen=100)
    trained, _, _ = images_of(run)
    assert len(trained) == 96 and not pixels(trained) & pixels(unseen())
    assert pixels(unseen(model="resnet-tiny8", epochs=7)) == pixels(unseen()) != pixels(unseen(seed=1))
    assert (subset == "first") == (pixels(images_of(replace(run, seed=1))[0]) == pixels(trained))
    assert len(unseen(unseen=5000)) == 1438 - 96 and len(unseen(train_images=None)) == 0


def test_images_held_out_for_the_curve_are_not_among_the_unseen(tiny):
    run = tiny(subset="seed", unseen=5000, validate="tenth")
    _, held_out, _ = images_of(run)
    assert len(unseen_images(run)) == 1438 - len(held_out) - 96


def test_no_metric_of_unseen_images_where_there_are_none(tiny):
    run = tiny(unseen=100, train_images=None, steps=1, curve_points=1, curve_images=20)
    assert fit(run, "cpu", progress=False).metrics.keys() == {"test_top1", "test_loss"}


def test_early_loss_is_the_mean_of_the_first_half():
    curve = [{"step": step, "test_loss": loss} for step, loss in ((2, 4.0), (4, 3.0), (6, 1.0), (8, 0.5))]
    assert early_loss(curve) == 3.5 and early_loss(curve[:3]) == 4.0
    for history in (curve[:1], []):
        with pytest.raises(ValueError, match=f"a curve of {len(history)} points has none in the first half"):
            early_loss(history)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (dict(unseen=-1), "unseen = -1: a whole number from 0 on"),
        (dict(early_loss=True, curve_points=1), "no point in its first half; use more points"),
        (dict(test_sizes=(32, 8)), r"does not take images of 8 px: .*below the total stride"),
        (dict(test_sizes=(0,)), r"test_sizes = \(0,\): a tuple of a whole number from 1"),
        (dict(subset="sed"), "unknown subset 'sed': did you mean seed"),
    ],
)
def test_reports_that_cannot_be_made_are_refused_before_training(changes, words, tiny, monkeypatch):
    monkeypatch.setattr(Trainer, "advance", lambda *_: pytest.fail("trained"))
    with pytest.raises(ValueError, match=words):
        fit(tiny(**changes), "cpu", progress=False)


def test_evaluations_are_counted_as_they_are_made(tiny):
    run = tiny(train_images=900)
    assert further_evaluations(run, 1000, 400) == 0
    assert further_evaluations(replace(run, raw=True, halfway=True), 1000, 400) == 800
    assert further_evaluations(replace(run, unseen=500), 1000, 400) == 100
    assert further_evaluations(replace(run, test_sizes=(12, 48)), 1000, 400) == 400 / 4 + 4 * 400


def test_every_field_changes_the_key_and_no_default_does(tiny):
    keys = {tiny(**{name: value}).key for name, value in ASKED.items()}
    assert len(keys | {tiny().key}) == len(ASKED) + 1
    assert (
        tiny(test_sizes=(), unseen=0, raw=False, halfway=False, weight_norm=False, early_loss=False, subset="first").key
        == tiny().key
    )


def low(tiny, magnitudes, schedule=None, **recipe) -> str:
    """What is said of a run with these magnitudes."""
    changed = Schedule(progressive(2, (16, 24), randaugment=magnitudes), **(schedule or {}))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        warn_of_low_magnitudes(tiny(schedule=changed, recipe=replace(tiny().recipe, **recipe)))
    return " ".join(str(warning.message) for warning in said)


def test_low_magnitudes_are_said_to_be_harsh(tiny):
    assert "at magnitude 2 of profile 'tf' is not mild" in low(tiny, (2, 10)) and "policy 'none'" in low(tiny, (2, 10))
    assert low(tiny, (2, 10), {"sizes": "fixed"}) == low(tiny, (2, 10), {"regularization": "final"}) == ""
    assert "magnitude 2" in low(tiny, (2, 10), {"regularization": "minimum"}) and "timm" in low(
        tiny, (2, 9), profile="timm"
    )
    assert low(tiny, (5, 10)) == low(tiny, (2, 10), policy="none") == low(tiny, (2, 10), profile="torchvision") == ""
    assert low(tiny, (2, 10), operations=("Color", "Rotate")) == ""
    with pytest.warns(UserWarning, match="is not mild") as said:
        fit(tiny(schedule=Schedule(progressive(2, (16, 24), randaugment=(2, 5))), epochs=1), "cpu", progress=False)
    assert len([warning for warning in said if "is not mild" in str(warning.message)]) == 1
