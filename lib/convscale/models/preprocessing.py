"""Evaluation preprocessing of each model's released weights, as data.

Sources: tpu efficientnet preprocessing.py before commit 22d5cab (which changed V1's crop to a constant 0.875),
automl efficientnetv2/preprocessing.py, tpu resnet_preprocessing.py. Weights trained by timm or torchvision need their
own: `timm.data.resolve_model_data_config(timm_model)`.
"""

from dataclasses import dataclass

from ..errors import check_name
from .zoo import list_models, table

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of pixels in [0, 1]
V2_MEAN_STD = (128 / 255,) * 3  # automl preprocessing.py: (pixel - 128) / 128
CROP_PADDING = 32  # px; V1 and V2 crop size / (size + 32) of the shorter side
V2_WHOLE_IMAGE_FROM = 320  # px; from here V2 S-XL resize the whole image to a square


@dataclass(frozen=True)
class Preprocessing:
    """How an image becomes the network's input: crop, resize to `size` px, normalise pixels in [0, 1]."""

    size: int  # px
    crop: float  # centre square / shorter side; 1.0 with `squash`
    squash: bool  # resize the whole image to a square, its aspect ratio not kept
    interpolation: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def timm_config(self) -> dict:
        """The same in timm's terms, for `timm.data.create_transform` and a model's `pretrained_cfg`."""
        return {
            "input_size": (3, self.size, self.size),
            "crop_pct": self.crop,
            "crop_mode": "squash" if self.squash else "center",
            "interpolation": self.interpolation,
            "mean": self.mean,
            "std": self.std,
        }


def preprocessing(name: str, size: int | None = None) -> Preprocessing:
    """Evaluation preprocessing of model `name` at `size` px, by default the table's `eval_size`.

    Raises ValueError for a name that is not an image model of `list_models()`.
    """
    check_name("image model", name, [n for n in list_models() if not n.startswith("resnet3d")])
    size = size or table(name).eval_size
    padded = size / (size + CROP_PADDING)
    if name.startswith(("efficientnetv2-b", "efficientnetv2-tiny", "efficientnet-")):
        return Preprocessing(size, padded, False, "bicubic", IMAGENET_MEAN, IMAGENET_STD)
    if name.startswith("efficientnetv2"):
        squash = size >= V2_WHOLE_IMAGE_FROM
        return Preprocessing(size, 1.0 if squash else padded, squash, "bilinear", V2_MEAN_STD, V2_MEAN_STD)
    # ResNets: 0.875 of the shorter side at every size (tpu resnet_preprocessing.py). MobileNets: the usual 224 / 256.
    interpolation = "bilinear" if name.startswith("mobilenet") else "bicubic"
    return Preprocessing(size, 0.875, False, interpolation, IMAGENET_MEAN, IMAGENET_STD)
