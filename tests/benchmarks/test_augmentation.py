"""The benchmark of augmentation runs, and what it compares does the same work."""

import numpy as np
import torch

from benchmarks import augmentation, jpegs
from benchmarks.augmentation import all_operations, compare_augmentation
from benchmarks.training import COLUMNS
from convscale.augment import draw_layers, randaugment_batch
from convscale.datasets import Images
from convscale.devices import pick


def test_the_baseline_makes_the_same_images():
    x = torch.randint(0, 256, (32, 3, 20, 24), dtype=torch.uint8)
    draws, magnitude = draw_layers(np.random.default_rng(0), 32), torch.tensor(9.0)
    assert torch.equal(all_operations(x, magnitude, draws), randaugment_batch(x, magnitude, draws))


def test_every_way_gets_a_line(monkeypatch):
    monkeypatch.setattr(augmentation, "BATCH", 16)
    monkeypatch.setattr(augmentation, "SIZE", 32)
    monkeypatch.setattr(augmentation.importlib.util, "find_spec", lambda name: None)  # with or without kornia
    table = compare_augmentation(rounds=1)
    assert table.groupby("group", sort=False).way.count().to_dict() == {"host": 4, "device": 2}
    assert (table.images_per_second > 0).all() and (table.groupby("group").ratio.first() == 1).all()
    assert "16 images of 500x375 px" in table.attrs["protocol"]


def test_ways_to_read_jpegs_get_a_line_each(monkeypatch):
    monkeypatch.setattr(jpegs, "COUNT", 4)
    monkeypatch.setattr(jpegs, "SIZE", 32)
    table = jpegs.compare_jpegs(pick("cpu"), rounds=1)
    assert set(table.columns) == set(COLUMNS)
    fast = jpegs.FAST in jpegs.paths()
    assert table["goal"].tolist() == ["", "", 1.3, 1.3, *([1.8, 1.8] if fast else [])] and (table["ratio"] > 0).all()
    assert "4 JPEG files of 500x375 px" in table.attrs["protocol"]
    pil, torch_path, *others = (jpegs.ours(images_of(4), path, "timm")().x_BCHW for path in jpegs.paths())
    assert pil.shape == torch_path.shape == (4, 3, 32, 32)
    assert len(others) == fast and all(torch.equal(torch_path, other) for other in others)


def images_of(count):
    return Images(jpegs.jpegs(), np.zeros(count, int), ("photograph", "other"))
