"""Mixup as released: weight max(w, 1 - w) with w ~ Beta(alpha, alpha) for each image, partner = the batch reversed.

Source: automl datasets.py `mixup`; V2 §4.2 gives the formula without the maximum.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


def mixup_weights(batch_size: int, alpha: float, rng: np.random.Generator) -> Tensor:
    """weight_B of each image in its own mixture, in [0.5, 1]; all ones for alpha = 0. Drawn on the host."""
    if alpha == 0:
        return torch.ones(batch_size)
    w = rng.beta(alpha, alpha, batch_size)
    return torch.from_numpy(np.maximum(w, 1 - w)).float()


def mix(x_BCHW: Tensor, weight_B: Tensor) -> Tensor:
    """Each image with the one at the mirrored place of the batch."""
    weight_B111 = weight_B.view(-1, 1, 1, 1)
    return weight_B111 * x_BCHW + (1 - weight_B111) * x_BCHW.flip(0)


def mixed_loss(logits_BK: Tensor, labels_B: Tensor, weight_B: Tensor, label_smoothing: float) -> Tensor:
    """Cross entropy (mean over the batch, nats) against the mixed labels."""
    own_B = F.cross_entropy(logits_BK, labels_B, reduction="none", label_smoothing=label_smoothing)
    partner_B = F.cross_entropy(logits_BK, labels_B.flip(0), reduction="none", label_smoothing=label_smoothing)
    return (weight_B * own_B + (1 - weight_B) * partner_B).mean()
