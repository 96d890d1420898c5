"""Heads for detection, segmentation and depth: their shapes, that they train the network's own weights, and learn."""

import numpy as np
import pytest
import torch

from convscale.datasets.scenes import scenes
from convscale.learning.dense import Dense, Trunk, depth_estimator, detector, mean_iou, segmenter, train
from convscale.models import build
from convscale.pages.downstream import batches_of

PX = 48


@pytest.fixture
def network():
    torch.manual_seed(0)
    return build("resnet-tiny8", num_classes=4)


def test_scenes_say_the_same_thing_four_times():
    for scene in scenes(6, PX, seed=1):
        assert scene.image_HW.shape == scene.classes_HW.shape == scene.depth_HW.shape == (PX, PX)
        drawn = np.zeros((PX, PX), int)
        for (left, top, right, bottom), label in zip(scene.boxes_N4.astype(int), scene.labels_N, strict=True):
            drawn[top:bottom, left:right] = label
        assert (drawn == scene.classes_HW).all()
        assert ((scene.depth_HW == 2) == (drawn == 0)).all() and scene.depth_HW.min() >= 1
    assert (scenes(1, PX, seed=3)[0].image_HW == scenes(1, PX, seed=3)[0].image_HW).all()


def test_a_trunk_has_the_maps_of_the_last_stages_and_the_networks_weights(network):
    trunk = Trunk(network)
    maps = trunk(torch.zeros(1, 3, 64, 64))
    last = network.head(network.blocks(network.stem(torch.zeros(1, 3, 64, 64))))
    assert [m.shape[1] for m in maps.values()] == trunk.channels and maps["2"].shape == last.shape
    assert [m.shape[2] for m in maps.values()] == [32, 16, 8]
    mine = {id(p) for p in network.parameters()}
    assert {id(p) for p in trunk.parameters()} < mine


@pytest.mark.parametrize(("model", "outputs"), [(segmenter, 3), (depth_estimator, 1)])
def test_every_pixel_gets_an_answer(network, model, outputs):
    made: Dense = model(network, 3) if outputs == 3 else model(network)
    assert made(torch.zeros(2, 3, PX, PX)).shape == (2, outputs, PX, PX)


@pytest.mark.parametrize("task", [pytest.param("detection", marks=pytest.mark.slow), "segmentation", "depth"])
def test_a_few_steps_learn_and_change_the_networks_weights(network, task):
    torch.manual_seed(0)
    model = {
        "detection": lambda: detector(network, 3, PX),
        "segmentation": lambda: segmenter(network, 3),
        "depth": lambda: depth_estimator(network),
    }[task]()
    before = network.stem[0][0].weight.clone()
    losses = train(model, task, batches_of(task, count=8, batch=4, px=PX, passes=5, seed=0))
    assert len(losses) == 10 and np.mean(losses[-3:]) < np.mean(losses[:3])
    assert not torch.equal(before, network.stem[0][0].weight)


def test_a_detector_answers_with_boxes_in_the_image(network):
    (found,) = detector(network, 3, PX).eval()([torch.rand(3, PX, PX)])
    assert found["boxes"].shape[1] == 4 and (found["boxes"] >= 0).all() and (found["boxes"] <= PX).all()


def test_mean_iou_counts_only_classes_that_are_there():
    true = torch.tensor([[[0, 0, 1, 1]]])
    assert mean_iou(true, true, 3) == 100
    assert mean_iou(torch.tensor([[[0, 1, 1, 1]]]), true, 3) == pytest.approx(100 * (1 / 2 + 2 / 3) / 2)
