"""Crop, resize and mirror on the device that holds all images: two batched matrix products, with PIL's very pixels.

Row o of a matrix holds the weights with which PIL's resize makes pixel o, whole numbers below 2^22. A float of 8 bits
is enough for a third of each, so the products are exact on every device, whatever precision its matrix units have; the
sums of up to EXACT products stay below 2^24, which float32 holds exactly. All shapes are static.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from ..datasets import Batch, Decoded, Images, Item
from ..datasets.decoded import MEMORY_SHARE, mib, say_once
from ..devices import Device, free_memory
from . import kernels
from .batches import drawn, words_of
from .transforms import TrainTransform

PARTS = ((16, None), (8, 255), (0, 255))  # a weight's highest bits with its sign, and twice eight more
EXACT = 2**24 // 255**2  # products of a part and a pixel, each 255 at most, whose sum float32 holds


class Crops(NamedTuple):
    """What the device needs to make a batch of S px: images by number, and for both axes the first of T pixels in a row
    that output pixel o is made of and their weights in 1/2^22. `turned_B` tells where rows come before columns."""

    index_B: Tensor
    first_2BS: Tensor
    weights_2BST: Tensor
    turned_B: Tensor


def held_images(images: Images, transform: TrainTransform, device: Device, count: int, size: int) -> Tensor | None:
    """uint8 x_NCHW of all images on `device`, where it is to make `count` crops of them, of at least `size` px; None
    where the host does.

    The host does on a CPU, on more than one device, where it also augments, without numba, for images so large that a
    pixel is made of more than EXACT in a row, and for those that take more than MEMORY_SHARE of what is free of the
    device's memory, or of the host's, through which they pass. That is said once on stderr.
    """
    alone = device.kind != "cpu" and device.world == device.shards == 1
    if not alone or images.decoded is None or transform.policy != "none" or not kernels.pay(count):
        return None
    from .kernels.resize import FILTERS, taps

    side = side_of(images.decoded)
    if taps(size, FILTERS[transform.interpolation], 0, side) > EXACT:
        return None
    need, free = 3 * len(images) * side**2, min(device.free_memory(), free_memory())
    if need > MEMORY_SHARE * free:
        said = f"take {mib(need)} on the device, more than {MEMORY_SHARE:.0%} of the {mib(free)} free: the host crops"
        say_once(f"{len(images):,} images as squares of {side} px", said)
        return None
    return device.put((squares(images.decoded),))[0]


class CropBatches(Dataset):
    """What a list of `Item`s draws, as a `Batch` with `Crops` in the place of pixels."""

    def __init__(self, images: Images, decoded: Decoded, transform: TrainTransform, seed: int):
        self.images, self.decoded, self.transform = images, decoded, transform
        self.seed = words_of(seed)
        self.side = side_of(decoded)

    def __len__(self) -> int:
        return len(self.images)

    def __getitems__(self, items: list[Item]) -> Batch:
        from .kernels.resize import FILTERS, TALL_FIRST, taps, weights_of

        epoch, _, size, _ = items[0]
        index_B = np.array([item.index for item in items])
        size_B2 = self.decoded.size_N2[index_B]
        box_B4, mirror_B, *_ = drawn(self.transform, self.seed, epoch, index_B, size_B2, operations=0)
        kind = FILTERS[self.transform.interpolation]
        most = taps(size, kind, 0, self.side)
        first_2BS = np.zeros((2, len(items), size), np.int64)
        weights_2BST = np.zeros((2, len(items), size, most), np.int32)
        turned_B = np.zeros(len(items), np.bool_)
        weights_of(size_B2, box_B4, mirror_B, kind, TALL_FIRST, first_2BS, weights_2BST, turned_B)
        crops = Crops(*map(torch.from_numpy, (index_B, first_2BS, weights_2BST, turned_B)))
        return Batch(crops, torch.from_numpy(self.images.labels[index_B]), torch.full((len(items),), -1))


def side_of(decoded: Decoded) -> int:
    """The longest side of all images, px: that of the squares in which the device holds them."""
    return int(decoded.size_N2.max())


def squares(decoded: Decoded) -> Tensor:
    """uint8 x_NCHW of all images, each in the upper left corner of a square of the longest side."""
    side = side_of(decoded)
    x_NCHW = np.zeros((len(decoded.size_N2), 3, side, side), np.uint8)
    for i, (height, width) in enumerate(decoded.size_N2):
        x_NCHW[i, :, :height, :width] = decoded.image(i).transpose(2, 0, 1)
    return torch.from_numpy(x_NCHW)


def matrices(first_BS: Tensor, weights_BST: Tensor, side: int) -> Tensor:
    """Whole numbers w_BSM: the weights of M = `side` pixels in each of S output pixels."""
    B, S, T = weights_BST.shape
    places_BST = first_BS[..., None] + torch.arange(T, device=first_BS.device)
    w_BSM = torch.zeros(B, S, side + T, dtype=torch.int32, device=first_BS.device)
    return w_BSM.scatter(2, places_BST, weights_BST)[..., :side]


def summed(w_BSM: Tensor, x_BCMW: Tensor) -> Tensor:
    """x_BCSW: columns of whole numbers 0 to 255 in float32 weighted by w / 2^22, rounded and clipped as PIL does."""
    total = torch.full((), 1 << 21, dtype=torch.int32, device=x_BCMW.device)
    for shift, mask in PARTS:
        part = w_BSM >> shift if mask is None else (w_BSM >> shift) & mask
        total = total + ((part.float()[:, None] @ x_BCMW).int() << shift)
    return (total >> 22).clamp(0, 255).float()


def crop_on_device(x_NCHW: Tensor, crops: Crops) -> Tensor:
    """uint8 x_BCHW, cut out of the squares x_NCHW that the device holds."""
    x_BCHW = x_NCHW.index_select(0, crops.index_B).float()
    turned_B111 = crops.turned_B[:, None, None, None]
    x_BCHW = torch.where(turned_B111, x_BCHW.transpose(2, 3), x_BCHW)
    across, down = (matrices(first, w, x_NCHW.shape[-1]) for first, w in zip(*crops[1:3], strict=True))
    columns_BCSH = summed(across, x_BCHW.transpose(2, 3))
    x_BCHW = summed(down, columns_BCSH.transpose(2, 3))
    return torch.where(turned_B111, x_BCHW.transpose(2, 3), x_BCHW).to(torch.uint8)
