"""What training draws for each image of a batch: crop, mirror and RandAugment's operations, keyed by image.

The same numbers in the same order as `crops.random_resized_crop`, `TrainTransform` and `profiles.randaugment` draw.
"""

import math

import numpy as np
from numba import njit

from . import generator
from .generator import STATE, integers, random, uniform
from .operations import SKIPPED

LOG_LOW, LOG_HIGH = math.log(3 / 4), math.log(4 / 3)  # aspect ratios, as in `crops.random_resized_crop`


@njit(cache=True)
def crop_box(g, height, width, area, box):
    """`crops.random_resized_crop`'s box: left, upper, right, lower, in px."""
    box[:] = 0, 0, width, height
    for _ in range(10):
        pixels = width * height * uniform(g, area[0], area[1])
        ratio = math.exp(uniform(g, LOG_LOW, LOG_HIGH))
        w, h = round(math.sqrt(pixels * ratio)), round(math.sqrt(pixels / ratio))
        if 0 < w <= width and 0 < h <= height:
            left, top = integers(g, width - w + 1), integers(g, height - h + 1)
            box[:] = left, top, left + w, top + h
            return


@njit(cache=True, nogil=True)
def draw(key, index_B, size_B2, area, whole, flip, count, share, box_B4, mirror_B, operation_BL, sign_BL, where_BL2):
    """Fill the last five arrays for images `index_B` of height and width `size_B2`.

    `key` are the uint32 words of seed and epoch, which an image's own number follows. `whole` takes all of the image
    instead of a random crop; `count` operations are chosen from, 0 for none; below 1, `share` of them are applied.
    """
    g = np.empty(STATE, np.uint64)
    words = np.empty(len(key) + 1, np.uint32)
    words[: len(key)] = key
    for b in range(len(index_B)):
        words[len(key)] = index_B[b]
        generator.seed(words, g)
        if whole:
            box_B4[b, 0], box_B4[b, 1], box_B4[b, 2], box_B4[b, 3] = 0, 0, size_B2[b, 1], size_B2[b, 0]
        else:
            crop_box(g, size_B2[b, 0], size_B2[b, 1], area, box_B4[b])
        mirror_B[b] = flip and random(g) < 0.5
        for layer in range(operation_BL.shape[1] if count else 0):
            operation_BL[b, layer] = integers(g, count)
            sign_BL[b, layer] = integers(g, 2)  # 0 for -1, 1 for 1
            where_BL2[b, layer, 0] = random(g)
            where_BL2[b, layer, 1] = random(g)
            if share < 1 and random(g) >= share:
                operation_BL[b, layer] = SKIPPED
