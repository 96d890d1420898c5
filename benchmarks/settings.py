"""What the comparisons of training loops train, ours and timm's alike."""

import os
from typing import NamedTuple

CLASSES = 4
MAGNITUDE, DROPOUT, DROP_PATH = 9, 0.2, 0.2


class Setting(NamedTuple):
    """What is trained in the comparisons of loops. `workers` are those of the loader, one line each."""

    model: str  # timm's name: both loops train the same network
    image_size: int
    batch: int
    steps: int  # of a turn
    images: int
    workers: tuple[int, ...]


SETTINGS = {
    "cpu": Setting("tf_efficientnetv2_b0", 96, 32, 2, 64, (0, 1)),
    # a turn is longer than what the workers have ready
    "cuda": Setting("tf_efficientnetv2_s", 300, 128, 30, 2048, (max(1, (os.cpu_count() or 1) - 1),)),
}
