"""RandAugment as the papers' code does it (tpu efficientnet autoaugment.py), on PIL images, plus crop and flip.

The sixteen operations come from timm, which ports them from the same file; the magnitudes are ours, because
timm's follow another scale: it clips at 10, applies each operation with probability 0.5 and measures
translation in shares of the image. Here both drawn operations are always applied, magnitudes are not clipped
and distances are pixels.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image
from timm.data import auto_augment as timm_ops

MAX_LEVEL = 10  # autoaugment.py `_MAX_LEVEL`: the scale's nominal maximum, which magnitudes may exceed
LAYERS = 2  # operations an image; autoaugment.py `randaugment_num_layers` of both recipes
FILL = (128, 128, 128)  # autoaugment.py `replace_value`
RESAMPLE = Image.Resampling.NEAREST  # tf.contrib.image.transform's default
TRANSLATE_PX, CUTOUT_PX = 100, 40  # autoaugment.py, distances at magnitude 10


@dataclass(frozen=True)
class Pixels:
    """The two distances that the release gives in pixels of a 300-px image, at magnitude 10."""

    translate: float = TRANSLATE_PX
    cutout: float = CUTOUT_PX

    def at(self, image_size: int, reference: int = 300) -> "Pixels":
        """The same shares of a smaller image: 100 px of 300 are 11 px of 32."""
        return Pixels(self.translate * image_size / reference, self.cutout * image_size / reference)


class Draw(NamedTuple):
    """The random part of one operation: which, with what sign, and where (in shares of height and width)."""

    op: int
    sign: int
    y: float
    x: float


def cutout(image: Image.Image, half: int, draw: Draw) -> Image.Image:
    """Grey square of side 2 x `half` px around the drawn centre, clipped at the borders."""
    cy, cx = int(draw.y * image.height), int(draw.x * image.width)
    box = (max(0, cx - half), max(0, cy - half), min(image.width, cx + half), min(image.height, cy + half))
    image = image.copy()
    if box[0] < box[2] and box[1] < box[3]:
        image.paste(FILL, box)
    return image


GEOMETRY = dict(resample=RESAMPLE, fillcolor=FILL)

# name -> f(image, m, draw, pixels) with m = magnitude / 10: autoaugment.py `level_to_arg`. Signs are random
# only for geometry; Posterize and Solarize really do get weaker as m rises.
OPS = {
    "AutoContrast": lambda i, m, d, p: timm_ops.auto_contrast(i),
    "Equalize": lambda i, m, d, p: timm_ops.equalize(i),
    "Invert": lambda i, m, d, p: timm_ops.invert(i),
    "Rotate": lambda i, m, d, p: timm_ops.rotate(i, d.sign * 30 * m, **GEOMETRY),
    "Posterize": lambda i, m, d, p: timm_ops.posterize(i, int(4 * m)),
    "Solarize": lambda i, m, d, p: timm_ops.solarize(i, int(256 * m)),
    "Color": lambda i, m, d, p: timm_ops.color(i, 1.8 * m + 0.1),
    "Contrast": lambda i, m, d, p: timm_ops.contrast(i, 1.8 * m + 0.1),
    "Brightness": lambda i, m, d, p: timm_ops.brightness(i, 1.8 * m + 0.1),
    "Sharpness": lambda i, m, d, p: timm_ops.sharpness(i, 1.8 * m + 0.1),
    "ShearX": lambda i, m, d, p: timm_ops.shear_x(i, d.sign * 0.3 * m, **GEOMETRY),
    "ShearY": lambda i, m, d, p: timm_ops.shear_y(i, d.sign * 0.3 * m, **GEOMETRY),
    "TranslateX": lambda i, m, d, p: timm_ops.translate_x_abs(i, d.sign * p.translate * m, **GEOMETRY),
    "TranslateY": lambda i, m, d, p: timm_ops.translate_y_abs(i, d.sign * p.translate * m, **GEOMETRY),
    "Cutout": lambda i, m, d, p: cutout(i, int(p.cutout * m), d),
    "SolarizeAdd": lambda i, m, d, p: timm_ops.solarize_add(i, int(110 * m)),
}
NAMES = tuple(OPS)


def randaugment(image: Image.Image, magnitude: float, rng: np.random.Generator, pixels: Pixels) -> Image.Image:
    """Two operations drawn uniformly with replacement, both applied at `magnitude` (RGB in, RGB out)."""
    for _ in range(LAYERS):
        draw = Draw(int(rng.integers(len(NAMES))), int(rng.integers(2)) * 2 - 1, rng.random(), rng.random())
        image = OPS[NAMES[draw.op]](image, magnitude / MAX_LEVEL, draw, pixels)
    return image


def random_resized_crop(
    image: Image.Image, size: int, area: tuple[float, float], rng: np.random.Generator
) -> Image.Image:
    """Crop a share `area` of the image, aspect ratio 3/4 to 4/3, and resize to `size` px (bilinear, antialiased).

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
    return image.resize((size, size), Image.Resampling.BILINEAR, box=box)


def train_image(
    image: Image.Image,
    size: int,
    magnitude: float,
    rng: np.random.Generator,
    area: tuple[float, float],
    flip: bool,
    pixels: Pixels,
) -> Image.Image:
    """Random resized crop, horizontal flip with probability 1/2 if `flip`, RandAugment."""
    image = random_resized_crop(image, size, area, rng)
    if flip and rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return randaugment(image, magnitude, rng, pixels)


def eval_image(image: Image.Image, size: int) -> Image.Image:
    """The whole image resized to a square, as the release evaluates from 320 px on (automl preprocessing.py)."""
    return image.resize((size, size), Image.Resampling.BILINEAR)
