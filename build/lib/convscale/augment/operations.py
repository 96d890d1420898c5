"""RandAugment's operations as one table: the papers' argument, and the two ways to carry each out.

`pil` works on one PIL image, `batched` on a uint8 batch with whatever the device is; both are within one grey level of
each other. What a magnitude means is told by a profile, see `profiles.py`. A new operation is one entry here; the
trainings that draw it name it in `Recipe.operations`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from PIL import Image
from timm.data import auto_augment as timm_ops
from torch import Tensor

from . import batched_ops, pil_ops

MAX_LEVEL = 10  # autoaugment.py `_MAX_LEVEL`: the scale's nominal maximum, which magnitudes may exceed
LAYERS = 2  # operations an image; autoaugment.py `randaugment_num_layers` of both recipes


class Reach(NamedTuple):
    """How far, in px, the operations go that move or hide something, at the nominal maximum."""

    x: float
    y: float
    cutout: float


@dataclass(frozen=True)
class Operation:
    """One row. `argument(level, reach)`, level = magnitude / 10, makes numbers of numbers, 0-d tensors of tensors."""

    argument: Callable[[Any, Reach], Any]
    pil: Callable[[Image.Image, Any, "Spot", dict], Image.Image]  # (image, argument, where, geometry)
    batched: Callable[[Tensor, Tensor, Tensor], Tensor]  # (uint8 x_BCHW, argument_B111, where_B2)
    signed: bool = False  # the argument's sign is drawn


class Spot(NamedTuple):
    """Where an operation acts, in shares of height and width."""

    y: float
    x: float


def whole(value: float | Tensor) -> int | Tensor:
    """`int(value)`; of a tensor, a float32 that may have come out a rounding error below a whole number."""
    return torch.trunc(value + 1e-4) if isinstance(value, Tensor) else int(value)


def unused(level, reach):
    return 0 * level


def enhancement(level, reach):
    """Blend factor: 1 leaves the image alone, which is magnitude 5; below 1 weakens, above exaggerates."""
    return 1.8 * level + 0.1


# autoaugment.py `level_to_arg`. Posterize and Solarize really do get weaker as the magnitude rises.
OPERATIONS = {
    "AutoContrast": Operation(
        unused,
        lambda i, a, s, g: timm_ops.auto_contrast(i),
        lambda x, a, s: batched_ops.auto_contrast(x),
    ),
    "Equalize": Operation(
        unused,
        lambda i, a, s, g: timm_ops.equalize(i),
        lambda x, a, s: batched_ops.equalize(x),
    ),
    "Invert": Operation(
        unused,
        lambda i, a, s, g: timm_ops.invert(i),
        lambda x, a, s: 255 - x,
    ),
    "Rotate": Operation(
        lambda level, reach: 30 * level,  # degrees
        lambda i, a, s, g: timm_ops.rotate(i, a, **g),
        lambda x, a, s: batched_ops.rotate(x, a),
        signed=True,
    ),
    "Posterize": Operation(
        lambda level, reach: whole(4 * level),  # bits that are kept
        lambda i, a, s, g: pil_ops.posterize(i, a),
        lambda x, a, s: batched_ops.posterize(x, a),
    ),
    "Solarize": Operation(
        lambda level, reach: whole(256 * level),  # the darkest value that is inverted
        lambda i, a, s, g: timm_ops.solarize(i, a),
        lambda x, a, s: batched_ops.solarize(x, a),
    ),
    "Color": Operation(
        enhancement,
        lambda i, a, s, g: timm_ops.color(i, a),
        lambda x, a, s: batched_ops.color(x, a),
    ),
    "Contrast": Operation(
        enhancement,
        lambda i, a, s, g: timm_ops.contrast(i, a),
        lambda x, a, s: batched_ops.contrast(x, a),
    ),
    "Brightness": Operation(
        enhancement,
        lambda i, a, s, g: timm_ops.brightness(i, a),
        lambda x, a, s: batched_ops.brightness(x, a),
    ),
    "Sharpness": Operation(
        enhancement,
        lambda i, a, s, g: timm_ops.sharpness(i, a),
        lambda x, a, s: batched_ops.sharpness(x, a),
    ),
    "ShearX": Operation(
        lambda level, reach: 0.3 * level,  # px a row
        lambda i, a, s, g: timm_ops.shear_x(i, a, **g),
        lambda x, a, s: batched_ops.shear(x, a, dim=3),
        signed=True,
    ),
    "ShearY": Operation(
        lambda level, reach: 0.3 * level,  # px a column
        lambda i, a, s, g: timm_ops.shear_y(i, a, **g),
        lambda x, a, s: batched_ops.shear(x, a, dim=2),
        signed=True,
    ),
    "TranslateX": Operation(
        lambda level, reach: reach.x * level,  # px
        lambda i, a, s, g: timm_ops.translate_x_abs(i, a, **g),
        lambda x, a, s: batched_ops.translate(x, a, dim=3),
        signed=True,
    ),
    "TranslateY": Operation(
        lambda level, reach: reach.y * level,  # px
        lambda i, a, s, g: timm_ops.translate_y_abs(i, a, **g),
        lambda x, a, s: batched_ops.translate(x, a, dim=2),
        signed=True,
    ),
    "Cutout": Operation(
        lambda level, reach: whole(reach.cutout * level),  # half of the square's side, px
        lambda i, a, s, g: pil_ops.cutout(i, a, s.y, s.x),
        batched_ops.cutout,
    ),
    "SolarizeAdd": Operation(
        lambda level, reach: whole(110 * level),  # added to values below 128
        lambda i, a, s, g: timm_ops.solarize_add(i, a),
        lambda x, a, s: batched_ops.solarize_add(x, a),
    ),
}
