"""What the kernels are told about RandAugment's operations, asked of the libraries that carry them out one by one.

Where an operation looks each value up alone, PIL's own answer for the 256 values is the table; where it moves pixels,
the map is the one that it hands to PIL. So no formula of an operation's argument is written twice.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PIL import Image

from ...recipes.pixels import Pixels
from ..operations import Spot
from ..pil_ops import FILL
from ..profiles import apply, arguments
from ..transforms import TrainTransform
from .operations import AFFINE, BILINEAR, KINDS, TABLE

POINTWISE = ("Identity", "Invert", "Posterize", "Solarize", "SolarizeAdd", "Brightness")
MOVING = ("Rotate", "ShearX", "ShearY", "TranslateX", "TranslateY")
OTHERS = {"AutoContrast": "autocontrast", "Equalize": "equalize", "Color": "color", "Contrast": "contrast"}
OTHERS |= {"Sharpness": "sharpness", "Cutout": "cutout"}
KNOWN = (*POINTWISE, *MOVING, *OTHERS)
VALUES = Image.fromarray(np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2))


class Tables(NamedTuple):
    """Of N operations, each with sign - and +: how it is carried out, its table of 256 values, its numbers."""

    kind_N: np.ndarray
    table_N2V: np.ndarray
    numbers_N26: np.ndarray
    fill: int  # what moves in from outside


def known(transform: TrainTransform) -> bool:
    """Whether the kernels can do all that `transform` does.

    Only PIL has AutoAugment, timm's geometry in bicubic interpolation, and operations of one's own.
    """
    t = transform
    if t.policy != "randaugment":
        return t.policy == "none"
    return set(t.operations) <= set(KNOWN) and not (t.profile == "timm" and t.interpolation != "bilinear")


@lru_cache(maxsize=256)
def tables(profile: str, magnitude: float, size: int, pixels: Pixels, operations: tuple[str, ...]) -> Tables:
    """Those of `arguments(profile, magnitude, (size, size), pixels, operations)`, in their order."""
    drawn = arguments(profile, magnitude, (size, size), pixels, operations)
    moving = BILINEAR if profile == "timm" else AFFINE
    kind_N = np.empty(len(drawn), np.int64)
    table_N2V = np.zeros((len(drawn), 2, 256), np.uint8)
    numbers_N26 = np.zeros((len(drawn), 2, 6))
    for n, (name, (value, signed)) in enumerate(drawn.items()):
        kind_N[n] = TABLE if name in POINTWISE else moving if name in MOVING else KINDS.index(OTHERS[name])
        for s, sign in enumerate((-1, 1)):
            argument = sign * value if signed else value
            if name in POINTWISE:
                table_N2V[n, s] = np.asarray(apply(VALUES, profile, name, argument, Spot(0, 0), "nearest"))[0, :, 0]
            elif name in MOVING:
                numbers_N26[n, s] = map_of(profile, name, argument, size)
            else:
                blends = profile == "torchvision" and name in ("Color", "Contrast", "Sharpness")
                numbers_N26[n, s, 0] = argument + 1.0 if blends else argument  # torchvision's `_apply_op`
    return Tables(kind_N, table_N2V, numbers_N26, 0 if profile == "torchvision" else FILL[0])


class Asked(Exception):
    """Raised in place of moving pixels; `map` are the six numbers that PIL was given."""

    def __init__(self, map: tuple[float, ...]):
        self.map = map


class Sheet(Image.Image):
    """An image without pixels that tells how an operation would move them."""

    def __init__(self, size: int):
        super().__init__()
        self._mode, self._size = "RGB", (size, size)

    def transform(self, size, method, data=None, *args, **kwargs):
        raise Asked(data)

    def transpose(self, method):
        """PIL's rotation by quarter turns, as the same map; of a square image nothing is lost."""
        side = self.size[0]
        turns = {
            Image.Transpose.ROTATE_90: (0, -1, side, 1, 0, 0),
            Image.Transpose.ROTATE_180: (-1, 0, side, 0, -1, side),
            Image.Transpose.ROTATE_270: (0, 1, 0, -1, 0, side),
        }
        raise Asked(turns[method])

    def copy(self):
        raise Asked((1, 0, 0, 0, 1, 0))


def map_of(profile: str, name: str, argument: float, size: int) -> tuple[float, ...]:
    """The map (a, b, c, d, e, f): pixel (x, y) comes from (ax + by + c, dx + ey + f)."""
    try:
        apply(Sheet(size), profile, name, argument, Spot(0, 0), "nearest")
    except Asked as asked:
        return asked.map
    raise AssertionError(f"{name} of profile {profile!r} moves no pixels")
