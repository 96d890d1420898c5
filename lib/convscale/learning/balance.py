"""Weights of classes in the loss, for sets in which some have far fewer images than others."""

import numpy as np
import torch
from torch import Tensor

from ..datasets import Images


def balanced(images: Images) -> Tensor:
    """weight_K = N / (K n_k), where n_k of N images are of class k and K classes have any: each class weighs as much.

    The mean weight of an image is 1 (King and Zeng, Logistic Regression in Rare Events Data, 2001; scikit-learn's
    "balanced"). Of several classes an image counts in the first of greatest weight. 0 for a class without images.
    """
    count_K = np.bincount(images.main_labels(), minlength=len(images.classes))
    weight_K = len(images) / (np.count_nonzero(count_K) * np.maximum(count_K, 1))
    return torch.from_numpy(np.where(count_K > 0, weight_K, 0)).float()
