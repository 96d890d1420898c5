"""Mixup and cutmix as released: every image is mixed with one other image of its batch, and so are their labels.

The partner is the neighbour, 0 with 1, 2 with 3 and so on, where the release takes the batch reversed. A batch is a
random permutation, so either way the partner is any other image; but pairs of neighbours lie whole inside every shard
and every group of batch norm, which therefore give what the whole batch gives.

Source: automl datasets.py `mixup`, `cutmix`. V2 §4.2 gives mixup's formula without the maximum and no cutmix.
"""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


class Mixing(NamedTuple):
    """How each image of a batch is mixed. Shapes and dtypes are the same whether anything is mixed or not."""

    weight_B: Tensor  # float32: of the image in its own blend, 1 with cutmix
    box_B4: Tensor  # int64: top, bottom, left, right (px) of the partner's pixels in the image; empty with mixup
    label_B: Tensor  # float32: of the image's own label


def draw_mixing(
    rng: np.random.Generator, batch_size: int, image_size: int, mixup_alpha: float, cutmix_alpha: float
) -> Mixing:
    """The draws of one batch, on the host; an alpha of 0 is off. With both on, pairs take turns, mixup first.

    mixup: weight max(w, 1 - w), w ~ Beta(alpha, alpha) for each image.
    cutmix: a square of side sqrt(1 - w) of the image's, its centre uniform, clipped; it weighs what it really covers.

    Raises ValueError for alpha < 0, and for a batch that is not a multiple of 2 (of 4 with both on).
    """
    for name, alpha in (("mixup", mixup_alpha), ("cutmix", cutmix_alpha)):
        if alpha < 0:
            raise ValueError(f"{name} alpha {alpha}: it is at least 0, which is off")
    both = mixup_alpha > 0 and cutmix_alpha > 0
    if batch_size % (4 if both else 2):
        what = "4, because pairs take turns between mixup and cutmix" if both else "2, because images mix in pairs"
        raise ValueError(f"batch of {batch_size}: it must be a multiple of {what}")
    weight, box = np.ones(batch_size), np.zeros((batch_size, 4), np.int64)
    if mixup_alpha > 0:
        w = rng.beta(mixup_alpha, mixup_alpha, batch_size)
        weight = np.maximum(w, 1 - w)
    if cutmix_alpha > 0:
        box = boxes(rng, batch_size, image_size, cutmix_alpha)
    if both:
        cut = np.arange(batch_size) // 2 % 2 == 1
        weight, box = np.where(cut, 1, weight), np.where(cut[:, None], box, 0)
    area = (box[:, 1] - box[:, 0]) * (box[:, 3] - box[:, 2]) / image_size**2
    own = weight * (1 - area)
    return Mixing(torch.from_numpy(weight).float(), torch.from_numpy(box), torch.from_numpy(own).float())


def boxes(rng: np.random.Generator, batch_size: int, image_size: int, alpha: float) -> np.ndarray:
    """box_B4 of cutmix."""
    half = (image_size * np.sqrt(1 - rng.beta(alpha, alpha, batch_size))).astype(int)[:, None] // 2
    centre = rng.integers(image_size, size=(batch_size, 2))
    low, high = (np.clip(centre + side, 0, image_size) for side in (-half, half))
    return np.stack((low[:, 0], high[:, 0], low[:, 1], high[:, 1]), axis=1)


def partner(x: Tensor) -> Tensor:
    """Neighbours of the first dimension exchanged."""
    return x.view(-1, 2, *x.shape[1:]).flip(1).view(x.shape)


def mix(x_BCHW: Tensor, mixing: Mixing) -> Tensor:
    """The batch, normalised or not, with each image blended with its partner or holding a box of it."""
    H, W = x_BCHW.shape[2:]
    top, bottom, left, right = mixing.box_B4.view(-1, 4, 1, 1, 1).unbind(1)
    y, x = torch.arange(H, device=x_BCHW.device).view(H, 1), torch.arange(W, device=x_BCHW.device)
    inside = ((y >= top) & (y < bottom)) & ((x >= left) & (x < right))
    weight_B111 = mixing.weight_B.view(-1, 1, 1, 1)
    other_BCHW = partner(x_BCHW)
    return torch.where(inside, other_BCHW, weight_B111 * x_BCHW + (1 - weight_B111) * other_BCHW)


def mixed_loss(
    logits_BK: Tensor, targets: Tensor, mixing: Mixing, label_smoothing: float, weight_K: Tensor | None = None
) -> Tensor:
    """Cross entropy (mean over the batch, nats) against the mixed labels; `weight_K` weighs classes as torch does.

    The mean is over images, not over their weights: so a batch of rare classes moves the network as far as it should.

    `targets` are classes, int64 labels_B, or rows of weights, float y_BK, which are normalised to sum 1: the papers'
    loss for the several labels of an ImageNet-21k image (V2 §5.2).
    """
    if targets.is_floating_point():
        targets = targets / targets.sum(1, keepdim=True)
    own_B, partner_B = (
        F.cross_entropy(logits_BK, t, weight_K, reduction="none", label_smoothing=label_smoothing)
        for t in (targets, partner(targets))
    )
    return (mixing.label_B * own_B + (1 - mixing.label_B) * partner_B).mean()
