"""The pixel path of torch: the same crops, mirrors and operations as Pillow's, of nearly the same pixels."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from convscale.augment import ArrayTransform, array_transform, kernels, train_transform
from convscale.augment.crops import resized_pixels
from convscale.datasets import ArraySet, Images, Item, KeyedSampler, resident, train_loader
from convscale.datasets.photographs import photograph
from convscale.learning.trainer import Trainer
from convscale.recipes import V2_PAPER

TORCH = replace(V2_PAPER, pixel_path="torch", crop_area=(0.3, 1.0))
ARRAYS = ArrayTransform(train_transform(TORCH, flip=True))
PHOTO = np.asarray(photograph("cat"))


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize("box", [(0, 0, *PHOTO.shape[1::-1]), (31, 17, 400, 290), (5, 5, 40, 60)])
def test_torch_resizes_as_pillow_does(interpolation, box):
    """What the box cuts off, Pillow's `box` sees; a crop of it does not."""
    found = resized_pixels(PHOTO, 64, interpolation, box)
    crop = Image.fromarray(PHOTO).crop(box)
    wanted = np.asarray(crop.resize((64, 64), Image.Resampling[interpolation.upper()]), np.int64)
    assert found.shape == (64, 64, 3) and found.dtype == np.uint8
    assert np.abs(found - wanted).max() <= (1 if interpolation == "bilinear" else 2)
    assert np.array_equal(resized_pixels(PHOTO, 64, interpolation, box, mirrored=True), found[:, ::-1])


@pytest.mark.parametrize(
    "changes", [dict(), dict(policy="none"), dict(crop="whole"), dict(profile="timm"), dict(profile="torchvision")]
)
def test_both_ways_draw_the_same(changes):
    pillows = train_transform(replace(TORCH, **changes), flip=True)
    arrays, image = ArrayTransform(pillows), Image.fromarray(PHOTO)
    for seed in range(12):
        wanted = np.asarray(pillows(image, 64, 5.0, np.random.default_rng(seed)), float)
        found = arrays(PHOTO, 64, 5.0, np.random.default_rng(seed))
        assert np.abs(found - wanted).mean() < 2.5, seed  # an operation may stretch what one level sets apart


@pytest.mark.skipif(not kernels.works(), reason="the optional [fast] is not installed")
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize("profile", ["tf", "timm", "torchvision"])
def test_numba_makes_the_pixels_that_pillow_makes(profile, interpolation):
    transform = train_transform(replace(TORCH, profile=profile, interpolation=interpolation), flip=True)
    arrays, compiled = ArrayTransform(transform), array_transform(transform, count=10**6)
    assert compiled.compiled == (profile != "timm" or interpolation == "bilinear")
    for seed in range(40):
        size, magnitude = 24 + seed, float(seed % 11)
        one, two = (made(PHOTO, size, magnitude, np.random.default_rng(seed)) for made in (arrays, compiled))
        assert np.array_equal(one, two), seed


def test_numba_is_not_loaded_for_few_images_nor_for_what_it_does_not_know(monkeypatch):
    transform = train_transform(TORCH, flip=True)
    monkeypatch.setattr(kernels, "pay", lambda count: count > 100)
    assert not array_transform(transform, count=100).compiled
    assert not array_transform(train_transform(replace(TORCH, policy="autoaugment"), True), count=1000).compiled


def photographs(count: int) -> Images:
    files = []
    for i in range(count):
        file = io.BytesIO()
        Image.fromarray(PHOTO[i : i + 200, i : i + 240]).save(file, "JPEG", quality=90)
        files.append(file.getvalue())
    return Images(files, np.arange(count) % 2, ("a", "b"))


def batches(workers: int) -> list[torch.Tensor]:
    made = ArraySet(photographs(8), ARRAYS, seed=3)
    sampler = KeyedSampler(8, 4, 0, 4, 3, lambda step: (32, 5.0))
    return [batch.x_BCHW for batch in train_loader(made, sampler, workers)]


def test_batches_depend_on_nothing_but_the_key():
    for one, two in zip(batches(0), batches(2), strict=True):
        assert torch.equal(one, two) and one.is_contiguous(memory_format=torch.channels_last)
    images = photographs(8)
    kept = resident(images, "photographs of this test")
    assert kept.decoded is not None
    item = Item(0, 5, 32, 5.0)
    sets = [ArraySet(each, ARRAYS, seed=3) for each in (images, kept)]
    assert torch.equal(sets[0][item][0], sets[1][item][0])


def test_a_run_of_this_path_trains_on_it_also_where_its_set_is_in_memory(tiny):
    run = tiny(epochs=1)
    assert type(Trainer(replace(run, recipe=replace(run.recipe, pixel_path="torch")), pick_cpu()).batches) is ArraySet
    assert type(Trainer(run, pick_cpu()).batches) is not ArraySet


def pick_cpu():
    from convscale.devices import pick

    return pick("cpu")


def test_an_unknown_path_is_refused():
    with pytest.raises(ValueError, match="unknown pixel_path 'pillow': did you mean pil"):
        replace(V2_PAPER, pixel_path="pillow")
