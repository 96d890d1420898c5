"""What evaluation shows a network. Training's curve, its metrics and `evaluate` all take it from here.

The papers' code cuts a square out of the image and resizes that; timm resizes the image and cuts the square out of the
result. The pixels differ. Our networks, and whatever training kept, are evaluated as the papers' code does, weights of
timm as timm does.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from ..datasets import as_shown, to_tensor
from ..models.preprocessing import NORMALISATIONS, Preprocessing
from ..recipes.recipe import Recipe
from .crops import centre_crop
from .normalisation import Constants, normalise


@dataclass(frozen=True)
class EvalPixels:
    """An image made `size` px squared by `transform`, and what `normalise` then takes."""

    size: int
    transform: Callable[[Image.Image], Image.Image | Tensor]  # RGB -> RGB or uint8 x_CHW
    normalisation: Constants
    words: str  # the same for people

    def network_input(self, image: Image.Image) -> Tensor:
        """A person's image, of any size and mode, as its owner sees it -> float32 x_CHW, normalised."""
        pixels = self.transform(as_shown(image))
        x_CHW = pixels if isinstance(pixels, Tensor) else to_tensor(pixels)
        return normalise(x_CHW[None], self.normalisation)[0]


@dataclass(frozen=True)
class PapersTransform:
    """A crop and resize that loader processes can carry."""

    preprocessing: Preprocessing

    def __call__(self, image: Image.Image) -> Image.Image:
        return centre_crop(image, self.preprocessing)


class TimmTransform:
    """timm's evaluation transform, up to uint8 pixels."""

    def __init__(self, config: dict):
        from timm.data import create_transform

        self.transform = create_transform(**config, is_training=False, use_prefetcher=True)

    def __call__(self, image: Image.Image) -> Tensor:
        return torch.as_tensor(self.transform(image))


def papers_pixels(preprocessing: Preprocessing) -> EvalPixels:
    """Crop, then resize."""
    p = preprocessing
    part = f"{p.crop:.3f} of the shorter side" if p.crop else "the whole image"
    words = f"{p.size} px, {part}, {p.interpolation}"
    return EvalPixels(p.size, PapersTransform(p), NORMALISATIONS[p.normalisation], words)


def recipe_pixels(recipe: Recipe, size: int) -> EvalPixels:
    """Those of a training's recipe at `size` px. Raises ValueError for an unknown crop or normalisation."""
    return papers_pixels(Preprocessing(size, recipe.normalisation, recipe.eval_crop, recipe.interpolation))


def timm_pixels(config: dict) -> EvalPixels:
    """Resize, then crop, as `timm.data.resolve_model_data_config` says."""
    size = config["input_size"][-1]
    mean, std = (tuple(255 * value for value in config[name]) for name in ("mean", "std"))
    words = (
        f"{size} px, {config['crop_pct']:.3f} of the shorter side ({config['crop_mode']}), {config['interpolation']}"
    )
    return EvalPixels(size, TimmTransform(config), (mean, std), words)
