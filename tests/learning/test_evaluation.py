"""Accuracy on a folder of images: checked on a network whose answers are known."""

import numpy as np
import pytest
import torch
from PIL import Image

from convscale.datasets.sources import DataMissing, read_split
from convscale.devices import pick
from convscale.learning.evaluation import evaluate_images, with_weights
from convscale.models import build, export_weights


@pytest.fixture
def folder(tmp_path):
    """Six classes with 1, 2, ... 6 images of noise each, not square."""
    rng = np.random.default_rng(0)
    for label in range(6):
        (tmp_path / f"class{label}").mkdir()
        for i in range(label + 1):
            pixels = rng.integers(0, 256, (40, 56, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / f"class{label}" / f"{i}.png")
    return tmp_path


@pytest.fixture
def ranked(tmp_path_factory):
    """Weights of a network that always answers 5, 4, 3, 2, 1, 0, in this order."""
    model = build("efficientnetv2-tiny", 6)
    torch.nn.init.zeros_(model.classifier.weight)
    with torch.no_grad():
        model.classifier.bias.copy_(torch.arange(6))
    path = tmp_path_factory.mktemp("weights") / "ranked.safetensors"
    export_weights(model, path)
    return path


def test_top1_and_top5_of_a_network_with_known_answers(folder, ranked):
    images = read_split(folder)
    model, config = with_weights("efficientnetv2-tiny", str(ranked), len(images.classes), None)
    result = evaluate_images(model, images, config, pick("cpu"), batch_size=4, workers=0)
    assert result == {"images": 21, "top1": 100 * 6 / 21, "top5": 100 * 20 / 21}


def test_the_papers_preprocessing_is_used(folder):
    _, config = with_weights("efficientnetv2-s", None, 6, None)
    assert (config["input_size"], config["crop_mode"], config["mean"][0]) == ((3, 384, 384), "squash", 128 / 255)
    _, config = with_weights("efficientnetv2-s", None, 6, 300)
    assert (config["crop_mode"], config["crop_pct"]) == ("center", 300 / 332)


def test_weights_of_another_number_of_classes_are_refused(ranked):
    with pytest.raises(ValueError, match="classifier"):
        with_weights("efficientnetv2-tiny", str(ranked), 7, None)


def test_bad_input_is_one_clear_error(tmp_path, ranked):
    with pytest.raises(DataMissing, match="no such folder"):
        read_split(tmp_path / "absent")
    with pytest.raises(ValueError, match="brings its own"):
        with_weights("timm:resnet18.a1_in1k", str(ranked), 6, None)
    with pytest.raises(ValueError, match="did you mean"):
        with_weights("timm:resnet18x", None, 6, None)
