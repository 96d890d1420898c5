"""Whole batches made by numba, and crops made on the device: the pixels of PIL, to the last bit."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from numba import njit
from PIL import Image

from convscale.augment import (
    CropBatches,
    WholeBatches,
    crop_on_device,
    device_crops,
    eval_whole_batches,
    operations,
    papers_pixels,
    train_transform,
    whole_batches,
)
from convscale.augment.batches import words_of
from convscale.augment.device_crops import PARTS, held_images, squares
from convscale.augment.kernels import generator, interpolated, resize
from convscale.augment.kernels.tables import KNOWN
from convscale.datasets import Images, Item, TrainSet, eval_batches, resident
from convscale.datasets.loader import collate_train
from convscale.devices import pick
from convscale.models import Preprocessing
from convscale.recipes import V2_PAPER

TEXT = dict(capture_output=True, text=True)
SEED, EPOCH = 2**33 + 5, 3  # a seed of two words, as numpy's seeding takes it
RECIPE = replace(V2_PAPER, crop_area=(0.2, 1.0), translate_px=11, cutout_px=4)
TF, TIMM, TORCHVISION = (0, 2.4, 5, 9, 10, 12.5, 21, 30), (0, 2.5, 9, 10), (0, 1, 5, 9, 15, 30)


@pytest.fixture(scope="module")
def images(picture):
    """48 images: of CIFAR's shape, wide, and so tall that Pillow 13 resizes their rows first."""
    shapes = [(32, 32), (20, 61), (90, 23), (64, 64), (47, 40), (9, 8)]
    arrays = [np.asarray(picture(*shapes[i % 6], seed=i)) for i in range(48)]
    return resident(Images(arrays, np.arange(48) % 3, ("a", "b", "c")), "pictures")


@njit
def some_draws(words, out):
    g = np.empty(generator.STATE, np.uint64)
    generator.seed(words, g)
    for i in range(len(out)):
        out[i, 0], out[i, 1] = generator.random(g), generator.integers(g, 17)
        out[i, 2], out[i, 3] = generator.uniform(g, 0.3, 0.9), generator.integers(g, 3_000_000_001)


@pytest.mark.parametrize("key", [[0], [0, 0, 0], [1, 2, 3], [SEED, 7, 49_999], [1, 2, 3, 4, 5, 6], [2**64 - 1, 9]])
def test_the_generator_is_numpys(key):
    out, rng = np.empty((200, 4)), np.random.default_rng(key)
    some_draws(np.concatenate([words_of(number) for number in key]), out)
    wanted = [(rng.random(), rng.integers(17), rng.uniform(0.3, 0.9), rng.integers(3_000_000_001)) for _ in out]
    np.testing.assert_array_equal(out, wanted)


def one_by_one(images, transform, items):
    """What the loader makes of these items: PIL, image by image."""
    made = TrainSet(replace(images, decoded=None), transform, SEED)
    return collate_train([made[item] for item in items])


@pytest.mark.parametrize(
    ("changes", "magnitudes"),
    [
        (dict(profile="tf"), TF),
        (dict(profile="tf", interpolation="bicubic"), TF[3:5]),
        (dict(profile="tf", crop="whole"), TF[3:5]),
        (dict(profile="torchvision"), TORCHVISION),
        (dict(profile="torchvision", interpolation="bicubic"), TORCHVISION[2:4]),
        (dict(profile="timm"), TIMM),
        (dict(policy="none", crop_area=(1.0, 1.0)), (0,)),  # a crop that never fits is the whole image
        (dict(operations=("Rotate", "Cutout", "Equalize")), (9,)),
    ],
)
@pytest.mark.parametrize("flip", [True, False])
def test_whole_batches_are_those_of_the_loader(images, changes, magnitudes, flip):
    transform = train_transform(replace(RECIPE, **changes), flip)
    whole = whole_batches(images, transform, SEED, count=10**6)
    for magnitude in magnitudes:
        for size in (16, 24, 33):
            items = [Item(EPOCH + size, i, size, magnitude) for i in (*range(48), 5)]
            for ours, theirs in zip(whole.__getitems__(items), one_by_one(images, transform, items), strict=True):
                assert torch.equal(ours, theirs) and ours.dtype == theirs.dtype


NEAR = 2.0**-54  # moves a pixel's middle to just outside of it


@pytest.mark.parametrize(
    "map", [(0.9, 0.3, -5.0, -0.3, 0.9, 20.0), (1, 0, -NEAR, 0, 1, -NEAR), (1, 0, 7.5, 0, 1, -3), (0, -1, 24, 1, 0, 0)]
)
def test_interpolation_is_pils(map):
    x = np.random.default_rng(1).integers(0, 256, (24, 24, 3), np.uint8)
    x[:2, :2] = [[[1] * 3, [255] * 3], [[255] * 3, [1] * 3]]  # where a hair's breadth changes what is truncated
    options = dict(resample=Image.Resampling.BILINEAR, fillcolor=(128,) * 3)
    wanted, out = Image.fromarray(x).transform((24, 24), Image.Transform.AFFINE, map, **options), np.empty_like(x)
    interpolated.bilinear(x, np.array(map, float), 128, out)
    assert np.array_equal(out, np.asarray(wanted))


def test_every_operation_is_drawn_and_changes_pixels(images):
    """Or equality above would be that of images left alone."""
    for profile, least in {"tf": 0.85, "timm": 0.6, "torchvision": 0.85}.items():  # timm leaves a quarter alone
        transform = train_transform(replace(RECIPE, profile=profile), True)
        plain = train_transform(replace(RECIPE, policy="none"), True)
        items = [Item(EPOCH, i, 24, 9) for i in range(48)]
        made, left = (WholeBatches(images, images.decoded, t, SEED).__getitems__(items)[0] for t in (transform, plain))
        assert (made != left).flatten(1).any(1).float().mean() > least


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize("size", [16, 33, 100])
def test_the_device_crops_as_pil_does(images, interpolation, size):
    transform = train_transform(replace(RECIPE, policy="none", interpolation=interpolation), flip=True)
    items = [Item(EPOCH, i, size, 0) for i in range(48)]
    batch = CropBatches(images, images.decoded, transform, SEED).__getitems__(items)
    wanted = one_by_one(images, transform, items)
    assert torch.equal(crop_on_device(squares(images.decoded), batch.x_BCHW), wanted.x_BCHW)
    assert torch.equal(batch.labels, wanted.labels)
    assert bool(batch.x_BCHW.turned_B.any()) == (resize.TALL_FIRST and size < 90)


def test_the_device_crops_alike_in_less_precision(images):
    """The parts of the weights, and pixels, have 8 bits: what tensor cores and TPUs keep of a float32."""
    transform = train_transform(replace(RECIPE, policy="none", interpolation="bicubic"), flip=True)
    items = [Item(EPOCH, i, 24, 0) for i in range(48)]
    crops = CropBatches(images, images.decoded, transform, SEED).__getitems__(items).x_BCHW
    assert crops.weights_2BST.min() < 0  # of the bicubic filter
    whole = torch.zeros_like(crops.weights_2BST)
    for shift, mask in PARTS:
        part = crops.weights_2BST >> shift if mask is None else (crops.weights_2BST >> shift) & mask
        assert torch.equal(part.bfloat16().int(), part)
        whole += part << shift
    assert torch.equal(whole, crops.weights_2BST)


@pytest.mark.parametrize("crop", ["whole", "padded", "0.875"])
def test_evaluation_in_whole_batches(images, crop):
    pixels = papers_pixels(Preprocessing(24, "v2", crop, "bicubic"))
    for rank in range(2):
        theirs = eval_batches(replace(images, decoded=None), pixels.transform, 7, rank, 2)
        for ours, wanted in zip(eval_whole_batches(images, pixels.transform, 7, rank, 2), theirs, strict=True):
            assert all(map(torch.equal, ours, wanted))


def test_what_the_kernels_do_not_know_is_left_to_pil(images, monkeypatch):
    def made(images=images, count=10**6, **changes):
        return whole_batches(images, train_transform(replace(RECIPE, **changes), True), SEED, count)

    assert made() is not None
    assert made(replace(images, decoded=None)) is made(policy="autoaugment") is None
    assert made(profile="timm") is not None and made(profile="timm", interpolation="bicubic") is None
    own = {**operations.OPERATIONS, "Blur": operations.OPERATIONS["Invert"]}
    monkeypatch.setattr("convscale.augment.transforms.OPERATIONS", own)
    assert made(operations=("Invert", "Blur")) is None
    monkeypatch.setattr("convscale.augment.kernels.available", lambda: False)
    assert made() is None


def test_every_operation_of_the_papers_is_known():
    assert set(operations.OPERATIONS) <= set(KNOWN)


def test_a_device_holds_images_that_fit_and_that_it_may_crop(images, capsys, monkeypatch):
    plain = train_transform(replace(RECIPE, policy="none"), True)

    class Gpu:
        kind, world, shards, free = "cuda", 1, 1, 2**30
        put = staticmethod(lambda tensors: tensors)

        def free_memory(self):
            return self.free

    gpu = Gpu()
    held = held_images(images, plain, gpu, 10**6, 16)
    assert held.shape == (48, 3, 90, 90)
    assert (
        np.array_equal(held[2, :, :90, :23].permute(1, 2, 0), images.decoded.image(2)) and not held[2, :, :, 23:].any()
    )
    assert held_images(images, train_transform(RECIPE, True), gpu, 10**6, 16) is None  # PIL's operations are the host's
    assert held_images(images, plain, pick("cpu"), 10**6, 16) is None
    assert held_images(images, plain, gpu, 10**6, 1) is not None  # 181 pixels in a row
    cubic = replace(plain, interpolation="bicubic")
    assert held_images(images, cubic, gpu, 10**6, 1) is None  # 361
    with monkeypatch.context() as patched:
        patched.setattr(device_crops, "free_memory", lambda: 4 * held.numel() - 1)
        assert held_images(images, plain, gpu, 10**6, 16) is None
    gpu.free = 4 * held.numel() - 1
    assert held_images(images, plain, gpu, 10**6, 16) is None and "the host crops" in capsys.readouterr().err
    gpu.world = 2
    assert held_images(images, plain, gpu, 10**6, 16) is None


@pytest.mark.parametrize(
    "fault", ["raise ImportError('Numba needs NumPy 2.2 or less')", "def njit(**_): raise RuntimeError('no locator')"]
)
def test_a_numba_that_does_not_work_here_is_done_without(tmp_path, fault):
    (tmp_path / "numba.py").write_text(fault)
    told = "from convscale.augment import kernels; print([kernels.pay(10**9), kernels.pay(10**9), kernels.pay(1)])"
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run([sys.executable, "-c", told], env={**os.environ, "PYTHONPATH": path}, **TEXT)
    assert done.stdout.strip() == "[False, False, False]", done.stderr
    assert done.stderr.count("numba cannot be used") == 1
