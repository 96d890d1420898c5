"""What the pages on EfficientNetV2 §5.2, §5.3 and §6.2 compute from the papers' numbers."""

import pandas as pd
import pytest

from convscale.datasets.sizes import SIZES
from convscale.experiments import get
from convscale.pages import pretraining, training_sizes, transfer
from convscale.pages.results import ending

KNOWN = {"CIFAR-10": "cifar10", "CIFAR-100": "cifar100", "Flowers": "flowers", "Cars": "cars"}


def test_the_four_readings_have_the_sizes_that_they_say():
    algorithm, shorter, release, both = training_sizes.READINGS
    assert algorithm.sizes(224) == (128, 160, 192, 224) and shorter.sizes(380) == (128, 186, 245, 304)
    assert release.sizes(224) == (152, 176, 200, 224) and both.sizes(600)[-1] == 480
    assert algorithm.speedup(224) == pytest.approx(4 * 224**2 / (128**2 + 160**2 + 192**2 + 224**2))


def test_no_reading_fits_more_than_one_row():
    found = training_sizes.speedups()
    assert found.groupby("reading")["fits"].sum().tolist() == [0, 0, 1, 1]
    assert set(found[found["fits"]]["network"]) == {"ResNet50 (224)", "ResNet50 (380)"}
    assert (found["pixels"] > 1.1).all()  # the floor of the claims on measured ratios, whatever the reading


def test_networks_of_one_size_have_one_ratio_of_pixels():
    found = training_sizes.speedups().set_index(["reading", "network"])["pixels"].unstack()
    assert found["ResNet50 (380)"].equals(found["ResNet152 (380)"].rename("ResNet50 (380)"))


def test_hours_and_points_of_pretraining_are_those_of_table_7():
    points = pretraining.points().set_index("label")
    assert points.loc["XL, 21k", ["x", "y"]].tolist() == [45, 87.3]
    assert points.loc["ViT-L/16, 21k", "x"] == 172
    table = pretraining.costs(name="t", caption="").frame
    assert [cost[:-1] for cost in table["cost"]] == ["1.27", "1.15", "1.08"]
    assert table["gain, points"].tolist() == ["+1.0", "+1.1", "+1.1"]
    title = pretraining.hours(name="f", caption="").title
    assert title == "M with 21k is 0.5 points above L without, in 9 hours less"
    assert pretraining.passes(60) == pytest.approx(60 * 12_720_275 / (350 * 1_281_167))


def test_memory_of_labels_is_what_they_take():
    rows, kept = pretraining.label_memory(images=1000, classes=50, labels=2000)
    assert rows == 4 * 1000 * 50 / 1e9 and kept == (8 * 1000 + 4 * 2000) / 1e9


def test_table_9_has_the_sizes_that_loading_checks_and_the_epochs_of_10000_steps():
    table = transfer.table9(name="t", caption="").frame.set_index("data set")
    for shown, known in KNOWN.items():
        row = table.loc[shown]
        counts = tuple(int(row[c].replace(",", "")) for c in ("training images", "test images", "classes"))
        assert counts == SIZES[known][:3]
    assert table["epochs in 10,000 steps"].tolist() == ["102", "102", "2,510", "629"]


def test_the_best_of_each_data_set_leads_or_draws():
    rows = transfer.leads()
    assert (rows["ours"] >= rows["paper"]).all() and rows["label"].tolist()[1] == "CIFAR-100: EfficientNet-B7"
    assert transfer.lead(name="f", caption="").title == "V2 leads on 2 of 4 data sets and draws on 2"


def test_each_curve_ends_at_its_own_last_epoch():
    points = pd.DataFrame({"arm": ["a", "a", "b"], "epoch": [1, 5, 15], "test_top1": [10.0, 40.0, 30.0]})
    assert ending(points, {"a": "first", "b": "second"}, "b") == "First ends 10.0 points above second"


def test_arms_of_the_transfer_differ_in_what_they_say():
    arms = get("v1_transfer", "small").arms
    assert {arm: run.eval_size for arm, run in arms.items()} == {
        "lite0": 96,
        "lite2": 112,
        "scratch": 96,
        "growing": 96,
    }
    assert arms["scratch"].weights is None and arms["lite2"].model == "efficientnet-lite2"
    assert [stage.image_size for stage in arms["growing"].schedule.stages] == [64, 80, 96]
    for run in arms.values():
        assert run.new_classifier == "zero" and run.recipe.weight_decay == 0 and run.recipe.noise_cutout


def test_two_labels_change_the_pretraining_alone():
    arms = get("v2_section5_2", "small").arms
    two, one = arms["two-labels"], arms["one-label"]
    assert two.alone == one.alone and two.epochs == 15 and two.after.alone.groups == ((0, 1), (2, 3, 4, 5))
    assert one.after == get("v2_table7", "small").arms["pretrained"].after


def test_the_answer_of_section_6_2_is_what_table_12_prints():
    said = "In the paper 5 of 5 networks gain, 0.2 to 0.5 points, and train 1.4 to 2.8 times faster."
    assert training_sizes.finding() == said
