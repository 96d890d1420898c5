"""A process that trains by ours or by timm's loop and prints its peak bytes so far; of `memory`.

What is imported counts, so that each way imports its own alone.
"""

import itertools
import json
import sys
from pathlib import Path

import torch

from convscale.devices import pick, resident_peak


def ours(root: Path, precision: str, kept: str, steps: int) -> dict[str, int]:
    from convscale.datasets import images

    from .engine_loop import trainer_for
    from .settings import SETTINGS

    imported = resident_peak()
    if kept == "none kept":  # as of a set that is larger than what is kept
        images.CACHE_BYTES = 0
    trainer = trainer_for(SETTINGS["cpu"], root, pick("cpu"), steps=steps, precision=precision)
    built = resident_peak()
    for batch in trainer.loader():
        trainer.advance(batch)
        trainer.read_losses()  # as timm's loop reads it
    return dict(imported=imported, built=built, trained=resident_peak())


def timms(root: Path, precision: str, kept: str, steps: int) -> dict[str, int]:
    from . import timm_loop
    from .settings import CLASSES, DROP_PATH, DROPOUT, MAGNITUDE, SETTINGS

    imported, device, setting = resident_peak(), pick("cpu"), SETTINGS["cpu"]
    loop = timm_loop.TimmLoop(setting.model, CLASSES, DROPOUT, DROP_PATH, precision, device)
    batches = timm_loop.images(root, setting.image_size, setting.batch, f"rand-m{MAGNITUDE}", 0, device)
    built = resident_peak()
    for batch in itertools.islice(batches, steps):
        loop(*batch)
    return dict(imported=imported, built=built, trained=resident_peak())


if __name__ == "__main__":
    torch.set_num_threads(1)
    who, root, precision, kept, steps = sys.argv[1:]
    print(json.dumps({"ours": ours, "timm": timms}[who](Path(root), precision, kept, int(steps))))
