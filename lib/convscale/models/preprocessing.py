"""How an image becomes a network's input in evaluation, as data: one vocabulary for recipes, kept and released weights.

Sources of what the released weights expect: tpu efficientnet preprocessing.py before commit 22d5cab (which changed V1's
crop to a constant 0.875), automl efficientnetv2/preprocessing.py, tpu resnet_preprocessing.py; for the MobileNets the
usual 224 / 256. Weights of timm bring their own: `timm.data.resolve_model_data_config(timm_model)`.
"""

from dataclasses import dataclass

from ..checks import check_fields, whole
from ..errors import check_name
from .tables import NetworkTable, table
from .video_tables import VideoTable

# name -> mean and standard deviation of red, green and blue, in pixel values of 0 to 255
NORMALISATIONS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "v2": ((128.0,) * 3, (128.0,) * 3),  # to [-1, 1): automl preprocessing.py, EfficientNetV2 S to XL
    # tpu efficientnet preprocessing.py and resnet_preprocessing.py; automl's for V1 and V2 B0 to B3
    "imagenet": ((0.485 * 255, 0.456 * 255, 0.406 * 255), (0.229 * 255, 0.224 * 255, 0.225 * 255)),
    "lite": ((127.0,) * 3, (128.0,) * 3),  # tpu efficientnet lite/efficientnet_lite_builder.py
    "half": ((127.5,) * 3, (127.5,) * 3),  # (x / 255 - 0.5) / 0.5: automl preprocessing.py, fine-tuning
    "unit": ((0.0,) * 3, (255.0,) * 3),  # to [0, 1]: garden video_classification.py, zero_centering_image = False
    # Those of networks in timm alone: its data/constants.py (clip, dpn) and models/vision_transformer.py (satellite)
    "clip": (
        (0.48145466 * 255, 0.4578275 * 255, 0.40821073 * 255),
        (0.26862954 * 255, 0.26130258 * 255, 0.27577711 * 255),
    ),
    "dpn": ((124.0, 117.0, 104.0), (1 / 0.0167,) * 3),
    "satellite": ((0.43 * 255, 0.411 * 255, 0.296 * 255), (0.213 * 255, 0.156 * 255, 0.143 * 255)),
}
INTERPOLATIONS = ("bilinear", "bicubic")
EVAL_CROPS = ("whole", "padded", "0.875")  # the image made a square; of its shorter side size / (size + 32), or 0.875
CROP_PADDING = 32  # px of "padded"
V2_WHOLE_IMAGE_FROM = 320  # px; from here V2 S to XL take the whole image, below it "padded"; automl preprocessing.py

# What released weights expect: normalisation, crop and interpolation. V2 S to XL crop below V2_WHOLE_IMAGE_FROM.
RELEASED = {
    "v1": ("imagenet", "padded", "bicubic"),  # and V2 B0 to B3
    "lite": ("lite", "padded", "bilinear"),  # tpu efficientnet main.py: bilinear "for easier post-quantization"
    "v2": ("v2", "whole", "bilinear"),
    "resnet": ("imagenet", "0.875", "bicubic"),
    "mobilenet": ("imagenet", "0.875", "bilinear"),
}


@dataclass(frozen=True)
class Preprocessing:
    """An evaluation image of `size` px, squared: which part of the image, how resized, how normalised.

    Raises ValueError for a name that is not in `NORMALISATIONS`, `EVAL_CROPS` or `INTERPOLATIONS`.
    """

    size: int
    normalisation: str
    eval_crop: str
    interpolation: str

    def __post_init__(self):
        check_fields(self, size=whole(1))
        check_name("normalisation", self.normalisation, NORMALISATIONS)
        check_name("eval_crop", self.eval_crop, EVAL_CROPS)
        check_name("interpolation", self.interpolation, INTERPOLATIONS)

    @property
    def crop(self) -> float | None:
        """Side of the centre square that is cut out, as a share of the shorter side; None: the whole image."""
        return {"whole": None, "padded": self.size / (self.size + CROP_PADDING), "0.875": 0.875}[self.eval_crop]

    def timm_config(self) -> dict:
        """The same in timm's terms, for a model's `pretrained_cfg`; timm itself resizes first and crops then."""
        mean, std = (tuple(value / 255 for value in values) for values in NORMALISATIONS[self.normalisation])
        return {
            "input_size": (3, self.size, self.size),
            "crop_pct": self.crop or 1.0,
            "crop_mode": "center" if self.crop else "squash",
            "interpolation": self.interpolation,
            "mean": mean,
            "std": std,
        }


def released_preprocessing(network: str | NetworkTable, size: int | None = None) -> Preprocessing:
    """What the released weights of one of our networks expect, at `size` px, by default the table's `eval_size`.

    Raises ValueError for a name that is none of `list_models()`, and for a video network.
    """
    chosen = table(network) if isinstance(network, str) else network
    if isinstance(chosen, VideoTable):
        raise ValueError(f"{chosen.name} takes clips: there is no preprocessing of images for it")
    size = size or chosen.eval_size
    normalisation, eval_crop, interpolation = RELEASED[check_name("pixels", chosen.pixels, RELEASED)]
    if chosen.pixels == "v2" and size < V2_WHOLE_IMAGE_FROM:
        eval_crop = "padded"
    return Preprocessing(size, normalisation, eval_crop, interpolation)
