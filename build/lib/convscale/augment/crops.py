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
    """Crop a share `area` of the image, aspect ratio 3/4 to 4/3, and resize it to `size` px.

    Ten attempts, then the whole image (automl preprocessing.py, which crops with
    tf.image.sample_distorted_bounding_box).
    """
    width, height = image.size
    box = (0, 0, width, height)
    for _ in range(10):
        pixels = width * height * rng.uniform(*area)
        ratio = math.exp(rng.uniform(math.log(3 / 4), math.log(4 / 3)))
        w, h = round(math.sqrt(pixels * ratio)), round(math.sqrt(pixels / ratio))
        if 0 < w <= width and 0 < h <= height:
            left, top = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
            box = (left, top, left + w, top + h)
            break
    return resized(image, size, interpolation, box)


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
