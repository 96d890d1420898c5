"""The order of training images: a function of seed and epoch, cut into batches, and into a slice for each process."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, cast

import numpy as np
from torch.utils.data import Sampler

from ..words import plural


class Item(NamedTuple):
    """One draw of one image. Size and magnitude travel with it, so that workers outlive a change of stage."""

    epoch: int
    index: int  # type: ignore[assignment]  # hides tuple's method of this name
    image_size: int
    magnitude: float


def epoch_order(count: int, seed: int, epoch: int, shards: np.ndarray | None = None, window: int = 0) -> np.ndarray:
    """A permutation of `count` images keyed by seed and epoch: a uniform one, or by windows of shards.

    With a window the shards (`shards[i]` is that of image i) are shuffled, then the images within each `window` of
    them, so that no more than so many shards are read at a time.
    """
    rng = np.random.default_rng([seed, epoch])
    if not window:
        return rng.permutation(count)
    numbers, shard_B = np.unique(cast(np.ndarray, shards), return_inverse=True)  # a window is one over shards
    window_of = rng.permutation(len(numbers)) // window
    return np.lexsort((rng.random(count), window_of[shard_B]))


class KeyedSampler(Sampler[list[Item]]):
    """Batches of `Item` from step `start` to `stop`; `look(step)` gives image size and magnitude.

    Every epoch is a fresh permutation; the images left over after the last full batch are dropped. `batch_size` is that
    of all processes: number `rank` of `world` gets its contiguous slice of every batch. `shards` and `window` as in
    `epoch_order`, for storage that is slow to seek. Raises ValueError for a batch that the images do not fill or that
    the processes cannot share evenly, and for a window over images without shards.
    """

    def __init__(
        self,
        count: int,
        batch_size: int,
        start: int,
        stop: int,
        seed: int,
        look: Callable[[int], tuple[int, float]],
        rank: int = 0,
        world: int = 1,
        shards: np.ndarray | None = None,
        window: int = 0,
    ):
        if count < batch_size:
            raise ValueError(
                f"no batch of {batch_size} can be made of {plural(count, 'image')}: use a smaller batch or more images"
            )
        if batch_size % world:
            raise ValueError(f"a batch of {batch_size} for {world} processes: use a multiple of {world}")
        if window < 0 or (window and shards is None):
            raise ValueError(f"window {window}: use 0, or with tar shards or parquet a number of shards")
        self.count, self.batch_size, self.start, self.stop = count, batch_size, start, stop
        self.seed, self.look, self.shards, self.window = seed, look, shards, window
        share = batch_size // world
        self.slice = slice(rank * share, (rank + 1) * share)

    def __len__(self) -> int:
        return self.stop - self.start

    def __iter__(self) -> Iterator[list[Item]]:
        per_epoch = self.count // self.batch_size
        last = None
        for step in range(self.start, self.stop):
            epoch, batch = divmod(step, per_epoch)
            if epoch != last:
                order, last = epoch_order(self.count, self.seed, epoch, self.shards, self.window), epoch
            size, magnitude = self.look(step)
            chosen = order[batch * self.batch_size : (batch + 1) * self.batch_size][self.slice]
            yield [Item(epoch, int(i), size, magnitude) for i in chosen]
