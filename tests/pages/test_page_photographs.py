"""Pictures of augmentation: real images, small, with words, the same each time."""

import re

import numpy as np
import pytest

from convscale.augment.pil_ops import FILL
from convscale.pages.photographs import (
    augmented,
    distance_pictures,
    mean_weight,
    operated,
    square,
    training_pictures,
)
from convscale.recipes import Pixels, Stage, progressive

WORDS = dict(name="fig-x", title="t", subtitle="s", caption="c")
STAGES = progressive(4, (128, 380), (5, 20), (0, 0.2), (0.1, 0.4))
CHOSEN = {"coffee": (6, "Contrast and ShearX"), "rocket": (12, "Sharpness and Rotate")}


def grey(image) -> float:
    """Share of pixels that an operation has filled."""
    return float((np.asarray(image) == FILL).all(2).mean())


@pytest.mark.parametrize(("px", "left"), [(128, 0.0), (192, 42 / 192), (300, 0.5)])
def test_a_translation_by_pixels_leaves_less_of_a_small_image(px, left):
    """150 px at magnitude 15, whatever the image."""
    moved = operated(square("cat", px), "TranslateX", 15, Pixels())
    assert grey(moved) == pytest.approx(1 - left, abs=0.01)
    assert grey(operated(square("cat", px), "TranslateX", 15, Pixels().at(px))) == pytest.approx(0.5, abs=0.01)


def test_an_image_is_augmented_at_its_stage_and_the_same_each_time():
    images = [augmented("coffee", stage, 6) for stage in STAGES]
    assert [image.size for image in images] == [(px, px) for px in (128, 212, 296, 380)]
    assert images[1].tobytes() == augmented("coffee", STAGES[1], 6).tobytes()
    assert grey(images[0]) < grey(images[-1])  # ShearX goes farther at a larger magnitude


def test_mixup_weighs_an_image_more_than_its_partner():
    assert mean_weight(0) == 1 and mean_weight(1) == pytest.approx(0.75, abs=0.01)  # of max(w, 1 - w), w uniform
    assert mean_weight(0.2) > mean_weight(0.4)


@pytest.mark.parametrize("draw", ["training", "distances"])
def test_pictures_are_small_and_described(draw):
    make = {
        "training": lambda: training_pictures(STAGES, CHOSEN, **WORDS),
        "distances": lambda: distance_pictures((128, 192, 300), 15, "cat", **WORDS),
    }[draw]
    drawing = make()
    images = re.findall(r"<img [^>]*>", drawing.wide)
    assert len(images) == {"training": 12, "distances": 15}[draw] and drawing.narrow == ""
    assert all(re.search(r'alt="[^"]{10,}"', image) and "data:image/jpeg;base64," in image for image in images)
    assert len({re.search(r'alt="([^"]*)"', image)[1] for image in images}) == len(images)
    assert len(drawing.markdown()) < 200_000 and make().markdown() == drawing.markdown()


def test_a_name_of_an_operation_is_of_those_that_the_seed_draws():
    """Captions name the operations: Contrast and ShearX turn nothing, Rotate does not change colours of the middle."""
    strong, weak = Stage(200, 20, 0, 0), Stage(200, 5, 0, 0)
    spread = [float(np.asarray(augmented("coffee", stage, 6).convert("L")).std()) for stage in (weak, strong)]
    assert spread[1] > 1.2 * spread[0]  # Contrast: 1.0 at magnitude 5, 3.7 at 20
    plain = np.asarray(square("rocket", 200), dtype=int)[95:105, 95:105].mean()
    assert abs(np.asarray(augmented("rocket", weak, 12), dtype=int)[95:105, 95:105].mean() - plain) < 10
