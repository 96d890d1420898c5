"""What the network sees of a pixel: (pixel - mean) / std with the constants of each code base."""

from functools import cache

import torch
from torch import Tensor

from ..errors import check_name

# name -> mean and standard deviation of red, green and blue, in pixel values of 0 to 255
NORMALISATIONS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "v2": ((128.0,) * 3, (128.0,) * 3),  # to [-1, 1): automl preprocessing.py, EfficientNetV2 S to XL
    # tpu efficientnet preprocessing.py and resnet_preprocessing.py; automl's for V1 and V2 B0 to B3
    "imagenet": ((0.485 * 255, 0.456 * 255, 0.406 * 255), (0.229 * 255, 0.224 * 255, 0.225 * 255)),
    "half": ((127.5,) * 3, (127.5,) * 3),  # (x / 255 - 0.5) / 0.5: automl preprocessing.py, fine-tuning
    "unit": ((0.0,) * 3, (255.0,) * 3),  # to [0, 1]: garden video_classification.py, zero_centering_image = False
}


@cache  # one transfer a device, not one a batch
def constants(name: str, device: torch.device) -> tuple[Tensor, Tensor]:
    """mean_C and std_C on `device`."""
    mean, std = NORMALISATIONS[check_name("normalisation", name, NORMALISATIONS)]
    return torch.tensor(mean, device=device), torch.tensor(std, device=device)


def normalise(x_BCHW: Tensor, name: str) -> Tensor:
    """Pixel values 0 to 255, uint8 or float, x_BCHW or x_BCTHW -> float32, by the normalisation `name`.

    Raises ValueError for a name that is not in `NORMALISATIONS`.
    """
    shape = (-1,) + (1,) * (x_BCHW.dim() - 2)
    mean_C, std_C = constants(name, x_BCHW.device)
    return (x_BCHW.float() - mean_C.view(shape)) / std_C.view(shape)
