"""The keyed loader: which image, in which order, at which size and with which random numbers are functions of
seed, epoch and index alone. So a run resumes at any step, with any number of workers, and sees the same pixels."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from .images import Images

Transform = Callable[[Image.Image, int, float, np.random.Generator], Image.Image]


class Item(NamedTuple):
    """One draw of one image. Size and magnitude travel with it, so that workers outlive a change of stage."""

    epoch: int
    index: int
    image_size: int
    magnitude: float


class KeyedSampler(Sampler[list[Item]]):
    """Batches of `Item` from step `start` to `stop`; `look(step)` gives image size and magnitude.

    Every epoch is a fresh permutation; the images left over after the last full batch are dropped.
    """

    def __init__(self, count: int, batch_size: int, start: int, stop: int, seed: int, look: Callable):
        if count < batch_size:
            raise ValueError(f"{count} images make no batch of {batch_size}: use a smaller batch or more images")
        self.count, self.batch_size, self.start, self.stop = count, batch_size, start, stop
        self.seed, self.look = seed, look

    def __len__(self) -> int:
        return self.stop - self.start

    def __iter__(self) -> Iterator[list[Item]]:
        per_epoch = self.count // self.batch_size
        last = None
        for step in range(self.start, self.stop):
            epoch, batch = divmod(step, per_epoch)
            if epoch != last:
                order, last = np.random.default_rng([self.seed, epoch]).permutation(self.count), epoch
            size, magnitude = self.look(step)
            chosen = order[batch * self.batch_size : (batch + 1) * self.batch_size]
            yield [Item(epoch, int(i), size, magnitude) for i in chosen]


class TrainSet(Dataset):
    """Image and label of an `Item`, transformed with random numbers keyed by seed, epoch and index."""

    def __init__(self, images: Images, transform: Transform, seed: int):
        self.images, self.transform, self.seed = images, transform, seed

    def __getitem__(self, item: Item) -> tuple[Tensor, int]:
        rng = np.random.default_rng([self.seed, item.epoch, item.index])
        image = self.transform(self.images.image(item.index), item.image_size, item.magnitude, rng)
        return to_tensor(image), int(self.images.labels[item.index])


def to_tensor(image: Image.Image) -> Tensor:
    """RGB image -> uint8 x_CHW."""
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)


def train_loader(
    images: Images, transform: Transform, sampler: KeyedSampler, seed: int, workers: int = 0
) -> DataLoader:
    """Batches (uint8 x_BCHW, labels_B) in the sampler's order."""
    return DataLoader(TrainSet(images, transform, seed), batch_sampler=sampler, num_workers=workers)


def eval_batches(
    images: Images, resize: Callable[[Image.Image], Image.Image], batch_size: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """All images once, in order; the last batch may be short."""
    for start in range(0, len(images), batch_size):
        chosen = range(start, min(start + batch_size, len(images)))
        pixels = torch.stack([to_tensor(resize(images.image(i))) for i in chosen])
        yield pixels, torch.tensor(images.labels[chosen.start : chosen.stop])
