"""A recipe's augmentation as functions that the loader's workers can carry: PIL image in, square RGB image out."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from ..errors import check_name
from ..models.preprocessing import INTERPOLATIONS
from ..recipes.pixels import Pixels
from ..recipes.recipe import RELEASED_OPERATIONS, Recipe
from .crops import CROPS, random_resized_crop, resized
from .operations import OPERATIONS
from .policy_v0 import autoaugment
from .profiles import PROFILES, randaugment

POLICIES = ("randaugment", "autoaugment", "none")


@dataclass(frozen=True)
class TrainTransform:
    """Crop, horizontal flip with probability 1/2 if `flip`, and the policy."""

    crop: str
    crop_area: tuple[float, float]
    interpolation: str
    flip: bool
    policy: str
    profile: str
    pixels: Pixels
    operations: tuple[str, ...]

    def __call__(self, image: Image.Image, size: int, magnitude: float, rng: np.random.Generator) -> Image.Image:
        """The image at `size` px; all that is random comes from `rng`."""
        if self.crop == "whole":
            image = resized(image, size, self.interpolation)
        else:
            image = random_resized_crop(image, size, self.crop_area, rng, self.interpolation)
        if self.flip and rng.random() < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return self.augmented(image, magnitude, rng)

    def augmented(self, image: Image.Image, magnitude: float, rng: np.random.Generator) -> Image.Image:
        """The cropped image after the policy."""
        if self.policy == "randaugment":
            return randaugment(image, magnitude, rng, self.pixels, self.profile, self.interpolation, self.operations)
        return autoaugment(image, rng, self.pixels) if self.policy == "autoaugment" else image


def train_transform(recipe: Recipe, flip: bool, randaugment: bool = True) -> TrainTransform:
    """The recipe's training transform; without `randaugment` crop and flip only, the rest is left to the device.

    Raises ValueError for an unknown crop, interpolation, policy, profile or operation, for a policy or profile left to
    the device that it does not have, and for a choice of operations where torchvision's profile has its own.
    """
    operations = tuple(check_name("RandAugment operation", name, OPERATIONS) for name in recipe.operations)
    policy = check_name("policy", recipe.policy, POLICIES)
    profile = check_name("profile", recipe.profile, PROFILES)
    if profile == "torchvision" and operations != RELEASED_OPERATIONS:
        raise ValueError("profile 'torchvision' has its own operations: leave `operations` alone, or use tf or timm")
    if not randaugment:
        if policy == "autoaugment":
            raise ValueError("policy 'autoaugment' is for the host only; on the device: randaugment, none")
        if policy == "randaugment" and profile != "tf":
            raise ValueError(f"profile {profile!r} is for the host only; on the device: recipe.profile=tf")
    return TrainTransform(
        crop=check_name("crop", recipe.crop, CROPS),
        crop_area=recipe.crop_area,
        interpolation=check_name("interpolation", recipe.interpolation, INTERPOLATIONS),
        flip=flip,
        policy=policy if randaugment else "none",
        profile=profile,
        pixels=Pixels(recipe.translate_px, recipe.cutout_px),
        operations=operations,
    )
