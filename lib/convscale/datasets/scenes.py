"""Small scenes made of photographs of textures, for detection, segmentation and depth where nothing can be downloaded.

They show that code runs and learns. What they ask is made up, so nothing follows from how well it is answered.
"""

from dataclasses import dataclass

import numpy as np

from .photographs import photograph
from .textures import TEXTURES

GROUND, *THINGS = ("grass", "brick", "gravel")  # of TEXTURES: what lies behind, and what lies before it
assert {GROUND, *THINGS} == set(TEXTURES)


@dataclass(frozen=True)
class Scene:
    """One grey image with rectangles of brick and gravel on grass. Classes: 0 grass, 1 brick, 2 gravel."""

    image_HW: np.ndarray  # uint8
    classes_HW: np.ndarray  # int64: the class of each pixel
    boxes_N4: np.ndarray  # float32: left, top, right, bottom in px, one for each rectangle
    labels_N: np.ndarray  # int64: their classes
    depth_HW: np.ndarray  # float32: 2 for the ground; a rectangle is the nearer the larger it is, from 1 to 2


def patch(pixels_HW: np.ndarray, height: int, width: int, random: np.random.Generator) -> np.ndarray:
    top = random.integers(pixels_HW.shape[0] - height + 1)
    left = random.integers(pixels_HW.shape[1] - width + 1)
    return pixels_HW[top : top + height, left : left + width]


def scenes(count: int, px: int, seed: int) -> list[Scene]:
    """`count` scenes of `px` x `px`, each with one or two rectangles. Raises DataMissing without scikit-image."""
    random = np.random.default_rng(seed)
    pixels = {name: np.asarray(photograph(name).convert("L")) for name in TEXTURES}
    return [scene(pixels, px, random) for _ in range(count)]


def scene(pixels: dict[str, np.ndarray], px: int, random: np.random.Generator) -> Scene:
    image_HW = patch(pixels[GROUND], px, px, random).copy()
    classes_HW, depth_HW = np.zeros((px, px), np.int64), np.full((px, px), 2, np.float32)
    boxes, labels = [], []
    for half in range(random.integers(1, 3)):  # a second one lies below the first, so that none hides another
        height, width = random.integers(px // 4, px // 2, size=2)
        left = random.integers(px - width + 1)
        top = half * (px // 2) + random.integers(px // 2 - height + 1)
        label = int(random.integers(1, 1 + len(THINGS)))
        place = slice(top, top + height), slice(left, left + width)
        image_HW[place] = patch(pixels[THINGS[label - 1]], height, width, random)
        classes_HW[place], depth_HW[place] = label, 2 - height * width / (px // 2) ** 2
        boxes.append((left, top, left + width, top + height))
        labels.append(label)
    return Scene(image_HW, classes_HW, np.array(boxes, np.float32), np.array(labels, np.int64), depth_HW)
