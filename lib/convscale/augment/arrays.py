"""A recipe's augmentation of pixels in arrays: torch resizes, and numba does RandAugment where it is installed."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from . import kernels
from .crops import random_box, resized_pixels
from .transforms import TrainTransform


@dataclass(frozen=True)
class ArrayTransform:
    """`pillows` with the same draws for an array's pixels, which torch resizes.

    If `compiled`, RandAugment is done by the kernels, which make the same pixels sooner.
    """

    pillows: TrainTransform
    compiled: bool = False

    def __call__(self, x_HWC: np.ndarray, size: int, magnitude: float, rng: np.random.Generator) -> np.ndarray:
        """x_HWC (uint8) at `size` px; all that is random comes from `rng`."""
        height, width = x_HWC.shape[:2]
        t, box = self.pillows, (0, 0, width, height)
        if t.crop != "whole":
            box = random_box(width, height, t.crop_area, rng)
        mirrored = t.flip and rng.random() < 0.5
        x_HWC = resized_pixels(x_HWC, size, t.interpolation, box, mirrored)
        if t.policy == "none":
            return x_HWC
        if self.compiled:
            from .kernels import single

            return single.randaugment(x_HWC, t, magnitude, rng)
        image = Image.fromarray(x_HWC)
        augmented = t.augmented(image, magnitude, rng)
        return x_HWC if augmented is image else np.array(augmented)


def array_transform(transform: TrainTransform, count: int) -> ArrayTransform:
    """`transform` for `count` arrays, compiled where numba is installed, knows all of it and pays."""
    if not kernels.pay(count):
        return ArrayTransform(transform)
    from .kernels.tables import known

    return ArrayTransform(transform, compiled=known(transform))
