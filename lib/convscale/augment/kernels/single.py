"""RandAugment of one image by the kernels, where images come one by one: the pixels of PIL, sooner."""

import numpy as np

from ..operations import LAYERS
from ..profiles import drawn
from ..transforms import TrainTransform
from . import operations
from .tables import tables


def randaugment(x_HWC: np.ndarray, transform: TrainTransform, magnitude: float, rng: np.random.Generator) -> np.ndarray:
    """`profiles.randaugment` of a square x_HWC (uint8), which is overwritten, for a `transform` that is `known`."""
    t = transform
    told = tables(t.profile, magnitude, len(x_HWC), t.pixels, t.operations)
    operation_BL, sign_BL = np.full((1, LAYERS), operations.SKIPPED), np.zeros((1, LAYERS), np.int64)
    where_BL2 = np.zeros((1, LAYERS, 2))
    for layer, (number, sign, spot) in enumerate(drawn(len(told.kind_N), t.profile, rng)):
        operation_BL[0, layer], sign_BL[0, layer], where_BL2[0, layer] = number, sign > 0, spot
    x_BHWC = np.ascontiguousarray(x_HWC)[None]
    operations.randaugment(x_BHWC, operation_BL, sign_BL, where_BL2, *told)
    return x_BHWC[0]
