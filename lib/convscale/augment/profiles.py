"""What a RandAugment magnitude means: the same number is three different strengths in three libraries.

tf           the papers' code: magnitude / 10, not clipped, both drawn operations applied, distances in pixels
timm         its `rand-mX`: clipped at 10, each operation applied with probability 1/2, translations in shares of the
             image, fifteen operations without Cutout
torchvision  its RandAugment: bins 0 to 30 (nearest one), its fourteen operations, colours signed too
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms import RandAugment as TorchvisionRandAugment
from torchvision.transforms.autoaugment import _apply_op

from ..errors import check_name
from ..recipes.pixels import RELEASED, Pixels
from ..recipes.recipe import RELEASED_OPERATIONS
from .operations import LAYERS, MAX_LEVEL, OPERATIONS, Reach, Spot
from .pil_ops import FILL

PROFILES = ("tf", "timm", "torchvision")  # whose scale of magnitudes: that of the papers' code, or of a library
TIMM_TRANSLATE = 0.45  # of the side at magnitude 10; timm auto_augment.py `_translate_rel_level_to_arg`
TIMM_PROBABILITY = 0.5  # timm auto_augment.py `rand_augment_transform`
BINS = 31  # torchvision's `num_magnitude_bins`


class Argument(NamedTuple):
    """An operation's argument, in its own unit; a signed one is negated for half of the images."""

    value: float
    signed: bool


@lru_cache(maxsize=256)
def arguments(
    profile: str,
    magnitude: float,
    size: tuple[int, int],
    pixels: Pixels = RELEASED,
    operations: tuple[str, ...] = RELEASED_OPERATIONS,
) -> dict[str, Argument]:
    """The operations of `profile` and their arguments at `magnitude`, for images of `size` = (width, height) px.

    `pixels` are the distances of profile "tf"; the others scale theirs with the image. Of `operations` profile "timm"
    leaves Cutout out, and "torchvision" has a list of its own.

    >>> [arguments(profile, 15, (331, 331))["Rotate"].value for profile in PROFILES]
    [45.0, 30.0, 15.0]

    Raises ValueError for an unknown profile, a magnitude below 0, and one beyond torchvision's last bin.
    """
    check_name("profile", profile, PROFILES)
    if magnitude < 0:
        raise ValueError(f"magnitude {magnitude}: RandAugment's are at least 0")
    width, height = size
    if profile == "torchvision":
        if round(magnitude) >= BINS:
            raise ValueError(f"magnitude {magnitude}: profile 'torchvision' has bins 0 to {BINS - 1}; 'tf' has no end")
        space = TorchvisionRandAugment()._augmentation_space(BINS, (height, width))
        bins = {name: values[round(magnitude)] if values.ndim else values for name, (values, _) in space.items()}
        return {name: Argument(bins[name].item(), signed) for name, (_, signed) in space.items()}
    level, names, reach = magnitude / MAX_LEVEL, operations, Reach(pixels.translate, pixels.translate, pixels.cutout)
    if profile == "timm":
        level, names = min(level, 1.0), tuple(name for name in operations if name != "Cutout")
        reach = Reach(TIMM_TRANSLATE * width, TIMM_TRANSLATE * height, 0)
    return {name: Argument(OPERATIONS[name].argument(level, reach), OPERATIONS[name].signed) for name in names}


def apply(image: Image.Image, profile: str, name: str, argument: float, spot: Spot, interpolation: str) -> Image.Image:
    """One operation with its library's own code. `interpolation` is for timm's geometry; the others' is nearest."""
    if profile == "torchvision":
        return _apply_op(image, name, argument, InterpolationMode.NEAREST, None)
    resample = Image.Resampling[interpolation.upper()] if profile == "timm" else Image.Resampling.NEAREST
    return OPERATIONS[name].pil(image, argument, spot, {"resample": resample, "fillcolor": FILL})


def randaugment(
    image: Image.Image,
    magnitude: float,
    rng: np.random.Generator,
    pixels: Pixels = RELEASED,
    profile: str = "tf",
    interpolation: str = "bilinear",
    operations: tuple[str, ...] = RELEASED_OPERATIONS,
) -> Image.Image:
    """Two of `operations` drawn uniformly with replacement at `magnitude` (RGB in, RGB out)."""
    known = list(arguments(profile, magnitude, image.size, pixels, operations).items())
    for number, sign, spot in drawn(len(known), profile, rng):
        name, (value, signed) = known[number]
        image = apply(image, profile, name, sign * value if signed else value, spot, interpolation)
    return image


def drawn(count: int, profile: str, rng: np.random.Generator) -> Iterator[tuple[int, int, Spot]]:
    """Number, sign (-1 or 1) and place of the operations, of `count`, that are applied to an image."""
    for _ in range(LAYERS):
        number, sign = int(rng.integers(count)), int(rng.integers(2)) * 2 - 1
        spot = Spot(rng.random(), rng.random())
        if applied_share(profile) == 1 or rng.random() < applied_share(profile):
            yield number, sign, spot


def applied_share(profile: str) -> float:
    """The share of the drawn operations that are applied."""
    return TIMM_PROBABILITY if profile == "timm" else 1.0
