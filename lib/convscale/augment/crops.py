"""Cutting a square out of an image of any shape: for training at random, for evaluation in the middle."""

import math

import numpy as np
from PIL import Image

from ..models.preprocessing import Preprocessing

CROPS = ("random-resized", "whole")


def resized(image: Image.Image, size: int, interpolation: str, box: tuple | None = None) -> Image.Image:
    """`box` of the image, by default all of it, at `size` px squared (antialiased)."""
    return image.resize((size, size), Image.Resampling[interpolation.upper()], box=box)


def random_resized_crop(
    image: Image.Image, size: int, area: tuple[float, float], rng: np.random.Generator, interpolation: str = "bilinear"
) -> Image.Image:
    """Crop a share `area` of the image, aspect ratio 3/4 to 4/3, and resize it to `size` px."""
    return resized(image, size, interpolation, random_box(*image.size, area, rng))


def random_box(
    width: int, height: int, area: tuple[float, float], rng: np.random.Generator
) -> tuple[int, int, int, int]:
    """Left, upper, right and lower edge (px) of a share `area` of an image, aspect ratio 3/4 to 4/3.

    Ten attempts, then the whole image (automl preprocessing.py, which crops with
    tf.image.sample_distorted_bounding_box).
    """
    for _ in range(10):
        pixels = width * height * rng.uniform(*area)
        ratio = math.exp(rng.uniform(math.log(3 / 4), math.log(4 / 3)))
        w, h = round(math.sqrt(pixels * ratio)), round(math.sqrt(pixels / ratio))
        if 0 < w <= width and 0 < h <= height:
            left, top = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
            return left, top, left + w, top + h
    return 0, 0, width, height


def resized_pixels(
    x_HWC: np.ndarray, size: int, interpolation: str, box: tuple[int, int, int, int], mirrored: bool = False
) -> np.ndarray:
    """`resized` by torch, four times as fast: `box` of x_HWC (uint8) at `size` px squared, antialiased.

    Pixels are within one of 255 of Pillow's but at the edges of `box`, beyond which Pillow sees.
    """
    import torch  # the other ways need none
    import torch.nn.functional as F

    left, top, right, bottom = box
    # One image looks like any layout: unless it is made as channels_last, torch takes the slow way (torch 2.9).
    shape = (1, 3, bottom - top, right - left)
    x_1CHW = torch.empty(shape, dtype=torch.uint8, memory_format=torch.channels_last)
    x_1CHW[0].permute(1, 2, 0).numpy()[:] = x_HWC[top:bottom, left:right]
    small_1CHW = F.interpolate(x_1CHW, (size, size), mode=interpolation, antialias=True)
    if mirrored:
        small_1CHW = small_1CHW.flip(3)  # numpy's way takes longer than the resize
    return small_1CHW[0].permute(1, 2, 0).numpy()


def centre_box(width: int, height: int, preprocessing: Preprocessing) -> tuple[int, int, int, int]:
    """Left, upper, right and lower edge (px) of the evaluation image: all of it, or the centre square that
    `preprocessing` names.

    The square's odd pixel goes as in tpu efficientnet preprocessing.py `_decode_and_center_crop`.
    """
    if preprocessing.crop is None:
        return 0, 0, width, height
    side = int(preprocessing.crop * min(width, height))
    left, top = ((length - side + 1) // 2 for length in (width, height))
    return left, top, left + side, top + side


def centre_crop(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    """The evaluation image at its size."""
    p = preprocessing
    return resized(image, p.size, p.interpolation, centre_box(*image.size, p))
