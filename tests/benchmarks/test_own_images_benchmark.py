"""The benchmark of trainings from scratch: its arms see as many images, and all pairs are judged at once."""

import argparse

import numpy as np
import pandas as pd
import pytest

from benchmarks import own_images
from convscale.datasets import load
from convscale.devices import pick


def test_timms_sizes_grow_and_every_batch_is_whole():
    images = load("textures", "train")
    sizes = [len_px for x, _ in own_images.timm_batches(images, (16, 24, 32), 12, seed=0) for len_px in {x.shape[-1]}]
    assert len(sizes) == 12 * (len(images) // own_images.BATCH)
    assert np.mean(sizes[:12]) + 4 < np.mean(sizes[-12:]) and set(sizes) == {16, 24, 32}
    fixed = list(own_images.timm_batches(images, (24,), 2, seed=0))
    assert [tuple(x.shape) for x, _ in fixed] == [(own_images.BATCH, 3, 24, 24)] * 6


def test_every_arm_of_a_pair_is_trained():
    rows = list(own_images.runs([("textures", 32)], ["efficientnetv2-tiny"], [3], 96, pick("cpu")))
    assert [row["arm"] for row in rows] == ["fixed", "sizes", "own", "longer"]
    assert all(0 <= row["top1"] <= 100 and row["seconds"] > 0 and row["seed"] == 3 for row in rows)
    assert [row["epochs"] for row in rows[:3]] == [1, 1, 1]


def test_pairs_are_judged_together():
    rows = [
        dict(set=name, model="m", seed=seed, arm=arm, top1=50.0 + seed + gain, seconds=seconds)
        for name in ("a", "b")
        for seed in (0, 1)
        for arm, gain, seconds in (("fixed", 0, 8.0), ("sizes", 1, 6.0), ("own", 2 + seed, 4.0), ("longer", 5, 8.0))
    ]
    table = own_images.judged(pd.DataFrame(rows)).set_index(["arm", "against"])
    own = table.loc["own", "fixed"]
    assert (own.pairs, own.points, own.seconds) == (4, 2.5, pytest.approx(0.5))
    assert own.low == pytest.approx(2.5 - 3.182 * (1 / 3) ** 0.5 / 2, abs=1e-3)  # t of 3 degrees of freedom
    assert table.loc["longer", "sizes"].points == 4 and table.loc["longer", "sizes"].seconds == pytest.approx(4 / 3)


def test_a_set_needs_a_size():
    assert own_images.set_and_size("textures:64") == ("textures", 64)
    with pytest.raises(argparse.ArgumentTypeError, match="write a set or folder and its size in px"):
        own_images.set_and_size("textures")
