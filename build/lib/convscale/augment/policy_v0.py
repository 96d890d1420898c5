"""AutoAugment's policy "v0" as the papers' code applies it: 25 pairs of operations, each with its own probability."""

import numpy as np
from PIL import Image
from timm.data.auto_augment import auto_augment_policy_v0

from ..recipes.pixels import RELEASED, Pixels
from .operations import Spot
from .profiles import apply, arguments

# autoaugment.py gives its AutoAugment 250 and 100 px where RandAugment has 100 and 40.
REACH = 2.5
# (operation, probability, magnitude) by timm's port of the release; its one relative translation is in pixels there.
POLICY = [[(op.name.removesuffix("Rel"), op.prob, op.magnitude) for op in pair] for pair in auto_augment_policy_v0({})]


def autoaugment(image: Image.Image, rng: np.random.Generator, pixels: Pixels = RELEASED) -> Image.Image:
    """One pair of the policy, drawn uniformly. `pixels` are RandAugment's distances, which a recipe may shrink."""
    for name, probability, magnitude in POLICY[rng.integers(len(POLICY))]:
        sign, spot = int(rng.integers(2)) * 2 - 1, Spot(rng.random(), rng.random())
        if rng.random() >= probability:
            continue
        value, signed = arguments("tf", magnitude, image.size, pixels.times(REACH))[name]
        image = apply(image, "tf", name, sign * value if signed else value, spot, "nearest")
    return image
