"""Photographs of three textures as a set to classify, of real pixels and without a download."""

import numpy as np

from .images import Images
from .photographs import photograph, photograph_file
from .sizes import SIZES

TEXTURES = ("brick", "grass", "gravel")  # each grey, 512 x 512 px
PATCH = SIZES["textures"].px[0]  # px; ours: a few bricks, and 32 patches in each half


def textures(split: str) -> Images:
    """96 grey patches of 64x64 px in three classes: of each photograph the left half to train, the right half to test.

    No pixel is in both. Raises DataMissing, with what to do, without scikit-image.
    """
    patches, places = [], []
    for name in TEXTURES:
        pixels = np.asarray(photograph(name).convert("L"))
        middle = pixels.shape[1] // 2
        half = pixels[:, middle:] if split == "test" else pixels[:, :middle]
        patches += cut(half)
        places.append(photograph_file(name))
    labels = np.repeat(np.arange(len(TEXTURES)), len(patches) // len(TEXTURES))
    return Images(patches, labels, TEXTURES, places=tuple(places))


def cut(pixels_HW: np.ndarray) -> list[np.ndarray]:
    """All whole patches, row by row."""
    height, width = pixels_HW.shape
    return [
        pixels_HW[y : y + PATCH, x : x + PATCH].copy()
        for y in range(0, height - PATCH + 1, PATCH)
        for x in range(0, width - PATCH + 1, PATCH)
    ]
