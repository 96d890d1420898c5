"""JPEG bytes to a batch at 224 px with RandAugment: timm's pipeline, and ours by Pillow and by torch."""

import io
from collections.abc import Callable
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pandas as pd
import torch
from PIL import Image
from timm.data.loader import fast_collate

from convscale.augment import ArrayTransform, train_transform
from convscale.datasets import ArraySet, Images, Item, TrainSet, photograph
from convscale.datasets import images as images_file
from convscale.datasets.loader import collate_train
from convscale.devices import Device
from convscale.measure.timing import protocol, seconds_by_round
from convscale.recipes import V2_PAPER

from .augmentation import MAGNITUDE, SIZE, SOURCE, timm_pipeline
from .training import line

PHOTOGRAPHS = ("astronaut", "cat", "coffee", "flower", "motorcycle", "palace", "rocket")  # those in colour
COUNT = 64
QUALITY = 90  # 47 kB an image on average; a noisy picture would cost several times the decoding
GOAL = 1.3  # of the path by torch
WAYS = ("pil", "tf"), ("pil", "timm"), ("torch", "tf"), ("torch", "timm")  # pixel path, RandAugment's profile


def compare_jpegs(device: Device, rounds: int = 7) -> pd.DataFrame:
    """A line for each of our ways, with the columns of `training.COLUMNS`: how many times as fast as timm's it is.

    All are in this process and keep no decoded pixels, as with a set that is larger than memory.
    """
    torch.set_num_threads(1)
    files = jpegs()
    images = Images(files, np.zeros(len(files), int), ("photograph", "other"))
    transform = timm_pipeline(f"rand-m{MAGNITUDE}-mstd0.5")

    def theirs() -> object:
        decoded = [Image.open(io.BytesIO(file)).convert("RGB") for file in files]
        return fast_collate([(x_CHW, 0) for x_CHW in transform(decoded)])

    work: dict[str, Callable[[], object]] = {"timm": theirs}
    work |= {f"{path}, profile {profile}": ours(images, path, profile) for path, profile in WAYS}
    with patch.object(images_file, "CACHE_BYTES", 0):
        seconds = seconds_by_round(work, rounds)
    lines = [
        line(f"timm's host pipeline / ours, {way}", seconds["timm"], seconds[way], goal_of(way), steps=len(files))
        for way in work
        if way != "timm"
    ]
    table = pd.DataFrame(lines)
    mean = sum(map(len, files)) / len(files) / 1000
    table.attrs["protocol"] = (
        f"{protocol(rounds)}; {len(files)} JPEG files of {SOURCE[0]}x{SOURCE[1]} px, {mean:.0f} kB on average, to a "
        f"uint8 batch of {SIZE} px with RandAugment {MAGNITUDE}; seconds are of an image"
    )
    return table


def goal_of(way: str) -> float | None:
    return GOAL if way.startswith("torch") else None


def ours(images: Images, path: str, profile: str) -> Callable[[], object]:
    transform = train_transform(replace(V2_PAPER, profile=profile), flip=True)
    made = ArraySet(images, ArrayTransform(transform), 0) if path == "torch" else TrainSet(images, transform, 0)
    items = [Item(0, i, SIZE, float(MAGNITUDE)) for i in range(len(images))]
    return lambda: collate_train([made[item] for item in items])


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
