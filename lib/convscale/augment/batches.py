"""Training and evaluation images of a set whose pixels are in memory, a whole batch at a time.

The batches are those of `datasets.train_loader` and `datasets.eval_batches`, pixel by pixel; numba makes them ten times
faster for small images.
"""

from collections.abc import Iterator
from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from ..datasets import Batch, Decoded, Images, Item
from . import kernels
from .crops import centre_box
from .eval_pixels import EvalPixels, PapersTransform
from .operations import LAYERS
from .profiles import applied_share
from .transforms import TrainTransform


def whole_batches(images: Images, transform: TrainTransform, seed: int, count: int) -> "WholeBatches | None":
    """Batches of `count` images in all, keyed by `seed`; None where the loader has to make them one by one.

    That is so for pixels that are not in memory, without numba, for few images, and for what only PIL has.
    """
    if images.decoded is None or not kernels.pay(count):
        return None
    from .kernels.tables import known

    if not known(transform):
        return None
    return WholeBatches(images, images.decoded, transform, seed)


class WholeBatches(Dataset):
    """What a list of `Item`s draws, as a `Batch`: a `TrainSet` that is asked for whole batches."""

    def __init__(self, images: Images, decoded: Decoded, transform: TrainTransform, seed: int):
        self.images, self.decoded, self.transform = images, decoded, transform
        self.seed = words_of(seed)

    def __len__(self) -> int:
        return len(self.images)

    def __getitems__(self, items: list[Item]) -> Batch:
        """x_BCHW of one size: `items` are of one epoch and stage."""
        epoch, _, size, magnitude = items[0]
        index_B = np.array([item.index for item in items])
        x_BCHW = torch.from_numpy(self.pixels(epoch, index_B, size, magnitude)).permute(0, 3, 1, 2)
        labels = torch.from_numpy(self.images.labels[index_B])
        return Batch(x_BCHW, labels, torch.full((len(items),), -1))

    def pixels(self, epoch: int, index_B: np.ndarray, size: int, magnitude: float) -> np.ndarray:
        """x_BHWC: cropped, mirrored and augmented with the numbers that the key of each image draws."""
        from .kernels.operations import randaugment
        from .kernels.resize import FILTERS, TALL_FIRST, resize
        from .kernels.tables import tables

        t, decoded = self.transform, self.decoded
        told = tables(t.profile, magnitude, size, t.pixels, t.operations) if t.policy == "randaugment" else None
        start_B, size_B2 = decoded.start_N[index_B], decoded.size_N2[index_B]
        draws = drawn(t, self.seed, epoch, index_B, size_B2, operations=len(told.kind_N) if told else 0)
        x_BHWC = np.empty((len(index_B), size, size, 3), np.uint8)
        kind = FILTERS[t.interpolation]
        resize(decoded.pixels, start_B, size_B2, draws.box_B4, draws.mirror_B, kind, TALL_FIRST, x_BHWC)
        if told:
            randaugment(x_BHWC, draws.operation_BL, draws.sign_BL, draws.where_BL2, *told)
        return x_BHWC


class Keyed(NamedTuple):
    """What the keys of a batch's images draw: box (left, upper, right, lower, px), mirror, and of RandAugment's layers
    the operation's number, its sign (0 for -, 1 for +) and a place in shares of height and width."""

    box_B4: np.ndarray
    mirror_B: np.ndarray
    operation_BL: np.ndarray
    sign_BL: np.ndarray
    where_BL2: np.ndarray


def drawn(
    transform: TrainTransform, seed: np.ndarray, epoch: int, index_B: np.ndarray, size_B2: np.ndarray, operations: int
) -> Keyed:
    """The draws of images `index_B` of these heights and widths in px, of so many `operations`, 0 for none."""
    from .kernels.draws import draw

    B = len(index_B)
    numbers, signs = np.empty((2, B, LAYERS), np.int64)
    found = Keyed(np.empty((B, 4), np.int64), np.empty(B, np.bool_), numbers, signs, np.empty((B, LAYERS, 2)))
    area, whole = np.array(transform.crop_area, float), transform.crop == "whole"
    share = applied_share(transform.profile)
    key = np.concatenate([seed, words_of(epoch)])
    draw(key, index_B, size_B2, area, whole, transform.flip, operations, share, *found)
    return found


def words_of(number: int) -> np.ndarray:
    """The uint32 words that numpy's SeedSequence makes of a number from 0 on, the lowest first."""
    return np.array([number >> shift & 0xFFFFFFFF for shift in range(0, max(number.bit_length(), 1), 32)], np.uint32)


def in_whole_batches(images: Images, pixels: EvalPixels) -> bool:
    """Whether `eval_whole_batches` can make these images, and pays."""
    return images.decoded is not None and isinstance(pixels.transform, PapersTransform) and kernels.pay(len(images))


def eval_whole_batches(
    images: Images, transform: PapersTransform, batch_size: int, rank: int = 0, world: int = 1
) -> Iterator[tuple[Tensor, Tensor]]:
    """As `datasets.eval_batches`, of images whose pixels are in memory."""
    from .kernels.resize import FILTERS, TALL_FIRST, resize

    decoded, p = cast(Decoded, images.decoded), transform.preprocessing
    boxes_N4 = np.array([centre_box(int(width), int(height), p) for height, width in decoded.size_N2])
    stop = (rank + 1) * len(images) // world
    for start in range(rank * len(images) // world, stop, batch_size):
        part = slice(start, min(start + batch_size, stop))
        size_B2, box_B4 = decoded.size_N2[part], boxes_N4[part]
        x_BHWC = np.empty((len(box_B4), p.size, p.size, 3), np.uint8)
        still_B = np.zeros(len(box_B4), np.bool_)
        start_B = decoded.start_N[part]
        resize(decoded.pixels, start_B, size_B2, box_B4, still_B, FILTERS[p.interpolation], TALL_FIRST, x_BHWC)
        yield torch.from_numpy(x_BHWC).permute(0, 3, 1, 2), torch.from_numpy(images.labels[part])
