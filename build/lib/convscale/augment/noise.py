"""The "simple cutout" of EfficientNetV2's transfer recipe (V2 §5.3): one square of noise in every image."""

import numpy as np
import torch
from torch import Tensor

from .batched_ops import square


def draw_places(rng: np.random.Generator, batch_size: int) -> Tensor:
    """where_B2, the squares' centres in shares of height and width, uniform over the image."""
    return torch.from_numpy(rng.random((batch_size, 2), np.float32))


def noise_cutout(x_BCHW: Tensor, where_B2: Tensor) -> Tensor:
    """The normalised batch with squares of uniform [0, 1) noise, side half of the image's, clipped at the borders.

    Source: automl preprocessing.py, half a side = size // 4. The noise is the device's own.
    """
    mask_B1HW = square(x_BCHW, x_BCHW.shape[-1] // 4, where_B2)
    noise_BCHW = torch.rand(x_BCHW.shape, dtype=x_BCHW.dtype, device=x_BCHW.device)  # the same in every memory layout
    return torch.where(mask_B1HW, noise_BCHW, x_BCHW)
