"""JPEG bytes to a batch at 224 px with RandAugment: timm's pipeline, and ours by Pillow, by torch and with [fast]."""

import io
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pandas as pd
import torch
from PIL import Image
from timm.data.loader import fast_collate

from convscale.augment import ArrayTransform, kernels, train_transform
from convscale.datasets import ArraySet, Batch, Images, Item, TrainSet, photograph
from convscale.datasets import images as images_file
from convscale.datasets import jpegs as jpegs_file
from convscale.datasets.loader import collate_train
from convscale.devices import Device
from convscale.measure.timing import protocol, seconds_by_round
from convscale.recipes import V2_PAPER

from .augmentation import MAGNITUDE, SIZE, SOURCE, timm_pipeline
from .training import line

PHOTOGRAPHS = ("astronaut", "cat", "coffee", "flower", "motorcycle", "palace", "rocket")  # those in colour
COUNT = 64
QUALITY = 90  # 47 kB an image on average; a noisy picture would cost several times the decoding
FAST = "torch with [fast]"  # simplejpeg and numba, which make the pixels of the path by torch
GOALS = {"torch": 1.3, FAST: 1.8}


def compare_jpegs(device: Device, rounds: int = 7) -> pd.DataFrame:
    """A line for each of our ways, with the columns of `training.COLUMNS`: how many times as fast as timm's it is.

    All are in this process and keep no decoded pixels, as with a set that is larger than memory.
    """
    torch.set_num_threads(1)
    files = jpegs()
    images = Images(files, np.zeros(len(files), int), ("photograph", "other"))
    transform = timm_pipeline(f"rand-m{MAGNITUDE}-mstd0.5")

    def theirs() -> object:
        decoded = (Image.open(io.BytesIO(file)).convert("RGB") for file in files)  # one at a time, as its loader does
        return fast_collate([(x_CHW, 0) for x_CHW in transform(decoded)])

    work: dict[str, Callable[[], object]] = {"timm": theirs}
    goals = {}
    for path in paths():
        for profile in ("tf", "timm"):
            way = f"{path}, profile {profile}"
            work[way], goals[way] = ours(images, path, profile), GOALS.get(path)
    with patch.object(images_file, "CACHE_BYTES", 0):
        seconds = seconds_by_round(work, rounds)
    lines = [
        line(f"timm's host pipeline / ours, {way}", seconds["timm"], seconds[way], goal, steps=len(files))
        for way, goal in goals.items()
    ]
    table = pd.DataFrame(lines)
    mean = sum(map(len, files)) / len(files) / 1000
    table.attrs["protocol"] = (
        f"{protocol(rounds)}; {len(files)} JPEG files of {SOURCE[0]}x{SOURCE[1]} px, {mean:.0f} kB on average, to a "
        f"uint8 batch of {SIZE} px with RandAugment {MAGNITUDE}; seconds are of an image"
    )
    return table


def paths() -> tuple[str, ...]:
    """Those that this machine has."""
    return ("pil", "torch", FAST) if kernels.works() and jpegs_file.simplejpeg_agrees() else ("pil", "torch")


def ours(images: Images, path: str, profile: str) -> Callable[[], object]:
    """A function that makes the batch; whatever is installed, only FAST uses it."""
    transform = train_transform(replace(V2_PAPER, profile=profile), flip=True)
    arrays = ArrayTransform(transform, compiled=path == FAST)
    made = TrainSet(images, transform, 0) if path == "pil" else ArraySet(images, arrays, 0)
    items = [Item(0, i, SIZE, float(MAGNITUDE)) for i in range(len(images))]

    def batch() -> Batch:
        with ExitStack() as stack:
            if path != FAST:
                stack.enter_context(patch.object(jpegs_file, "simplejpeg_agrees", lambda: False))
            return collate_train([made[item] for item in items])

    return batch


def jpegs() -> list[bytes]:
    """Random parts of photographs, SOURCE px each, as files."""
    rng, files = np.random.default_rng(0), []
    for i in range(COUNT):
        image = photograph(PHOTOGRAPHS[i % len(PHOTOGRAPHS)])
        width = min(image.width, image.height * SOURCE[0] / SOURCE[1]) * rng.uniform(0.6, 1)
        height = width * SOURCE[1] / SOURCE[0]
        x, y = rng.uniform(0, image.width - width), rng.uniform(0, image.height - height)
        part = image.resize(SOURCE, Image.Resampling.BICUBIC, box=(x, y, x + width, y + height))
        file = io.BytesIO()
        part.save(file, "JPEG", quality=QUALITY)
        files.append(file.getvalue())
    return files
