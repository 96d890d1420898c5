"""Augmentation: on the host image by image with PIL, or RandAugment on the device batch by batch."""

from .autoaugment import autoaugment
from .crops import random_resized_crop
from .device import randaugment_batch
from .draws import Draws, draw_layers
from .noise import draw_places, noise_cutout
from .operations import NAMES, OPERATIONS, RELEASED, Pixels
from .profiles import PROFILES, arguments, randaugment
from .transforms import eval_transform, train_transform

__all__ = [
    "NAMES",
    "OPERATIONS",
    "PROFILES",
    "RELEASED",
    "Draws",
    "Pixels",
    "arguments",
    "autoaugment",
    "draw_layers",
    "draw_places",
    "eval_transform",
    "noise_cutout",
    "randaugment",
    "randaugment_batch",
    "random_resized_crop",
    "train_transform",
]
