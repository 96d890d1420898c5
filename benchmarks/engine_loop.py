"""Our training, set to train what timm's loop trains. Imports no more than that takes, which is part of its memory."""

from dataclasses import replace
from pathlib import Path

from convscale.devices import Device
from convscale.learning.trainer import Trainer
from convscale.recipes import V2_PAPER, Run, Schedule, Stage

from .settings import DROPOUT, MAGNITUDE, Setting


def trainer_for(
    setting: Setting, root: Path, device: Device, workers: int = 0, steps: int = 10**6, precision: str = "auto"
) -> Trainer:
    """The engine, set to train what timm's loop trains."""
    recipe = replace(V2_PAPER, batch_size=setting.batch, learning_rate=1e-3, warmup_epochs=0, profile="timm")
    run = Run(
        model=f"timm:{setting.model}",
        dataset=f"folder:{root}",
        recipe=recipe,
        schedule=Schedule((Stage(setting.image_size, randaugment=MAGNITUDE, mixup=0, dropout=DROPOUT),)),
        epochs=1,
        steps=steps,
        eval_size=setting.image_size,
        seed=0,
        precision=precision,
    )
    return Trainer(run, device, workers)
