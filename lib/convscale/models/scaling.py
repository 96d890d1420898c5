"""Rounding rules and scaling laws as pure functions on numbers; `stages.scale` applies them to a table."""

import math
from itertools import product
from typing import NamedTuple

DIVISOR = 8  # tpu efficientnet_model.py and automl effnetv2_model.py: channels are multiples of 8


def round_width(width: float, limit: float = 0.0) -> int:
    """Round channels to the nearest multiple of 8, at least 8.

    `limit` = 0.9 gives EfficientNet's rule (never fall below 90 % of the exact width; tpu
    efficientnet_model.py `round_filters`); the default is EfficientNetV2's, which dropped it
    (automl effnetv2_model.py `round_filters`).
    """
    rounded = max(DIVISOR, int(width + DIVISOR / 2) // DIVISOR * DIVISOR)
    return rounded + DIVISOR if rounded < limit * width else rounded


def round_depth(depth: float) -> int:
    """Blocks of a stage: always rounded up (both repositories, `round_repeats`)."""
    return math.ceil(depth)


class Coefficients(NamedTuple):
    """Factors of compound scaling. As (alpha, beta, gamma) they are the growth of one unit of phi."""

    depth: float
    width: float
    resolution: float


COMPOUND = Coefficients(1.2, 1.1, 1.15)  # alpha, beta, gamma that V1 §4, step 1, found around B0


def compound(phi: float, base: Coefficients = COMPOUND) -> Coefficients:
    """Depth, width and resolution factors at `phi` (V1 Eq. 3): each base coefficient to the power of phi.

    No integer phi gives the released B1-B7; their coefficients are set by hand (`efficientnet.COEFFICIENTS`).
    """
    return Coefficients(*(c**phi for c in base))


def cost_factor(c: Coefficients) -> float:
    """Growth of the multiply-adds of a regular convolution network: depth * width^2 * resolution^2 (V1 §3.3)."""
    return c.depth * c.width**2 * c.resolution**2


def compound_grid(
    step: float = 0.05, target: float = 2.0, tolerance: float = 0.1, largest: float = 2.0
) -> list[Coefficients]:
    """All (alpha, beta, gamma) >= 1 on a grid whose `cost_factor` is within `tolerance` (relative) of `target`.

    This is the constraint of the grid search of V1 §4, step 1; the paper gives neither its step nor its
    tolerance. With the defaults the paper's own 1.2, 1.1, 1.15 (cost 1.92) is among them.
    Raises ValueError unless step is positive.
    """
    if step <= 0:
        raise ValueError(f"step = {step}: the grid needs a positive step")
    axis = [round(1 + i * step, 10) for i in range(int((largest - 1) / step + 1e-9) + 1)]
    points = (Coefficients(*p) for p in product(axis, repeat=3))
    return [c for c in points if abs(cost_factor(c) / target - 1) <= tolerance]
