"""How far training has come, for people: a bar on a terminal, and elsewhere a line for each point of the curve."""

import sys

from torch.utils.data import DataLoader
from tqdm.auto import tqdm

from .trainer import Trainer


def bar(loader: DataLoader, trainer: Trainer, progress: bool | None) -> tqdm:
    """The trainer's batches, with a bar in the main process; `progress` None shows it on a terminal only."""
    silent = True if not trainer.device.is_main else None if progress is None else not progress
    return tqdm(loader, initial=trainer.step, total=trainer.steps, disable=silent, leave=False)


def say_point(trainer: Trainer, progress: bool | None) -> None:
    """The curve's newest point as a line on standard error, where a bar would be asked for and cannot be shown."""
    if progress is not None or not trainer.device.is_main or sys.stderr.isatty():
        return
    point, epochs = trainer.history[-1], trainer.steps / trainer.steps_per_epoch
    print(
        f"epoch {round(point['epoch'], 2):g} of {round(epochs, 2):g}, {point['image_size']} px: "
        f"loss {point['train_loss']:.3f}, "
        f"top-1 {point['test_top1']:.2f} % after {trainer.seconds:.0f} s",
        file=sys.stderr,
        flush=True,
    )
