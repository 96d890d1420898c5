"""Rounding rules of width and depth scaling, as pure functions on numbers."""

import math

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
