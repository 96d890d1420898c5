"""The keyed loader: which image, in which order, at which size and with which random numbers are functions of
seed, epoch and index alone. So a run resumes at any step, with any number of workers, and sees the same pixels."""

import signal
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, default_collate

from .images import BrokenImage, Images
from .order import Item, KeyedSampler
from .unreadable import Unreadable

Transform = Callable[..., Any]  # image or x_HWC, size in px, magnitude, generator -> the same of that size
STAND_INS = 100  # images drawn in place of an unreadable one; with 1 % of them broken the second is rarely needed


class Batch(NamedTuple):
    """Pixels (uint8), labels (B,) int64 or (B, K) float32, and the numbers of images that others stand in for, or -1.

    An unreadable image is replaced, so that batches keep their shape, by one drawn by seed, epoch and index.
    """

    x_BCHW: Any  # a Tensor, or the tensors by which the device makes it: `augment.Crops`
    labels: Tensor
    unreadable_B: Tensor


class TrainSet(Dataset):
    """Image, label and -1 of an `Item`, transformed with random numbers keyed by seed, epoch and index.

    For an unreadable image those of its stand-in, and its number. Raises BrokenImage when no stand-in can be read.
    """

    def __init__(self, images: Images, transform: Transform, seed: int):
        self.images, self.transform, self.seed = images, transform, seed

    def __getitem__(self, item: Item) -> tuple[Tensor, int | np.ndarray, int]:
        key = [self.seed, item.epoch, item.index]
        try:
            return *self.draw(item, item.index, np.random.default_rng(key)), -1
        except BrokenImage as error:
            fault = error
        for attempt in range(STAND_INS):
            rng = np.random.default_rng([*key, attempt])
            try:
                return *self.draw(item, int(rng.integers(len(self.images))), rng), item.index
            except BrokenImage:
                continue
        raise BrokenImage(f"{fault}; nor could {STAND_INS} images drawn in its place be read: fetch the set again")

    def draw(self, item: Item, index: int, rng: np.random.Generator) -> tuple[Tensor, int | np.ndarray]:
        image = self.transform(self.images.image(index), item.image_size, item.magnitude, rng)
        return to_tensor(image), self.images.labels[index]


class ArraySet(TrainSet):
    """The same of a `transform` of arrays, which saves making a Pillow image of each."""

    def draw(self, item: Item, index: int, rng: np.random.Generator) -> tuple[Tensor, int | np.ndarray]:
        x_HWC = self.transform(self.images.array(index), item.image_size, item.magnitude, rng)
        return torch.from_numpy(x_HWC).permute(2, 0, 1), self.images.labels[index]


def to_tensor(image: Image.Image) -> Tensor:
    """RGB image -> uint8 x_CHW."""
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)


def outlive_sigterm(worker: int) -> None:
    """In a loading process: the first SIGTERM is for the one that trains, which saves and then ends its workers.

    Clusters, `timeout` and systemd send it to all processes of a group, and torch takes a worker's death for an error.
    """
    signal.signal(signal.SIGTERM, lambda *_: signal.signal(signal.SIGTERM, signal.SIG_DFL))


def train_loader(batches: Dataset, sampler: KeyedSampler, workers: int = 0, pin_memory: bool = False) -> DataLoader:
    """A `Batch` for each step of the sampler, in its order. Workers live as long as the loader.

    `batches` is a `TrainSet`, or whatever makes a `Batch` of a list of `Item`s at once.
    """
    return DataLoader(
        batches,
        batch_sampler=sampler,
        num_workers=workers,
        collate_fn=collate_train,
        pin_memory=pin_memory,
        persistent_workers=workers > 0,
        worker_init_fn=outlive_sigterm,
        generator=torch.Generator(),  # or the loader would draw from, and so move on, the global one
    )


def collate_train(draws: list[tuple] | Batch) -> Batch:
    if isinstance(draws, Batch):
        return draws
    # As they lie in memory, colours last: `default_collate` would sort them by colour, and the device sort them back.
    x_BHWC = default_collate([x_CHW.permute(1, 2, 0) for x_CHW, *_ in draws])
    return Batch(x_BHWC.permute(0, 3, 1, 2), *default_collate([rest for _, *rest in draws]))


class EvalSet(Dataset):
    """Image and label `i`, or `i` itself where the image is unreadable and may be skipped."""

    def __init__(self, images: Images, resize: Callable[[Image.Image], Image.Image | Tensor], skip: bool):
        self.images, self.resize, self.skip = images, resize, skip

    def __getitem__(self, i: int) -> tuple[Tensor, int | np.ndarray] | int:
        try:
            image = self.images.image(i)
        except BrokenImage:
            if self.skip:
                return i
            raise
        resized = self.resize(image)
        return resized if isinstance(resized, Tensor) else to_tensor(resized), self.images.labels[i]


def collate_eval(draws: list) -> tuple[list | None, list[int]]:
    """Batch of the readable images, or None, and the numbers of the others."""
    whole = [draw for draw in draws if not isinstance(draw, int)]
    return default_collate(whole) if whole else None, [draw for draw in draws if isinstance(draw, int)]


def eval_batches(
    images: Images,
    resize: Callable[[Image.Image], Image.Image | Tensor],
    batch_size: int,
    rank: int = 0,
    world: int = 1,
    workers: int = 0,
    unreadable: Unreadable | None = None,
) -> Iterator[tuple[Tensor, Tensor]]:
    """All images once, in order: (x_BCHW, labels), of which process `rank` of `world` gets one stretch.

    Pixels are uint8, or whatever tensor `resize` makes of an image.

    Batches may be short: the last, and those with images that `unreadable` counts and that are left out. Without
    `unreadable` such an image raises BrokenImage.
    """
    stretch = range(rank * len(images) // world, (rank + 1) * len(images) // world)
    loader = DataLoader(
        EvalSet(images, resize, skip=unreadable is not None),
        batch_size,
        sampler=stretch,
        num_workers=workers,
        worker_init_fn=outlive_sigterm,
        collate_fn=collate_eval,
        generator=torch.Generator(),
    )
    for batch, broken in loader:
        if broken:
            unreadable.note(broken)
        if batch is not None:
            yield tuple(batch)
