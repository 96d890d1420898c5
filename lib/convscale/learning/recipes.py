"""Everything about training that does not change from stage to stage, by name."""

from dataclasses import dataclass

from .augment import CUTOUT_PX, TRANSLATE_PX


@dataclass(frozen=True)
class Recipe:
    batch_size: int
    optimizer: str  # a name in `optim.OPTIMIZERS`
    learning_rate: float  # peak, for this batch size
    lr_schedule: str  # "cosine" or "staircase"
    warmup_epochs: float
    weight_decay: float
    ema_decay: float  # its warm-up is in `schedule.ema_decay_at`
    label_smoothing: float = 0.1  # tpu efficientnet main.py; neither EfficientNet paper mentions it
    drop_path_rate: float = 0.2  # 1 - survival probability 0.8 (V2 §5.1)
    crop_area: tuple[float, float] = (0.05, 1.0)  # automl preprocessing.py
    translate_px: float = TRANSLATE_PX  # RandAugment's distances at magnitude 10
    cutout_px: float = CUTOUT_PX


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
