"""What a person may ask of training beyond the papers: classes that weigh as much, a body that stays, a rate test."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight

from convscale.augment import draw_mixing, mixed_loss
from convscale.datasets import Images
from convscale.learning import describe, fit, learning_rates, suggested
from convscale.learning.balance import balanced
from convscale.learning.rates import HIGHEST, LOWEST, STEPS
from convscale.models import build, export_weights


@pytest.fixture
def finetuning(tiny, tmp_path):
    export_weights(build("efficientnetv2-tiny", 10), path := tmp_path / "start.safetensors")
    return tiny(weights=str(path), steps=3, curve_points=1, curve_images=20)


@pytest.mark.parametrize("changes", [{}, {"optimizer": "sgd", "no_decay": "norms"}], ids=str)
def test_a_body_that_is_not_trained_stays_and_the_classifier_moves(finetuning, changes):
    run = replace(finetuning, trained="classifier", recipe=replace(finetuning.recipe, **changes))
    before = fit(replace(run, recipe=replace(run.recipe, learning_rate=0.0)), "cpu", progress=False).model.state_dict()
    after = fit(run, "cpu", progress=False).model.state_dict()
    moved = {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}
    assert moved == {"classifier.weight", "classifier.bias"}


def test_what_is_unusual_is_said_before_training(finetuning):
    assert "epochs of warm-up\n" in describe(finetuning)
    said = describe(replace(finetuning, trained="classifier", frozen_bn=True, class_weights="balanced"))
    assert "of warm-up, the classifier alone, batch norm's statistics kept, classes weighed equally\n" in said


def test_a_body_that_stays_needs_weights(tiny):
    with pytest.raises(
        ValueError, match=r"trained = 'classifier' without weights: .* start from weights, or train all"
    ):
        fit(tiny(trained="classifier"), "cpu")


def images(labels: list[int], classes: int) -> Images:
    return Images([np.zeros((1, 1, 3), np.uint8)] * len(labels), labels, tuple("abcde"[:classes]))


def test_balanced_weights_are_those_of_scikit_learn():
    labels = [0, 0, 0, 0, 0, 1, 1, 3]
    wanted = compute_class_weight("balanced", classes=np.array([0, 1, 3]), y=labels)
    found = balanced(images(labels, 4))
    assert found[[0, 1, 3]].tolist() == pytest.approx(wanted) and found[2] == 0
    assert found[labels].mean() == pytest.approx(1)
    several = Images([np.zeros((1, 1, 3), np.uint8)] * 2, np.array([[1, 0, 1], [0, 1, 1]]), ("a", "b", "c"))
    assert balanced(several).tolist() == [1, 1, 0]


def test_weights_of_classes_are_torchs_and_equal_ones_change_nothing():
    logits_BK, labels_B = torch.randn(4, 3), torch.tensor([0, 1, 2, 2])
    nothing = draw_mixing(np.random.default_rng(0), 4, 8, 0.0, 0.0)
    weight_K = torch.tensor([1.0, 2.0, 5.0])
    wanted = torch.nn.functional.cross_entropy(logits_BK, labels_B, weight_K, reduction="sum", label_smoothing=0.1) / 4
    torch.testing.assert_close(mixed_loss(logits_BK, labels_B, nothing, 0.1, weight_K), wanted)
    assert torch.equal(
        mixed_loss(logits_BK, labels_B, nothing, 0.1, torch.ones(3)), mixed_loss(logits_BK, labels_B, nothing, 0.1)
    )


def test_balanced_training_weighs_rare_classes(tiny, monkeypatch):
    """Digits of which most are zeros: the weights reach the loss, and they are those of the training images."""
    run = tiny(steps=1, curve_points=1, curve_images=20, train_images=96)
    equal, weighed = (
        fit(replace(run, class_weights=weights), "cpu", progress=False) for weights in ("equal", "balanced")
    )
    assert equal.history[0]["train_loss"] == pytest.approx(weighed.history[0]["train_loss"], rel=0.1)
    monkeypatch.setattr("convscale.learning.trainer.balanced", lambda images: 3 * torch.ones(len(images.classes)))
    tripled = fit(replace(run, class_weights="balanced"), "cpu", progress=False)
    assert tripled.history[0]["train_loss"] == pytest.approx(3 * equal.history[0]["train_loss"], rel=1e-5)


def test_the_rate_test_finds_a_rate_that_learns_and_stops_where_it_diverges(tiny):
    run = tiny(recipe=replace(tiny().recipe, optimizer="sgd"))
    table = learning_rates(run, "cpu", steps=40)
    assert table["learning_rate"][0] == pytest.approx(1e-7) and table["learning_rate"].is_monotonic_increasing
    assert 1e-4 < suggested(table, steps=40) < 1
    assert table["loss"].min() < table["loss"][0] - 0.1
    pd.testing.assert_frame_equal(table, learning_rates(run, "cpu", steps=40))


def test_a_rate_test_that_shows_nothing_suggests_nothing():
    def of(losses: list[float], steps: int) -> float:
        return suggested(pd.DataFrame({"learning_rate": range(len(losses)), "loss": losses}), steps)

    with pytest.raises(ValueError, match=r"the loss never fell, .* larger batches or more images"):
        of([*range(20)], 20)
    with pytest.raises(ValueError, match=r"0 of 100 steps are left .* at least 10: take larger batches or more images"):
        suggested(pd.DataFrame())
    with pytest.raises(ValueError, match="9 of 100 steps are left"):
        of([*range(19, 0, -1)], 100)
    losses = [9.0, 3.0, 3.1, 2.5, 2.6, 2.0, 1.5, 1.0, 4.0, 5.0, 6.0, 7.0]  # the first is a tenth of 12
    assert of(losses, 12) == 5  # half way down from 3 to 1


def test_a_lucky_first_batch_is_no_divergence_and_no_number_ends_at_once(tiny, monkeypatch):
    """Losses that are given: after 0.28, ordinary ones are more than four times the lowest."""
    for losses, rows in (([0.28, *[3.0] * 39], 40), ([0.28, math.nan, *[3.0] * 38], 1)):
        given = iter(losses)

        def advance(trainer, batch, given=given):
            trainer.step += 1
            trainer.unread.append(torch.tensor(next(given)))

        monkeypatch.setattr("convscale.learning.rates.RangeTest.advance", advance)
        assert len(learning_rates(tiny(), "cpu", steps=40)) == rows


@pytest.mark.parametrize("flat", [0, 20, 60, 200])
@pytest.mark.parametrize("slope", [1e-9, -1e-4])
def test_a_flat_beginning_of_any_length_moves_no_suggestion(flat, slope):
    """It falls by next to nothing, as with a classifier that begins at zero, or rises a little, as with a drawn one."""
    before = 2.3 - slope * np.arange(flat)
    losses = [*before, *np.linspace(2.2, 1.2, 21), *np.linspace(1.3, 5, 10)]
    rates = 10.0 ** (np.arange(len(losses)) - flat)  # the same rate at the same place of the descent
    table = pd.DataFrame({"learning_rate": rates, "loss": losses})
    assert np.log10(suggested(table, len(losses))) == pytest.approx(10, abs=2)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [  # of the sweeps in `suggested`: the rates with the best accuracy, and a factor of 3 on both sides
        ("tuned", 1.6e-4, 5e-4),
        ("classifier_alone", 1e-3, 3e-3),
        ("tuned_resnet", 5e-4, 1.6e-3),
        ("tuned_resnet_sgd", 1e-2, 1e-2),
        ("scratch", 1e-3, 3e-3),
    ],
)
def test_suggestions_are_near_what_was_best_in_sweeps(name, least, most):
    """Range tests that were measured, from a classifier at zero and from scratch."""
    losses = pd.read_csv(Path(__file__).with_name("range_tests.csv"))[name].dropna()
    rates = LOWEST * (HIGHEST / LOWEST) ** (losses.index / (STEPS - 1))
    assert least / 3 < suggested(pd.DataFrame({"learning_rate": rates, "loss": losses})) < 3 * most
