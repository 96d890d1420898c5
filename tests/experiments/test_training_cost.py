"""What runs would cost, from a few real steps; how long they take is not tested, what follows from it is."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from convscale import datasets
from convscale.datasets import size_of_set
from convscale.devices import pick
from convscale.experiments import Job, beside, estimate_jobs, get, training_cost
from convscale.experiments.estimate import totals
from convscale.experiments.training_cost import Cost, CostOf
from convscale.experiments.training_memory import kept_bytes, memory_of
from convscale.recipes.schedule import Schedule


def test_hours_add_up_to_those_of_the_steps(tiny):
    run = tiny()
    cost = CostOf(pick("cpu"))(run)
    assert cost.count == 12 and list(cost.sizes) == [16, 18, 21, 24]
    assert [share for share, _, _ in cost.sizes.values()] == [0.25] * 4
    assert all(images == 32 and seconds > 0 for _, images, seconds in cost.sizes.values())
    assert cost.steps == pytest.approx(12 / 3600 * sum(seconds for *_, seconds in cost.sizes.values()) / 4)
    assert cost.hours == cost.steps + cost.images + cost.evaluation and min(cost.images, cost.evaluation) > 0


def test_what_runs_share_is_timed_once(tiny, monkeypatch):
    cost_of, run = CostOf(pick("cpu")), tiny()
    first = cost_of(run)
    monkeypatch.setattr(training_cost, "step_seconds", lambda *_: pytest.fail("timed again"))
    longer = cost_of(replace(run, epochs=8, seed=3, schedule=Schedule(run.schedule.stages, sizes="fixed")))
    assert longer.count == 2 * first.count and list(longer.sizes) == [24]
    assert longer.sizes[24][2] == first.sizes[24][2]


def test_a_network_is_timed_once_at_each_size_with_each_batch(tiny, monkeypatch):
    """Arms differ in rates and magnitudes, which change no time; a budget of minutes must not go into timing them."""
    timed = []

    def step_seconds(run, classes, stages, device):
        sizes = [stage.image_size for stage in stages]
        timed.append((run.recipe.batch_size, sizes))
        return {size: (run.recipe.batch_size, 1.0) for size in sizes}, 0.0

    monkeypatch.setattr(training_cost, "step_seconds", step_seconds)
    cost_of, run = CostOf(pick("cpu")), tiny()
    for size in (24, 32, 24):
        stage = replace(run.schedule.stages[-1], image_size=size, randaugment=size / 3, mixup=0.0)
        cost_of(replace(run, schedule=Schedule((*run.schedule.stages, stage)), recipe=replace(run.recipe, ema_decay=0)))
    cost_of(replace(run, recipe=replace(run.recipe, weight_decay=0.0, drop_path_rate=0.0), weights="of another run"))
    assert timed == [(32, [16, 18, 21, 24]), (32, [32])]
    cost_of(replace(run, recipe=replace(run.recipe, batch_size=16)))
    assert timed[2:] == [(16, [16, 18, 21, 24])]


def test_part_of_a_batch_can_be_shared_out_by_randaugment_on_the_device(tiny, monkeypatch):
    """It deals its 16 operations to 16 images each."""
    monkeypatch.setattr(training_cost, "TIMED_PIXELS", 23 * 24**2)
    cost = CostOf(pick("cpu"))(replace(tiny(), augment_on="device"))
    assert [images for _, images, _ in cost.sizes.values()] == [32, 32, 16, 16]


def test_loading_processes_work_while_the_device_computes():
    hours = dict(evaluation=1.0, memory=0, disk=0, count=1, sizes={})
    assert Cost(steps=4.0, images=6.0, **hours).hours == 11
    assert Cost(steps=4.0, images=6.0, loaders=8, **hours).hours == 5
    assert Cost(steps=4.0, images=6.0, loaders=1, **hours).hours == 7


def test_large_batch_is_timed_in_part_and_scaled_up(tiny, monkeypatch):
    monkeypatch.setattr(training_cost, "seconds_by_round", made_up_seconds)
    monkeypatch.setattr(training_cost, "TIMED_PIXELS", 8 * 24**2)
    run = tiny()
    cost = CostOf(pick("cpu"))(run)
    # 10 s of a batch of 8 images, of which 2 s are the update: 32 images take 4 x 8 s and one update
    assert cost.sizes[24] == (0.25, 8, 34.0)


def made_up_seconds(work, *_):
    from pandas import DataFrame

    return DataFrame([{name: 2.0 if name == "update" else 10.0 for name in work}])


def test_images_and_evaluations_cost_their_number_times_one(tiny, monkeypatch):
    """10 s for the eight images that are prepared at a time, and 10 s for the 256 that are evaluated at a time."""
    monkeypatch.setattr(training_cost, "seconds_by_round", made_up_seconds)
    cost = CostOf(pick("cpu"))(tiny())
    assert cost.images == pytest.approx(12 * 32 * 10 / 8 / 3600)
    seen = 4 * 50 + 359 + 96  # four points of the curve, the test images, and in the end those of training
    assert cost.evaluation == pytest.approx(seen * (10 / 256 + 10 / 8) / 3600)


def test_runs_side_by_side_share_the_hours_and_add_up_their_disk(tiny, monkeypatch):
    monkeypatch.setattr(beside, "cores", lambda: 2)
    one = dict(images=0.0, evaluation=0.0, memory=2**30, disk=2**30, count=12, sizes={})
    costs = {Job("p", "small", "arm", tiny(seed=hours)): Cost(steps=float(hours), **one) for hours in (1, 2, 9)}
    hours, memory, disk, _ = totals(costs, pick("cpu"))
    assert hours == "all: 12 h one after the other, 9 h with 2 at a time"  # the longest cannot be shared
    assert memory.startswith("memory: 1 GiB a run") and disk.startswith("disk: 2 GiB of checkpoints")


def test_randaugment_moves_the_same_share_of_small_images():
    """The paper's 100 px and 40 px are for images of 300 px (V2 Table 6, S)."""
    for scale, px in (("smoke", 24), ("small", 32), ("medium", 128)):
        recipe = get("v2_table13", scale).about.base.recipe
        assert (recipe.translate_px, recipe.cutout_px) == pytest.approx((100 * px / 300, 40 * px / 300))
    assert get("v2_table13", "paper").about.base.recipe.translate_px == 100


def test_sizes_of_sets_are_those_of_the_sets():
    train, test, classes, px = size_of_set("digits")
    images = datasets.load("digits", "train")
    assert (train, test, classes) == (len(images), len(datasets.load("digits", "test")), len(images.classes))
    assert px == (images.image(0).height, images.image(0).width)


def test_kept_bytes_of_a_network_that_is_counted_by_hand():
    with torch.device("meta"):
        model = nn.Sequential(nn.Conv2d(3, 5, 1, bias=False), nn.Sigmoid())
    # the input, the weights, and the sigmoid's output
    assert kept_bytes(model, 2, 4) == 4 * (2 * 3 * 16 + 15 + 2 * 5 * 16)


def test_memory_grows_with_the_batch_and_shrinks_with_its_parts(tiny):
    run = tiny()
    whole, checkpoint = memory_of(run, 10, 24)
    halves, _ = memory_of(replace(run, accumulate=2), 10, 24)
    weights = checkpoint // 6
    assert whole - 5 * weights == 2 * (halves - 5 * weights) > 0


def test_paper_scale_needs_no_images(monkeypatch):
    """ImageNet is not here; timing is made up, everything else is real."""
    monkeypatch.setattr(training_cost, "seconds_by_round", made_up_seconds)
    monkeypatch.setattr(training_cost, "TIMED_PIXELS", 0)
    cost = CostOf(pick("cpu"))(get("v2_table13", "paper").arms["progressive-adaptive"])
    assert cost.count == 350 * (round(0.98 * 1_281_167) // 4096)  # a fiftieth is held out
    assert {images for _, images, _ in cost.sizes.values()} == {4}
    assert cost.memory > 100 * 2**30  # 4,096 images at 380 px on one device


def test_estimate_says_what_it_counted(monkeypatch):
    monkeypatch.setattr(training_cost, "seconds_by_round", made_up_seconds)
    jobs = get("v2_table13_first", "small").first(3).jobs
    text = estimate_jobs(jobs, "cpu")
    assert "18 different runs, 0 of them in" in text and "left out: reading files" in text
    assert "efficientnetv2-tiny  28     32" in text and "processor time" in text
    rows = [line.split() for line in text.splitlines() if "cifar10" in line]
    assert [(row[0], row[-2]) for row in rows][:2] == [("progressive-vanilla", "3"), ("progressive-adaptive", "3")]
    assert len(rows) == 6 and {row[3] for row in rows} == {"6,200"}
