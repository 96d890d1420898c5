"""What the network sees of a pixel: (pixel - mean) / std with the constants of each code base."""

from functools import cache

import torch
from torch import Tensor

from ..errors import check_name
from ..models.preprocessing import NORMALISATIONS

Constants = tuple[tuple[float, ...], tuple[float, ...]]  # mean and standard deviation of each channel, of 0 to 255


@cache  # one transfer a device, not one a batch
def constants(by: str | Constants, device: torch.device) -> tuple[Tensor, Tensor]:
    """mean_C and std_C on `device`."""
    mean, std = NORMALISATIONS[check_name("normalisation", by, NORMALISATIONS)] if isinstance(by, str) else by
    return torch.tensor(mean, device=device), torch.tensor(std, device=device)


def normalise(x_BCHW: Tensor, by: str | Constants) -> Tensor:
    """Pixel values 0 to 255, uint8 or float, x_BCHW or x_BCTHW -> float32, by a name or by mean and deviation.

    Raises ValueError for a name that is not in `NORMALISATIONS`.
    """
    shape = (-1,) + (1,) * (x_BCHW.dim() - 2)
    mean_C, std_C = constants(by, x_BCHW.device)
    return (x_BCHW.float() - mean_C.view(shape)) / std_C.view(shape)
