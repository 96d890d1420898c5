"""Crops, flips and policies as a recipe names them."""

import pickle
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from scipy import stats

from convscale.augment import autoaugment, randaugment, random_resized_crop, recipe_pixels, train_transform
from convscale.recipes import Pixels
from convscale.recipes.recipe import RELEASED_OPERATIONS

BILINEAR, BICUBIC = Image.Resampling.BILINEAR, Image.Resampling.BICUBIC


def recipe(**changes):
    """The fields of a `Recipe` that augmentation looks at, at its defaults."""
    fields = dict(policy="randaugment", profile="tf", crop="random-resized", interpolation="bilinear")
    fields |= dict(eval_crop="whole", crop_area=(0.05, 1.0), translate_px=100, cutout_px=40)
    fields |= dict(normalisation="v2", operations=RELEASED_OPERATIONS)
    return SimpleNamespace(**fields | changes)


class Sheet:
    """Stands for an image and notes the boxes that are cut from it."""

    def __init__(self, width, height):
        self.size, self.boxes = (width, height), []

    def resize(self, size, resample, box):
        self.boxes.append((size, resample, box))


@pytest.mark.parametrize("area", [(0.05, 1.0), (0.3, 0.6)])
def test_crops_keep_to_area_aspect_and_borders(area):
    sheet, rng = Sheet(400, 300), np.random.default_rng(1)
    for _ in range(3000):
        random_resized_crop(sheet, 224, area, rng)
    shares = []
    for size, resample, (left, top, right, bottom) in sheet.boxes:
        w, h = right - left, bottom - top
        assert size == (224, 224) and resample == Image.Resampling.BILINEAR
        assert left >= 0 and top >= 0 and right <= 400 and bottom <= 300
        # the sides are rounded to whole pixels
        assert (w + 0.5) * (h + 0.5) >= area[0] * 120_000 and (w - 0.5) * (h - 0.5) <= area[1] * 120_000
        assert (w + 0.5) / (h - 0.5) >= 3 / 4 and (w - 0.5) / (h + 0.5) <= 4 / 3
        shares.append(w * h / 120_000)
    assert min(shares) < area[0] + 0.02 and max(shares) > area[1] - 0.1
    assert {box[0] for *_, box in sheet.boxes} > {0, 5} and {box[1] for *_, box in sheet.boxes} > {0, 5}


def test_a_crop_that_cannot_fit_is_the_whole_image():
    sheet = Sheet(1000, 10)
    random_resized_crop(sheet, 224, (1.0, 1.0), np.random.default_rng(0))
    assert sheet.boxes[0][2] == (0, 0, 1000, 10)


def rng(key=0):
    return np.random.default_rng(key)


def test_the_same_key_gives_the_same_pixels(picture):
    ours = recipe(crop_area=(0.3, 1.0), translate_px=11, cutout_px=4)
    transform, image = train_transform(ours, flip=True), picture(64, 64)
    first, again = ([np.asarray(transform(image, 32, 10, rng([7, e, 3]))) for e in range(20)] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert len({pixels.tobytes() for pixels in first}) == 20
    assert all(pixels.shape == (32, 32, 3) and pixels.dtype == np.uint8 for pixels in first)


@pytest.mark.parametrize("changes", [{}, dict(policy="autoaugment"), dict(profile="timm"), dict(profile="torchvision")])
def test_transforms_travel_to_workers(changes, picture):
    image = picture(64, 80)
    train, test = train_transform(recipe(**changes), True), recipe_pixels(recipe(**changes), 32).transform
    there, test_there = pickle.loads(pickle.dumps((train, test)))
    for key in range(5):
        assert np.array_equal(train(image, 48, 9, rng(key)), there(image, 48, 9, rng(key)))
    assert np.array_equal(test(image), test_there(image))


def test_each_field_of_the_recipe_decides_what_it_names(picture):
    image = picture(64, 80)

    def made(**changes):
        return np.asarray(train_transform(recipe(**changes), False)(image, 48, 9, rng(4)))

    plain = dict(policy="none", crop="whole")
    np.testing.assert_array_equal(made(**plain), image.resize((48, 48), BILINEAR))
    np.testing.assert_array_equal(made(**plain, interpolation="bicubic"), image.resize((48, 48), BICUBIC))
    whole = image.resize((48, 48), BILINEAR)
    pixels = dict(translate_px=12, cutout_px=5)
    np.testing.assert_array_equal(made(crop="whole", **pixels), randaugment(whole, 9, rng(4), Pixels(12, 5)))
    for profile in ("timm", "torchvision"):
        wanted = randaugment(whole, 9, rng(4), profile=profile, interpolation="bilinear")
        np.testing.assert_array_equal(made(crop="whole", profile=profile), wanted)
    np.testing.assert_array_equal(made(crop="whole", policy="autoaugment"), autoaugment(whole, rng(4)))
    cropped = random_resized_crop(image, 48, (0.2, 0.3), rng(4))
    np.testing.assert_array_equal(made(policy="none", crop_area=(0.2, 0.3)), cropped)


def test_without_randaugment_crop_and_flip_remain(picture):
    ours, image = recipe(), picture(64, 80)
    left, bare = train_transform(ours, True, randaugment=False), train_transform(recipe(policy="none"), True)
    assert left == replace(bare) and left.policy == "none"
    assert np.array_equal(left(image, 48, 9, rng(1)), bare(image, 48, 0, rng(1)))


def test_flips_are_half_of_the_images_and_only_where_asked():
    ramp = Image.fromarray(np.tile(np.linspace(0, 255, 64).astype(np.uint8), (64, 1))).convert("RGB")

    def mirrored(key, flip):
        made = train_transform(recipe(policy="none", crop_area=(1.0, 1.0)), flip)(ramp, 32, 10, rng(key))
        return made.getpixel((0, 0))[0] > made.getpixel((31, 0))[0]

    assert stats.binomtest(sum(mirrored(key, True) for key in range(1000)), 1000, 0.5).pvalue > 0.01
    assert not any(mirrored(key, False) for key in range(100))


# of 50 x 71 px at 32 px: 0.5 of 50 is 25, 0.875 of 50 is 43; an odd rest leaves more on the left and on the top
@pytest.mark.parametrize(
    ("eval_crop", "box"), [("whole", None), ("padded", (23, 13, 48, 38)), ("0.875", (14, 4, 57, 47))]
)
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_evaluation_takes_the_named_part(eval_crop, box, interpolation, picture):
    image = picture(50, 71)
    made = recipe_pixels(recipe(eval_crop=eval_crop, interpolation=interpolation), 32).transform(image)
    wanted = image.resize((32, 32), BILINEAR if interpolation == "bilinear" else BICUBIC, box=box)
    np.testing.assert_array_equal(made, wanted)


@pytest.mark.parametrize("field", ["policy", "profile", "crop", "interpolation"])
def test_misspelt_names_are_refused_at_once(field):
    with pytest.raises(ValueError, match=f"unknown {field} 'nearby': .*allowed: "):
        train_transform(recipe(**{field: "nearby"}), True)
    if field == "interpolation":
        with pytest.raises(ValueError, match="unknown interpolation 'nearby'"):
            recipe_pixels(recipe(interpolation="nearby"), 32)


def test_what_the_device_cannot_do_is_refused_at_once():
    with pytest.raises(ValueError, match="unknown eval_crop 'half'"):
        recipe_pixels(recipe(eval_crop="half"), 32)
    with pytest.raises(ValueError, match="policy 'autoaugment' is for the host only"):
        train_transform(recipe(policy="autoaugment"), True, randaugment=False)
    with pytest.raises(ValueError, match=r"profile 'timm' is for the host only; on the device: recipe\.profile=tf"):
        train_transform(recipe(profile="timm"), True, randaugment=False)
