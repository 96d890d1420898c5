"""Augmentation at 224 px: the host's pipeline against timm's, RandAugment on the device against other ways to do it."""

import importlib.util
from functools import partial

import numpy as np
import pandas as pd
import torch
from PIL import Image
from timm.data import create_transform
from torch import Tensor

from convscale.augment import Layers, draw_layers, randaugment_batch, train_transform
from convscale.augment.batched import operate, tf_arguments
from convscale.augment.batched_ops import select
from convscale.datasets import to_tensor
from convscale.measure.timing import interleaved
from convscale.recipes import RELEASED, V2_PAPER
from convscale.recipes.recipe import RELEASED_OPERATIONS

SIZE = 224  # px
SOURCE = (500, 375)  # px, a usual ImageNet photograph
BATCH = 64
MAGNITUDE = 9


def compare_augmentation(rounds: int = 7) -> pd.DataFrame:
    """Images a second of one CPU core, one line for each way; `ratio` is speed over that of the first of its group.

    host    decoded images to training images: timm's pipeline with and without RandAugment; our crop and flip, which
            leave RandAugment to the device; our whole pipeline
    device  RandAugment of a uint8 batch: every operation for every image; stratified
    both    kornia's crop, flip and RandAugment of a batch, if kornia is installed; ours of both kinds together
    """
    torch.set_num_threads(1)
    images, x_BCHW = photographs(), torch.stack([to_tensor(image.resize((SIZE, SIZE))) for image in photographs()])
    draws, magnitude = draw_layers(np.random.default_rng(0), BATCH), torch.tensor(float(MAGNITUDE))
    crop = partial(on_host, train_transform(V2_PAPER, flip=True, randaugment=False), images)
    stratified = partial(randaugment_batch, magnitude=magnitude, layers=draws)
    groups = {
        "host": {
            "timm rand-m9-mstd0.5, bilinear": partial(timm_pipeline("rand-m9-mstd0.5"), images),
            "timm crop and flip, bilinear": partial(timm_pipeline(None), images),
            "crop and flip": crop,
            "crop, flip and RandAugment": partial(on_host, train_transform(V2_PAPER, flip=True), images),
        },
        "device": {
            "all operations, one selected": partial(all_operations, x_BCHW, magnitude, draws),
            "stratified": partial(stratified, x_BCHW),
        },
    }
    if importlib.util.find_spec("kornia"):
        groups["both"] = {
            "kornia": partial(kornia_pipeline(), batch_of(images)),
            "crop and flip on the host, stratified": lambda: stratified(torch.stack(crop())),
        }
    tables = []
    for group, work in groups.items():
        table = interleaved(work, rounds)
        tables.append(table.assign(group=group, images_per_second=BATCH / table["median"]))
    result = pd.concat(tables).rename_axis("way").reset_index()
    result.attrs["protocol"] = (
        f"{tables[0].attrs['protocol']}; {BATCH} images of {SOURCE[0]}x{SOURCE[1]} px in memory, made {SIZE} px; "
        f"JPEG decoding is left out; magnitude {MAGNITUDE}"
    )
    return result[["group", "way", "images_per_second", "median", "min", "max", "ratio"]]


def photographs() -> list[Image.Image]:
    """Smooth colours with noise, so that no operation finds an empty histogram or a plain image."""
    rng = np.random.default_rng(0)
    coarse = (Image.fromarray(rng.integers(256, size=(12, 16, 3), dtype=np.uint8)) for _ in range(BATCH))
    noise = Image.fromarray(rng.integers(256, size=(SOURCE[1], SOURCE[0], 3), dtype=np.uint8))
    return [Image.blend(image.resize(SOURCE, Image.Resampling.BICUBIC), noise, 0.2) for image in coarse]


def batch_of(images: list[Image.Image]) -> Tensor:
    """Float batch in [0, 1], as kornia takes it."""
    return torch.stack([to_tensor(image) for image in images]).float() / 255


def on_host(transform, images: list[Image.Image]) -> list[Tensor]:
    return [to_tensor(transform(image, SIZE, MAGNITUDE, np.random.default_rng(i))) for i, image in enumerate(images)]


def timm_pipeline(policy: str | None):
    """timm's training transforms up to uint8, as its own loader uses them (`use_prefetcher`)."""
    transform = create_transform(
        SIZE,
        is_training=True,
        auto_augment=policy,
        color_jitter=None,
        interpolation="bilinear",
        scale=(0.05, 1.0),
        use_prefetcher=True,
    )
    return lambda images: [transform(image) for image in images]


def all_operations(x_BCHW: Tensor, magnitude: Tensor, layers: Layers) -> Tensor:
    """RandAugment with static shapes and no stratification: each operation on every image, then a choice."""
    arguments = tf_arguments(magnitude, RELEASED, RELEASED_OPERATIONS)
    parts = []
    for start in range(0, len(x_BCHW), 4):  # the fastest part: all sixteen results of it fit the cache
        part, drawn = x_BCHW[start : start + 4], layers.map(lambda t, start=start: t[start : start + 4])
        for layer in range(drawn.operation_BL.shape[1]):
            chosen = part
            for i, (name, argument) in enumerate(zip(RELEASED_OPERATIONS, arguments, strict=True)):
                mine_B111 = (drawn.operation_BL[:, layer] == i).to(torch.uint8).view(-1, 1, 1, 1) * 255
                operated = operate(name, part, argument, drawn.sign_BL[:, layer], drawn.where_BL2[:, layer])
                chosen = select(mine_B111, operated, chosen)
            part = chosen
        parts.append(part)
    return torch.cat(parts)


def kornia_pipeline():
    import kornia.augmentation as K

    return torch.nn.Sequential(
        K.RandomResizedCrop((SIZE, SIZE), scale=(0.05, 1.0), same_on_batch=False),
        K.RandomHorizontalFlip(),
        K.auto.RandAugment(n=2, m=MAGNITUDE),
    )
