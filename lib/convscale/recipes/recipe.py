"""Everything about training that does not change from stage to stage, by name."""

from dataclasses import dataclass

from ..checks import Rule, check_fields, each, is_number, number, of, optional, whole
from ..errors import check_name
from .pixels import CUTOUT_PX, TRANSLATE_PX

PIXEL_PATHS = ("pil", "torch")
LR_SCHEDULES = ("cosine", "cosine-joined", "staircase", "step", "constant")
MAX_PX = 2**14  # of an image's side; ours: 0.8 GB an image, so a larger one is a slip of the pen
SHARES = Rule(
    lambda value: (
        isinstance(value, tuple) and len(value) == 2 and all(map(is_number, value)) and 0 < value[0] <= value[1] <= 1
    ),
    "the smallest and the largest share of an image, (0.05, 1.0),",
)

# RandAugment's operations in the order of tpu efficientnet autoaugment.py `available_ops`.
RELEASED_OPERATIONS: tuple[str, ...] = ("AutoContrast", "Equalize", "Invert", "Rotate", "Posterize", "Solarize")
RELEASED_OPERATIONS += ("Color", "Contrast", "Brightness", "Sharpness", "ShearX", "ShearY", "TranslateX", "TranslateY")
RELEASED_OPERATIONS += ("Cutout", "SolarizeAdd")


@dataclass(frozen=True)
class Recipe:
    """What every stage of a training shares. The defaults are what all three papers' code does, unless noted."""

    batch_size: int
    optimizer: str  # a name in `optim.OPTIMIZERS`
    learning_rate: float  # peak, for this batch size
    lr_schedule: str  # a name in `LR_SCHEDULES`
    warmup_epochs: float
    weight_decay: float
    ema_decay: float  # its warm-up is in `schedule.ema_decay_at`
    label_smoothing: float = 0.1  # tpu efficientnet main.py; neither EfficientNet paper mentions it
    drop_path_rate: float = 0.2  # 1 - survival probability 0.8 (V2 §5.1); a stage may set its own
    crop_area: tuple[float, float] = (0.05, 1.0)  # automl preprocessing.py
    translate_px: float = TRANSLATE_PX  # RandAugment's distances at magnitude 10
    cutout_px: float = CUTOUT_PX
    policy: str = "randaugment"  # or "autoaugment" (policy v0), or "none"
    profile: str = "tf"  # RandAugment's scale of magnitudes: "tf" (the papers' code), "timm" or "torchvision"
    crop: str = "random-resized"  # or "whole": the whole image, resized to a square
    flip: bool | None = None  # mirror half of the images; None = unless the data set's would mean something else
    interpolation: str = "bilinear"  # or "bicubic"; of training and evaluation images
    noise_cutout: bool = False  # V2's transfer recipe: one square of noise an image (automl preprocessing.py)
    normalisation: str = "v2"  # a name in `models.preprocessing.NORMALISATIONS`
    eval_crop: str = "whole"  # or "padded": size / (size + 32) of the shorter side, or "0.875" of it
    decay_epochs: float = 2.4  # of the staircase, whose steps are x 0.97 (V1 §5.2)
    no_decay: str = "vectors"  # without weight decay: biases and norms; or "norms" alone
    bn_momentum: float | None = None  # in PyTorch's sense, 1 - TensorFlow's; None = the model's own
    bn_group: int | None = None  # images that share batch statistics; None = the whole batch
    operations: tuple[str, ...] = RELEASED_OPERATIONS  # those that RandAugment draws from
    pixel_path: str = "pil"  # or "torch": torchvision decodes and torch resizes training images, faster; a path of ours

    def __post_init__(self):
        rate = number(0, below=1)
        check_fields(
            self,
            batch_size=whole(1),
            learning_rate=number(0),
            warmup_epochs=number(0),
            weight_decay=number(0),
            ema_decay=rate,
            label_smoothing=rate,
            drop_path_rate=rate,
            crop_area=SHARES,
            translate_px=number(0),
            cutout_px=number(0),
            flip=optional(of(bool)),
            noise_cutout=of(bool),
            decay_epochs=number(above=0),
            bn_momentum=optional(number(above=0, most=1)),
            bn_group=optional(whole(1)),
            operations=each(of(str), least=1),
        )
        check_name("lr_schedule", self.lr_schedule, LR_SCHEDULES)
        check_name("pixel_path", self.pixel_path, PIXEL_PATHS)


# EfficientNetV2 on ImageNet (V2 §5.1). 0.256 = 0.016 x 4096 / 256 (automl hparams.py).
V2_PAPER = Recipe(
    batch_size=4096,
    optimizer="rmsprop_tf",
    learning_rate=0.256,
    lr_schedule="staircase",
    warmup_epochs=5,  # "first warmed up"; the length is the code's
    weight_decay=1e-5,
    ema_decay=0.9999,
)
