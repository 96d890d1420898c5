"""Small images in memory: whole batches against the loader, and what a tiny run gains by them, with its input.

What was before is PIL image by image, and AdamW as one pass for each of its operations; the pixels are the same.
"""

import itertools
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image

from convscale.augment import train_transform, whole_batches
from convscale.datasets import Images, KeyedSampler, TrainSet, resident, train_loader
from convscale.devices import Device
from convscale.learning.optim import decay_groups, init_state
from convscale.learning.trainer import Trainer
from convscale.measure.timing import protocol, seconds_by_round
from convscale.recipes import Recipe, Run, Schedule, Stage

from .augmentation import photographs
from .training import COLUMNS, line

SIDE, COUNT, BATCH = 32, 1000, 64  # px and images: a class-balanced part of CIFAR-10 has as many
SIZES = {16: 9.0, 24: 9.0, 32: 9.0, 64: None}  # px -> goal
RUN_SIZES = (16, 24)  # px
EAGER, COMPILED = 1.3, 1.5  # goals of a tiny run
TURN = 8  # batches
RECIPE = Recipe(
    batch_size=BATCH,
    optimizer="adamw",
    learning_rate=3e-3,
    lr_schedule="cosine",
    warmup_epochs=3,
    weight_decay=0.05,
    ema_decay=0.999,
    crop_area=(0.5, 1.0),
    translate_px=10.7,
    cutout_px=4.3,
)


def compare_small_images(device: Device, rounds: int = 7) -> pd.DataFrame:
    """Lines with the columns COLUMNS: images at each size, and a tiny run eager and compiled.

    Raises ValueError for anything but a CPU, where such runs are made one a core.
    """
    if device.kind != "cpu":
        raise ValueError("the benchmark of small images is for a CPU")
    lines = [line_of(size, goal, rounds) for size, goal in SIZES.items()]
    with tempfile.TemporaryDirectory() as root:
        for i, image in enumerate(cut()):
            for split in ("train", "test") if i < 4 else ("train",):
                file = Path(root, split, f"class{i % 2}", f"{i}.png")
                file.parent.mkdir(parents=True, exist_ok=True)
                image.save(file)
        lines += [line for size in RUN_SIZES for line in runs_of(root, size, device, rounds)]
    table = pd.DataFrame(lines, columns=COLUMNS)
    table.attrs["protocol"] = f"{protocol(rounds, device=device)}; {COUNT} images of {SIDE} px, batch {BATCH}"
    return table


def cut() -> Iterator[Image.Image]:
    """COUNT images of SIDE px out of photographs."""
    for i, image in enumerate(itertools.islice(itertools.cycle(photographs()), COUNT)):
        left, top = 7 * i % (image.width - SIDE), 11 * i % (image.height - SIDE)
        yield image.crop((left, top, left + SIDE, top + SIDE))


def turn(step: Callable, batches: Iterator) -> Callable[[], None]:
    def call() -> None:
        for batch in itertools.islice(batches, TURN):
            step(batch)

    return call


def line_of(size: int, goal: float | None, rounds: int) -> dict:
    """Batches of `size` px from the loader over those made whole; `seconds` are those of a turn of TURN batches."""
    images = Images([np.asarray(image) for image in cut()], [i % 2 for i in range(COUNT)], ("a", "b"))
    transform = train_transform(RECIPE, flip=True)
    makers = {"loader": TrainSet(images, transform, 0)}
    makers["whole"] = whole_batches(resident(images, "photographs"), transform, 0, count=10**6)
    work = {}
    for name, maker in makers.items():
        sampler = KeyedSampler(COUNT, BATCH, 0, 10**9, 0, lambda step: (size, 5.0))
        work[name] = turn(lambda batch: None, iter(train_loader(maker, sampler)))
    times = seconds_by_round(work, rounds, warmup=3)
    return line(f"{size} px: loader / whole batches", times["loader"], times["whole"], goal)


def runs_of(root: str, size: int, device: Device, rounds: int) -> Iterator[dict]:
    """A tiny run at `size` px as it was over what it is now, eager and compiled."""
    stage = Stage(size, randaugment=5, mixup=0.2, dropout=0.1)
    run = Run("efficientnetv2-tiny", f"folder:{root}", RECIPE, Schedule((stage,)), 1, size, 0, steps=10**6)
    trainers = {name: Trainer(run, device, compile=name == "compiled") for name in ("before", "eager", "compiled")}
    before = trainers["before"]
    before.batches = TrainSet(replace(before.train, decoded=None), before.batches.transform, run.seed)
    groups = decay_groups(before.take_step.model, RECIPE.weight_decay)
    before.take_step.optimizer = torch.optim.AdamW(groups, lr=RECIPE.learning_rate, foreach=True)
    init_state(before.take_step.optimizer)
    work = {name: turn(trainer.advance, iter(trainer.loader())) for name, trainer in trainers.items()}
    times = seconds_by_round(work, rounds)
    for name, goal in (("eager", EAGER), ("compiled", COMPILED)):
        what = f"{run.model_name} at {size} px, input included: before / {name}"
        yield line(what, times["before"], times[name], goal, TURN)
